"""Values without a content: keyed by the code that made them, or not cached at all."""

from __future__ import annotations

from pathlib import Path

from .conftest import Notebook

MAKE = "import threading\ndef make(n):\n    lock = threading.Lock()\n    return lock\nsize = 1"
USE = "%%orion_task use --kind thread{}\nfree = not lock.locked()"
VOUCHED = USE.format(" --by-provenance lock")


def test_without_a_word_it_is_not_cached_and_says_how(notebook: Notebook) -> None:
    notebook.run(MAKE)
    notebook.run("lock = make(size)")
    notebook.run(USE.format(""))
    notebook.wait("use")
    text = notebook.run("%orion why use")
    assert "not cached: global `lock` read by the cell" in text
    assert "--by-provenance lock" in text


def test_the_same_code_makes_a_hit_and_is_named(notebook: Notebook) -> None:
    notebook.run(MAKE)
    notebook.run("lock = make(size)")
    assert "keyed by provenance" in notebook.run(VOUCHED)
    notebook.wait("use")
    assert "keyed by provenance: lock" in notebook.run("%orion why use")
    notebook.run("print('something else')")
    notebook.run("lock = make( size )  # again")
    notebook.run(VOUCHED.replace("use", "same"))
    notebook.wait("same")
    assert notebook.state("same") == "hit", notebook.run("%orion why same")


def misses(notebook: Notebook, *cells: str) -> None:
    """After these cells the task is computed again."""
    for cell in cells:
        notebook.run(cell)
    before = notebook.cell("use").tasks
    notebook.run(VOUCHED)
    notebook.wait("use")
    assert notebook.cell("use").tasks != before, cells
    assert notebook.state("use") == "done", cells


def test_whatever_can_have_changed_it_is_a_miss(notebook: Notebook) -> None:
    notebook.run(MAKE)
    notebook.run("lock = make(size)")
    notebook.run("def touch():\n    lock.acquire(); lock.release()")
    notebook.run(VOUCHED)
    notebook.wait("use")
    misses(notebook, "lock.acquire(); lock.release()")
    misses(notebook, "touch()")
    misses(notebook, "alias = lock", "alias.acquire(); alias.release()")
    misses(notebook, "class Box:\n    def go(self):\n        touch()", "box = Box()", "box.go()")
    misses(notebook, "size = 2", "lock = make(size)")
    misses(notebook, "def make(n):\n    return threading.Lock()", "lock = make(size)")


def test_a_changed_result_of_a_task_that_it_was_made_of_is_a_miss(notebook: Notebook) -> None:
    notebook.run(MAKE)
    notebook.run("%%orion_task load\nn = 1")
    notebook.run("lock = make(n)")
    notebook.run(VOUCHED)
    notebook.wait("use")
    notebook.run("%%orion_task load\nn = 2")
    misses(notebook, "lock = make(n)")


def test_what_the_log_cannot_know_is_not_cached(notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("import threading\nlock = threading.Lock()\n")
    for cells, why in (
        (["%run script.py"], "run is not Python"),
        ([MAKE, "lock = make(1)", "exec('lock.acquire(); lock.release()')"], "with `exec`"),
        ([MAKE, "lock = make(1)", "lock", "_.locked()"], "with `_`"),
        ([MAKE, "from threading import *\nlock = make(1)"], "`import *`"),
        ([MAKE, "lock = make(1)", USE.replace("use", "other").format("")], "task other may have"),
    ):
        for cell in cells:
            notebook.run(cell)
        notebook.run(VOUCHED)
        notebook.wait("use")
        text = notebook.run("%orion why use")
        assert "nor is its provenance known" in text, cells
        assert why in text, text
    notebook.shell.user_ns["lock"] = notebook.shell.user_ns["make"](1)
    notebook.run(VOUCHED)
    notebook.wait("use")
    assert "bound outside of any cell" in notebook.run("%orion why use")


def test_an_unknown_name_is_refused(notebook: Notebook) -> None:
    assert "--by-provenance lok" in notebook.refuse("%%orion_task a --by-provenance lok\nx = 1")
