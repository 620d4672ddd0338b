"""`%orion`: words, help, completion."""

from __future__ import annotations

from typing import Any

import pytest

from orion_nb.exceptions import UsageError
from orion_nb.magics.commands import COMMANDS, overview, parse
from orion_nb.magics.completion import candidates


def run(command: Any, arguments: Any) -> tuple[str, Any]:
    return command.word, vars(arguments)


def test_words_and_arguments() -> None:
    assert parse("status", run) == ("status", {"names": [], "all": False})
    assert parse("run a b --wait", run) == ("run", {"names": ["a", "b"], "wait": True})
    assert parse("workers 4", run) == ("workers", {"count": 4})
    assert parse("cache", run) == ("cache", {"action": "size"})


@pytest.mark.parametrize("word", sorted(COMMANDS))
def test_every_word_has_help(word: str) -> None:
    for line in (f"{word}?", f"{word} ?", f"help {word}", f"{word} --help"):
        text = parse(line, run)
        assert isinstance(text, str)
        assert COMMANDS[word].summary.split()[0] in text
    assert f"%orion {word}" in overview()


def test_plain_orion_lists_the_words() -> None:
    assert parse("", run) == parse("?", run) == parse("help", run) == overview()


def test_an_unknown_word_suggests() -> None:
    with pytest.raises(UsageError, match=r"did you mean  %orion status"):
        parse("statsu", run)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%orion st", ["status"]),
        ("%orion why cl", ["clean"]),
        ("r = %orion ref d", ["df"]),
        ("%orion run clean lo", ["load"]),
        ("%orion run --", ["--wait"]),
        ("%orion cache ", ["size", "list", "clear"]),
        ("%orion dag ", []),
        ("%%orion_task cl", ["clean"]),
        ("%%orion_task x --sp", ["--speculate-after"]),
        ("%%orion_task x --cache r", ["recompute"]),
        ("%%orion_task x --after load,cl", ["load,clean"]),
        ("%%orion_task x --deps d", ["df"]),
        ("print(", None),
    ],
)
def test_completion(line: str, expected: list[str] | None) -> None:
    assert candidates(line, lambda: ["load", "clean"], lambda: ["df"]) == expected
