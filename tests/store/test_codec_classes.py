"""Classes of a notebook: results bring them back without harming the user's own."""

from __future__ import annotations

import subprocess
import sys

import pytest

CELL = """
import dataclasses, enum, functools, abc
LEVEL = 1
class Base(abc.ABC):
    @abc.abstractmethod
    def level(self): ...
class Model(Base):
    kind = "plain"
    def level(self): return LEVEL
    @property
    def twice(self): return 2 * LEVEL
    @functools.cached_property
    def kept(self): return [x for x in (1, 2)]
    @staticmethod
    def make(): return Model()
@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
class Colour(enum.Enum):
    RED = 1
def work(): return {"model": Model.make(), "point": Point(3), "colour": Colour.RED}
"""

WORKER = """
import sys
from orion_nb.store import codec
fn, args, kwargs = codec.decode_call(open(sys.argv[1], "rb").read(), None)
open(sys.argv[2], "wb").write(codec.encode(fn(*args, **kwargs)).to_bytes())
"""

SUBMIT = """
import subprocess, sys
from orion_nb.store import codec
def through_a_worker(fn, *args):
    open("call", "wb").write(codec.encode_call(fn, args)[0].to_bytes())
    subprocess.run([sys.executable, "worker.py", "call", "result"], check=True)
    return load()
def load(): return codec.decode(open("result", "rb").read())
"""


@pytest.fixture
def kernel(tmp_path):
    """Run a script that stands for a notebook's kernel."""
    (tmp_path / "worker.py").write_text(WORKER)

    def run(*cells):
        script = "\n".join((SUBMIT, *cells))
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    return run


def test_a_result_is_of_the_users_class_and_leaves_it_alone(kernel):
    kernel(
        CELL,
        """
before = dict(vars(Model))
result = through_a_worker(work)
assert isinstance(result["model"], Model)
assert result["point"] == Point(3)
assert result["colour"] is Colour.RED
assert all(vars(Model)[name] is value for name, value in before.items() if callable(value))
LEVEL = 5
assert Model().level() == result["model"].level() == 5, "methods still see the notebook"
assert result["model"].twice == 10
""",
    )


def test_after_a_restart_a_result_is_of_the_class_that_was_defined_again(kernel):
    kernel(CELL, "through_a_worker(work)")
    kernel(
        "# a new line\n" + CELL,
        """
result = load()
assert type(result["model"]) is Model
assert result["point"] == Point(3)
assert result["colour"] is Colour.RED
LEVEL = 7
assert result["model"].level() == 7
""",
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return 2 * LEVEL", "return 3 * LEVEL"),
        ('kind = "plain"', 'kind = "fancy"'),
        ("(1, 2)", "(1, 3)"),
    ],
)
def test_a_class_that_was_changed_since_is_another_class(kernel, old, new):
    kernel(CELL, "through_a_worker(work)")
    kernel(
        CELL.replace(old, new),
        """
result = load()
assert type(result["model"]) is not Model
assert result["model"].twice == 2 and result["model"].kind == "plain" and result["model"].kept == [1, 2]
assert type(result["point"]) is Point
""",
    )


def test_a_class_whose_cell_was_run_again_is_the_new_one(kernel):
    kernel(
        CELL,
        "first = Model; result = through_a_worker(work)",
        CELL,
        "assert type(load()['model']) is Model is not first",
    )


def test_workers_follow_a_class_that_changes():
    """A worker that has the class from an earlier call gets its new attributes."""
    script = """
from multiprocessing import get_context
from orion_nb.store import codec
def serve(pipe):
    while data := pipe.recv():
        fn, args, kwargs = codec.decode_call(data, None)
        pipe.send(fn(*args, **kwargs))
"""
    main = """
import sys; sys.path.insert(0, sys.argv[1])
from multiprocessing import get_context
from orion_nb.store import codec
import served
class C:
    x = 1
    def get(self): return self.x
if __name__ == "__main__":
    ours, theirs = get_context("spawn").Pipe()
    child = get_context("spawn").Process(target=served.serve, args=(theirs,), daemon=True)
    child.start()
    def ask(fn, *args):
        ours.send(codec.encode_call(fn, args)[0].to_bytes())
        return ours.recv()
    assert ask(lambda c: c.get(), C()) == 1
    C.x = 2
    assert ask(lambda c: c.get(), C()) == 2
    C.get = lambda self: 3
    assert ask(lambda c: c.get(), C()) == 3
    ours.send(None)
    child.join()
"""
    import pathlib
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "served.py").write_text(script)
        pathlib.Path(folder, "main.py").write_text(main)
        subprocess.run([sys.executable, f"{folder}/main.py", folder], check=True)
