"""A task cell behaves as the plain cell would, on a worker of its own."""

from __future__ import annotations

import pytest

from orion_nb.core.model import Frame
from orion_nb.magics.declare import prepare
from orion_nb.magics.rendering import without_colours

from .conftest import Notebook


def test_dependencies_outputs_and_helpers_are_found(notebook: Notebook) -> None:
    notebook.run("base = 10\ndef helper(x):\n    return x + base\nclass Box:\n    size = 3")
    notebook.run("%%orion_task first\na = helper(1)\nb = Box().size")
    notebook.run("%%orion_task second\nimport math\nc = math.floor(a + b)")
    assert notebook.cell("first").outputs == ("a", "b")
    assert list(notebook.cell("second").declared.origins) == ["a", "b"]
    assert notebook["c"] == 14
    assert (notebook["a"], notebook["b"]) == (11, 3)


def test_a_helper_that_reads_a_result_makes_a_dependency(notebook: Notebook) -> None:
    notebook.run("%%orion_task\nlimit = 3")
    notebook.run("def under(x):\n    return x < limit")
    notebook.run("%%orion_task check\nok = under(2)")
    assert list(notebook.cell("check").declared.origins) == ["limit"]
    assert notebook["ok"] is True
    assert notebook["under(5)"] is False  # a plain cell needs it too


def test_functions_and_imports_of_task_cells_reach_later_cells(notebook: Notebook) -> None:
    notebook.run("%%orion_task tools\nimport json\nscale = 2\ndef twice(x):\n    return scale * x")
    notebook.run("%%orion_task use\ntext = json.dumps(twice(4))")
    assert notebook["text"] == "8"
    assert notebook["json.dumps(twice(1))"] == "2"
    notebook.run("scale = 5")
    assert notebook["twice(1)"] == 5  # as after a plain cell: it reads the notebook's global


def test_what_the_cell_shows(notebook: Notebook) -> None:
    notebook.run(
        "%%orion_task show\n"
        "import asyncio, os, sys\n"
        "from IPython.display import display, HTML\n"
        "print('printed')\n"
        "print('wrong', file=sys.stderr)\n"
        "handle = display(HTML('<b>one</b>'), display_id=True)\n"
        "handle.update(HTML('<b>two</b>'))\n"
        "!echo from the shell\n"
        "os.system('echo from a child')\n"
        "where = %pwd\n"
        "async def three():\n"
        "    await asyncio.sleep(0)\n"
        "    return 3\n"
        "await three()\n"
    )
    notebook.wait("show")
    (task,) = notebook.cell("show").tasks
    frames = notebook.parts.notebook.session.frames(task)
    text = notebook.output("show")
    for part in ("printed", "wrong", "from the shell", "from a child"):
        assert part in text
    assert text.endswith("3")
    assert [f.data["data"]["text/html"] for f in frames if f.kind == "display"] == ["<b>one</b>"]
    assert [f.data["data"]["text/html"] for f in frames if f.kind == "update_display"] == [
        "<b>two</b>"
    ]
    assert notebook["where"] == notebook.shell.run_line_magic("pwd", "")


def test_a_closing_semicolon_hides_the_result(notebook: Notebook) -> None:
    notebook.run("%%orion_task loud\nx = 1\nx")
    notebook.run("%%orion_task quiet\ny = 1\ny;")
    assert notebook.output("loud") == "1"
    assert notebook.output("quiet") == ""


def test_figures_appear_inline(notebook: Notebook) -> None:
    notebook.run("%%orion_task draw\nimport matplotlib.pyplot as plt\n_ = plt.plot([1, 2])")
    notebook.wait("draw")
    (task,) = notebook.cell("draw").tasks
    shown = [f for f in notebook.parts.notebook.session.frames(task) if f.kind == "display"]
    assert [frame.data["data"]["image/png"][:6] for frame in shown] == ["iVBORw"]


@pytest.mark.parametrize("kind", ["process", "thread"])
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("name = input('who? ')", "a task cannot ask for input"),
        ("name = orion_nb.Runtime(2)", "a task cannot make a Runtime"),
        ("name = orion_nb.progress('half', 2)", "half"),
    ],
)
def test_errors_of_orion_in_a_task_show_the_cell_only(
    notebook: Notebook, line: str, message: str, kind: str
) -> None:
    notebook.run(f"%%orion_task ask --kind {kind}\nimport orion_nb\n{line}")
    text = without_colours(notebook.output("ask"))
    assert notebook.state("ask") == "failed"
    assert message in text
    assert "line 3" in text
    assert f"----> 3 {line}" in text
    assert "orion_nb/" not in text
    _, printed = notebook.try_run("name")
    assert f"----> 3 {line}" in without_colours(printed)
    assert "orion_nb/" not in printed
    assert "orion_nb/" not in notebook.run("%orion why ask")


def test_an_exception_group_is_shown_once(notebook: Notebook) -> None:
    notebook.run("%%orion_task many\nraise ExceptionGroup('both', [ValueError(1), KeyError(2)])")
    text = notebook.output("many")
    assert text.count("ExceptionGroup: both") == 1
    assert "ValueError: 1" in text
    assert "line 2" in text
    assert "orion_nb/" not in text


def test_a_traceback_is_at_the_cells_own_lines(notebook: Notebook) -> None:
    notebook.run("def divide(x):\n    # a comment\n    return 1 / x")
    number = notebook.shell.execution_count
    notebook.run("%%orion_task fails --cache off\n\nzero = 0\ndivide(zero)")
    text = notebook.output("fails")
    assert f"Cell In[{number}], line 4" in text
    assert f"Cell In[{number - 1}], line 3, in divide(x)" in text
    assert "return 1 / x" in text
    assert "orion_nb" not in text
    assert "interactiveshell" not in text


def test_functions_of_task_cells_keep_their_lines(notebook: Notebook) -> None:
    number = notebook.shell.execution_count
    notebook.run("%%orion_task tools\nlimit = 0\ndef divide(x):\n    return x / limit")
    notebook.run("%%orion_task use\ny = divide(1)")
    assert f"Cell In[{number}], line 4, in divide(x)" in notebook.output("use")
    result, printed = notebook.try_run("divide(2)")
    assert not result.success
    assert f"Cell In[{number}], line 4, in divide(x)" in printed


def test_a_cell_magic_inside(notebook: Notebook) -> None:
    notebook.run("%%orion_task timed\n%%time\nvalue = 5\nvalue")
    assert "Wall time" in notebook.output("timed")
    assert notebook["value"] == 5


@pytest.mark.parametrize("kind", ["process", "thread"])
def test_map_gives_results_in_order(notebook: Notebook, kind: str) -> None:
    notebook.run(f"%%orion_task m --kind {kind} --map n in [3, 1, 2]\nsquare = n * n\nprint(n)")
    assert notebook["square"] == [9, 1, 4]
    notebook.run("%%orion_task total\nsum_of_squares = sum(square)")
    assert notebook["sum_of_squares"] == 14
    assert notebook.cell("m").labels == ("n=3", "n=1", "n=2")


def test_map_over_a_result_with_several_names(notebook: Notebook) -> None:
    notebook.run("%%orion_task pairs\npairs = [(1, 'a'), (2, 'b')]")
    notebook.run("%%orion_task m --map count, letter in pairs\nword = letter * count")
    assert notebook["word"] == ["a", "bb"]
    notebook.run("%%orion_task none --map n in []\nempty = n")
    notebook.run("%%orion_task after_none\nlength = len(empty)")
    assert notebook["empty"] == []
    assert notebook["length"] == 0


def test_threads_share_objects_that_cannot_travel(notebook: Notebook) -> None:
    notebook.run("import threading\nlock = threading.Lock()")
    notebook.run(
        "%%orion_task t --kind thread\nprint('in a thread')\nfree = lock.acquire(False)\nfree"
    )
    assert notebook["free"] is True
    assert notebook["lock.locked()"] is True
    assert notebook.output("t") == "in a thread\nTrue"
    notebook.run("%%orion_task bad --kind thread\nx = 1\n1 / 0")
    assert "line 3" in notebook.output("bad")


def test_a_thread_that_changes_shared_values_is_told_on(notebook: Notebook) -> None:
    notebook.run("rows = [1]\ntable = {}")
    notebook.run("%%orion_task load\nresult = [1]")
    notebook.run(
        "%%orion_task t --kind thread\nrows.append(2)\ntable['a'] = rows\nresult.append(2)\nn = 1"
    )
    output = " ".join(notebook.output("t").split())
    assert "`rows` was changed in place by this task. It runs in a thread of the notebook" in output
    assert "`result` was changed in place by this task. Other cells do not see the change" in output
    assert notebook["rows"] == [1, 2]
    notebook.run("%%orion_task p\nrows.append(3)\nm = 1")
    assert "Other cells do not see the change" in notebook.output("p")
    assert notebook["rows"] == [1, 2]


def test_large_values_go_through_the_store_once(notebook: Notebook) -> None:
    notebook.run("big = bytes(3_000_000)\ndef tail():\n    return len(big)")
    notebook.run("%%orion_task m --map n in range(3)\nsize = len(big) + n + tail()")
    parts, written = notebook.parts, notebook.cell("m").declared.written
    spec = prepare(parts.notebook, parts.values, written).spec
    assert len(spec.namespace) < 10_000
    assert notebook["size"] == [6_000_000, 6_000_001, 6_000_002]


def test_wait_returns_when_it_is_done(notebook: Notebook) -> None:
    notebook.run("%%orion_task slow --wait\nimport time\ntime.sleep(0.2)\nx = 1")
    assert notebook.state("slow") == "done"


def test_frames_are_in_order(notebook: Notebook) -> None:
    notebook.run(
        "%%orion_task o\nfrom IPython.display import display\nprint(1)\ndisplay(2)\nprint(3)\n4"
    )
    assert notebook.output("o") == "1\n2\n3\n4"
    (task,) = notebook.cell("o").tasks
    frames: list[Frame] = notebook.parts.notebook.session.frames(task)
    assert [frame.kind for frame in frames] == ["stream", "display", "stream", "result"]
