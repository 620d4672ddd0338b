"""Which lines of a piece of code changed, told from what a key's components keep.

A cache keeps digests, never source. So a note may carry, behind the words for people, a few
characters for each statement: how many lines after the one before it begins, and a short digest of
what it says. Two of them tell which statements differ, and on which lines the new ones stand.
"""

from __future__ import annotations

import ast
import base64
import copy
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from hashlib import sha256
from itertools import groupby

MOST = 100
"""Statements of one piece of code; of longer ones the outermost only, or nothing is kept."""

_MARK = "\n"  # between a note's words and what only this module reads
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
_SIZE = 4  # characters of one statement: a digit for the step in lines, three of its digest
_GAP = "..."  # a step too long for one digit
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")

_Entry = tuple[int, str]
"""(line, digest) of one statement."""


def marked(note: str, tree: ast.AST) -> str:
    """The note with the statements of `tree`, which has no docstrings any more."""
    entries = [*_entries([tree])] if not isinstance(tree, ast.Module) else [*_entries(tree.body)]
    if len(entries) > MOST:
        entries = [(one.lineno, _digest(one)) for one in getattr(tree, "body", ())]
    if not entries or len(entries) > MOST:
        return note
    first, written, parts = entries[0][0], entries[0][0], []
    for line, digest in entries:
        while line - written >= len(_DIGITS):
            written += len(_DIGITS) - 1
            parts.append(_DIGITS[-1] + _GAP)
        step = max(0, line - written)
        written += step
        parts.append(_DIGITS[step] + digest)
    return f"{note}{_MARK}{first} {''.join(parts)}"


def words(note: str) -> str:
    """The part of a note that is for people."""
    return note.partition(_MARK)[0]


def changed(was: str, now: str) -> tuple[int, ...]:
    """The lines on which statements of the new note are not as in the old one; where some have
    only gone, the line that follows. Empty: the notes do not tell."""
    old, new = _read(was), _read(now)
    if not old or not new:
        return ()
    lines: dict[int, None] = {}
    matcher = SequenceMatcher(None, [d for _, d in old], [d for _, d in new], autojunk=False)
    for kind, _, _, start, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        found = new[start:end] or new[start : start + 1] or new[-1:]
        lines.update(dict.fromkeys(line for line, _ in found))
    return tuple(sorted(lines))


def said(lines: Sequence[int]) -> str:
    """``line 7``, ``lines 7, 9–12``; "" for none."""
    runs = []
    for _, run in groupby(enumerate(lines), lambda pair: pair[1] - pair[0]):
        numbers = [line for _, line in run]
        runs.append(str(numbers[0]) + (f"–{numbers[-1]}" if len(numbers) > 1 else ""))
    if not runs:
        return ""
    if len(runs) > 4:
        return f"{len(lines)} lines from {lines[0]} to {lines[-1]}"
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(runs)}"


def _entries(nodes: Sequence[ast.AST]) -> Iterator[_Entry]:
    """Of every statement its own words: those of blocks inside it are entries of their own."""
    for node in nodes:
        # A lambda has a body as well, which is no block.
        blocks: dict[str, list[ast.AST]] = {
            name: part for name in _BLOCKS if isinstance(part := getattr(node, name, None), list)
        }
        yield _line(node), _digest(node, blocks)
        for part in blocks.values():
            yield from _entries(part)


def _line(node: ast.AST) -> int:
    # A case begins with its pattern. Anything else that is asked for has a line.
    return int(getattr(node, "lineno", 0) or getattr(getattr(node, "pattern", None), "lineno", 1))


def _digest(node: ast.AST, without: Iterable[str] = ()) -> str:
    bare = copy.copy(node)
    for name in without:
        setattr(bare, name, [])
    text = ast.dump(bare, annotate_fields=False)
    digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[:3])[:3].decode()


def _read(note: str) -> list[_Entry]:
    first, _, text = note.partition(_MARK)[2].partition(" ")
    if not first.isdigit() or len(text) % _SIZE:
        return []
    entries, line = [], int(first)
    for start in range(0, len(text), _SIZE):
        step = _DIGITS.find(text[start])
        if step < 0:
            return []
        line += step
        digest = text[start + 1 : start + _SIZE]
        if digest != _GAP:
            entries.append((line, digest))
    return entries
