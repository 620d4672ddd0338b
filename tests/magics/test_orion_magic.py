"""`%orion`: what each word does and shows; errors in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter

from orion_nb.core.model import ObjectRef
from orion_nb.exceptions import TaskFailed, UpstreamFailed
from orion_nb.magics.rendering import without_colours

from .conftest import Notebook

SLEEP = "import time\ntime.sleep({})\n"


def test_status_is_a_compact_table(notebook: Notebook) -> None:
    assert "No task cells yet" in notebook.run("%orion status")
    notebook.run("%%orion_task load\nx = 1")
    notebook.run("%%orion_task bad\ny = x / 0")
    notebook.run("%orion wait")
    lines = notebook.run("%orion status").splitlines()
    assert lines[0].split() == ["task", "state", "worker", "makes"]
    assert lines[2].startswith("✓ load")
    assert lines[3].startswith("✗ bad")
    assert "ZeroDivisionError: division by zero" in lines[3]
    assert "bad" not in notebook.run("%orion status load")


def test_why_names_what_changed(notebook: Notebook) -> None:
    notebook.run("step = 1\ndef helper(x):\n    return x + step")
    notebook.run("%%orion_task use\ny = helper(1)")
    notebook.wait("use")
    assert "nothing of this name was computed before" in notebook.run("%orion why use")
    notebook.run("step = 2")
    notebook.run("%%orion_task use\ny = helper(1)")
    notebook.wait("use")
    text = notebook.run("%orion why use")
    assert "global `step` changed (1 → 2)" in text
    assert "helper" not in text
    notebook.run("%%orion_task use --version 3\ny = helper(1)  # of course")
    notebook.wait("use")
    assert "you wrote --version 3, and none before" in notebook.run("%orion why y")


def differences(notebook: Notebook, name: str) -> list[str]:
    """What `why` says has changed since the last result."""
    lines = notebook.run(f"%orion why {name}").splitlines()
    at = next(i for i, line in enumerate(lines) if "compared with the last result" in line)
    told = lines[at + 1 :]
    return [line.strip() for line in told[: told.index("")]]


def test_why_names_inputs(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nx = 1\nz = 1")
    notebook.run("%%orion_task other\nw = 1")
    notebook.run("%%orion_task use\ny = w + x + z")
    notebook.wait()
    notebook.run("%%orion_task load\nx = 2\nz = 1")
    notebook.run("%orion run --wait")
    assert differences(notebook, "use") == ["input `x` has a new content · line 2: y = w + x + z"]
    notebook.run("%%orion_task use\ny = w + x")
    notebook.wait()
    assert differences(notebook, "use")[1:] == ["it no longer reads input `z`"]


def test_why_names_inputs_of_a_map(notebook: Notebook) -> None:
    notebook.run("%%orion_task part --map n in range(3)\np = n")
    notebook.run("%%orion_task total\nt = sum(p)")
    notebook.wait()
    notebook.run("%%orion_task part --map n in range(4)\np = min(n, 1)")
    notebook.run("%orion run --wait")
    assert differences(notebook, "total") == [
        "input `p[2]` has a new content · line 2: t = sum(p)",
        "it now reads input `p[3]` · line 2: t = sum(p)",
    ]
    assert "last result of part[n=0]" in notebook.run("%orion why part")


def test_why_names_helpers_modules_and_versions(notebook: Notebook, tmp_path: Path) -> None:
    module = tmp_path / "why_helpers.py"
    module.write_text("def twice(x):\n    return 2 * x\n")
    notebook.run("import why_helpers\ndef helper(x):\n    return x + 1")
    cell = "%%orion_task use{}\ny = helper(why_helpers.twice(1))"
    notebook.run(cell.format(""))
    assert notebook["y"] == 3
    notebook.run("def helper(x):  # cosmetic\n    return x + 1")
    notebook.run(cell.format(""))
    assert notebook.state("use") == "done"
    notebook.run("def helper(x):\n    return x + 2")
    notebook.run(cell.format(""))
    assert notebook["y"] == 4
    (told,) = differences(notebook, "use")
    assert told.startswith("`helper()` line 2 changed (Cell In[")
    assert told.endswith(" · line 2: y = helper(why_helpers.twice(1))")
    module.write_text("def twice(x):\n    return 3 * x\n")
    notebook.run(cell.format(""))
    assert notebook["y"] == 5
    assert differences(notebook, "use") == ["module `why_helpers` changed"]
    notebook.run(cell.format(" --version 1"))
    notebook.wait()
    notebook.run(cell.format(" --version 2"))
    notebook.wait()
    assert differences(notebook, "use") == ["you wrote --version 2 instead of 1"]


def test_why_tells_what_it_waits_for(notebook: Notebook) -> None:
    notebook.run("%orion workers 1")
    try:
        notebook.run("%%orion_task slow\n" + SLEEP.format(60) + "x = 1")
        notebook.run("%%orion_task queued\nq = 1")
        notebook.run("%%orion_task use\ny = x")
        notebook.until("slow", "running")
        assert "waiting for slow" in notebook.run("%orion why use")
        assert "1 of 1 workers is busy: slow" in notebook.run("%orion why queued")
    finally:
        notebook.run("%orion cancel")
        notebook.run("%orion workers 2")


def test_why_tells_of_hits_failures_and_no_key(notebook: Notebook) -> None:
    notebook.run("%%orion_task load --cache off\nx = 1")
    notebook.run("%%orion_task again\nz = 1")
    notebook.wait()
    notebook.run("%%orion_task other\nz = 1")
    notebook.wait()
    assert "the same code and inputs were computed" in notebook.run("%orion why other")
    notebook.run("import threading\nlock = threading.Lock()")
    notebook.run("%%orion_task locked --kind thread\nlocked = lock.locked()")
    notebook.wait()
    assert "not cached" in notebook.run("%orion why locked")
    notebook.run("%%orion_task bad\n1 / 0")
    notebook.wait()
    text = notebook.run("%orion why bad")
    assert "ZeroDivisionError" in text
    assert "a dead letter" in text


def test_plan_says_what_would_be_hit_run_and_blocked(notebook: Notebook) -> None:
    notebook.run("n = 1\ndef helper():\n    return n")
    notebook.run("%%orion_task a\nx = helper()")
    notebook.run("%%orion_task b\ny = x + 1")
    notebook.run("%%orion_task c\nz = 5")
    notebook.wait()
    assert notebook.run("%orion plan").count("up to date") == 3
    notebook.run("n = 2")
    text = notebook.run("%orion plan")
    assert "● a  " in text
    assert "after a; a hit if that gives the same" in text
    assert "✓ c  " in text
    notebook.run("%orion run --wait")
    notebook.run("n = 1")
    assert "⚡ a  " in notebook.run("%orion plan")
    notebook.run("del helper")
    text = notebook.run("%orion plan")
    assert "⊘ a  " in text
    assert "no name 'helper'" in text
    assert "needs a" in text


def test_run_leaves_alone_what_is_up_to_date(notebook: Notebook) -> None:
    notebook.run("%%orion_task a\nx = 1")
    notebook.wait()
    assert "Everything is up to date" in notebook.run("%orion run")


def test_logs_and_ref(notebook: Notebook) -> None:
    notebook.run("%%orion_task a\nprint('said')\nx = 1\ny = 2")
    notebook.wait()
    assert "said" in notebook.run("%orion logs x")
    notebook.run("r = %orion ref x")
    ref = notebook.shell.user_ns["r"]
    assert isinstance(ref, ObjectRef)
    assert notebook.parts.notebook.session.result(ref) == 1
    assert "name one of them" in notebook.refuse("%orion ref a")
    notebook.run("%%orion_task through_ref\nz = r + 1")
    assert notebook["z"] == 2


def test_cancel_and_retry(notebook: Notebook) -> None:
    notebook.run("%%orion_task slow\n" + SLEEP.format(30) + "x = 1")
    notebook.run("%%orion_task after\ny = x")
    assert "Cancelling: slow" in notebook.run("%orion cancel slow")
    notebook.wait()
    assert notebook.state("slow") == "cancelled"
    assert notebook.state("after") in ("cancelled", "upstream_failed")
    assert "Nothing is running" in notebook.run("%orion cancel")
    assert "Trying again: slow" in notebook.run("%orion retry slow")
    notebook.until("slow", "waiting", "queued", "running")
    notebook.run("%orion cancel")
    notebook.wait()
    assert "Nothing has failed" in notebook.run("%%orion_task ok\n1\n") + notebook.run(
        "%orion wait ok\n"
    ) + notebook.run("%orion retry ok")


def test_workers(notebook: Notebook) -> None:
    assert notebook.run("%orion workers").count("process") == 2
    assert notebook.run("%orion workers 3").count("process") == 3
    assert notebook.run("%orion workers 2").count("process") == 2


def test_cache(notebook: Notebook) -> None:
    notebook.run("%%orion_task a\nx = 1")
    notebook.wait()
    assert "1 results" in notebook.run("%orion cache")
    assert "a " in notebook.run("%orion cache list")
    assert "Forgot 1 cached result." in notebook.run("%orion cache clear")


def test_shutdown_and_a_new_start(notebook: Notebook) -> None:
    notebook.run("%%orion_task a\nx = 1")
    assert notebook["x"] == 1
    notebook.run("%orion shutdown")
    notebook.run("%%orion_task a\nx = 1")
    assert notebook["x"] == 1
    assert notebook.state("a") == "hit"


@pytest.mark.parametrize(
    "line", ["%orion dag?", "%orion dag ?", "%orion help dag", "%orion dag -h"]
)
def test_help_of_a_word(notebook: Notebook, line: str) -> None:
    assert "The live graph" in notebook.run(line)


def test_help_of_the_magics(notebook: Notebook) -> None:
    assert "%orion why" in notebook.run("%orion")
    assert "--map VAR in EXPR" in str(notebook.shell.find_cell_magic("orion_task").__doc__)


def test_completion_in_the_shell(notebook: Notebook) -> None:
    notebook.run("%%orion_task my-task\nmy_output = 1")
    with provisionalcompleter():
        for line, expected in (
            ("%orion logs my-", "my-task"),
            ("%orion logs my_", "my_output"),
            ("%orion sta", "status"),
        ):
            found = notebook.shell.Completer.completions(line, len(line))
            results = [line[: one.start] + one.text for one in found]
            assert f"{line.rpartition(' ')[0]} {expected}" in results


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%%orion_task a\nx = (1", "Cell In["),
        ("%%orion_task a\n\nx = 1 +", "line 3"),
        ("%%orion_task a", "is empty"),
        ("%%orion_task a\n\n  ", "is empty"),
        ("%%orion_task a\ny = plainn + 1", "did you mean 'plain'"),
        ("%%orion_task a --deps nothing\ny = 1", "--deps nothing"),
        ("%%orion_task a --after first,missing\ny = 1", "--after missing"),
        ("%%orion_task a --after a\ny = 1", "--after a"),
        ("%%orion_task first --after second\none = 1", "first → second → first"),
        ("%%orion_task a --no-such\ny = 1", "no-such"),
        ("%%orion_task a --map n in 5\ny = n", "TypeError"),
        ("%%orion_task a --map n, m in [(1,)]\ny = n", "has 1 parts, not 2"),
        ("%%orion_task a\ny = generator", "generator"),
        ("%orion logs nothing", "there is no task 'nothing'"),
        ("%orion no-such-word", "no such word"),
        ("%orion why", "NAME"),
        ("%orion workers 0", "at least one worker"),
    ],
)
def test_refused_in_one_line(notebook: Notebook, cell: str, words: str) -> None:
    notebook.run("plain = 1\ngenerator = (i for i in range(3))")
    notebook.run("%%orion_task first\none = 1")
    notebook.run("%%orion_task second\ntwo = one + 1")
    notebook.wait()
    assert words in notebook.refuse(cell)


def test_a_failure_is_told_where_it_is_read(notebook: Notebook) -> None:
    notebook.run("%%orion_task bad --retries 1\nx = {}\nx['missing']\ny = 1")
    notebook.run("%%orion_task use\nz = y")
    result, printed = notebook.try_run("y + 1")
    assert isinstance(result.error_in_exec, TaskFailed)
    assert "line 3" in printed
    assert "x['missing']" in printed
    assert "KeyError: 'missing'" in printed
    assert "What happened" in printed
    assert "attempt 2" in printed
    assert "orion_nb/" not in printed
    result, printed = notebook.try_run("z")
    assert isinstance(result.error_in_exec, UpstreamFailed)
    assert "task use did not run: bad failed" in printed
    assert "x['missing']" in without_colours(printed)
    assert "not run: bad failed" in notebook.run("%orion status use")


def test_an_output_that_cannot_travel_is_named(notebook: Notebook) -> None:
    notebook.run("%%orion_task a\nnumbers = (i for i in range(3))\ntotal = sum(numbers)")
    assert "`numbers` stays in the task" in notebook.output("a")
    assert notebook["total"] == 3
    result, printed = notebook.try_run("list(numbers)")
    assert not result.success
    assert "numbers" in printed
    notebook.run("%%orion_task stated --out numbers\nnumbers = (i for i in range(3))")
    notebook.wait("stated")
    assert notebook.state("stated") == "failed"
    assert "numbers" in notebook.run("%orion status stated")


def test_the_graph_has_estimates_from_earlier_runs(notebook: Notebook) -> None:
    notebook.run("%%orion_task timed\n" + SLEEP.format(0.2) + "x = 1")
    notebook.wait()
    notebook.parts.notebook.session.earlier_keys("timed")  # what was learned has been written
    notebook.run("%orion shutdown")
    notebook.run("%%orion_task timed --version 2\n" + SLEEP.format(60) + "x = 1")
    notebook.until("timed", "running")
    (task,) = notebook.cell("timed").tasks
    estimate = notebook.parts.notebook.view.snapshot()["nodes"][task]["estimate"]
    assert 0.2 <= estimate < 30


@pytest.mark.parametrize(
    ("option", "default", "first", "second"),
    [
        ("", "twice", [], ["slow"]),
        ("", "cancel", ["slow"], []),
        ("", "detach", [], []),
        ("--on-interrupt cancel", "detach", ["slow"], []),
        ("--on-interrupt detach", "twice", [], []),
    ],
)
def test_what_interrupts_do_to_a_waiting_cell(
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    default: str,
    first: list[str],
    second: list[str],
) -> None:
    told = notebook.parts.notebook
    assert f"{default}: " in notebook.run(f"%orion interrupts {default}")
    assert f"{default}: " in notebook.run("%orion interrupts")
    waits = []

    def wait(tasks: list[str], what: str, *, submitted: list[str], at_once: list[str]) -> None:
        waits.append([[cell.name for cell in map(told.cell_of_task, them) if cell is not None]
                      for them in (at_once, submitted)])  # fmt: skip

    monkeypatch.setattr(told.waiter, "wait", wait)
    notebook.run(f"%%orion_task slow --wait {option}\nimport time\ntime.sleep(60)\nx = 1")
    assert waits == [[first, second]]
    notebook.run("%orion cancel")


def test_status_says_where_the_runtime_is(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nx = 1")
    notebook.wait()
    text = notebook.run("%orion status --all")
    assert "runtime: in this kernel since" in text
    assert "this one" in text
    assert "runtime:" not in notebook.run("%orion status load")


def test_cancel_all_takes_no_names(notebook: Notebook) -> None:
    notebook.run("%%orion_task slow\nimport time\ntime.sleep(60)\nx = 1")
    assert "takes no names" in notebook.try_run("%orion cancel --all slow")[1]
    notebook.run("%orion cancel --all")
    notebook.until("slow", "cancelled")
