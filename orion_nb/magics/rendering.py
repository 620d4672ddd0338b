"""Output frames → what a person reads, as text and as HTML. Pure functions."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orion_nb.core.model import Frame

_ANSI = re.compile(r"\x1b\[([0-9;]*)m")
_OTHER_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]")
_COLOURS = ("#3e424d", "#e75c58", "#00a250", "#ddb62b", "#208ffb", "#d160c4", "#60c6c8", "#c5c1b4")

_PRE = "white-space:pre-wrap;margin:0;font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px)"
_STDERR = f"{_PRE};background:var(--jp-rendermime-error-background,#fdd)"


@dataclass(slots=True)
class Piece:
    """One output of a cell: a stream's text, a mime bundle, or a traceback."""

    kind: str  # stream | display | result | error
    name: str = ""  # stdout | stderr
    chunks: list[str] = field(default_factory=list)
    """Of a stream or traceback, as they came; joined only when somebody looks."""
    data: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None
    display_id: str = ""

    @property
    def text(self) -> str:
        joined = overwritten("".join(self.chunks))
        self.chunks[:] = [joined]
        return joined


class Pieces(list[Piece]):
    """What stands under a cell after a number of frames, as a front end would show it."""

    def __init__(self, frames: Iterable[Frame] = ()) -> None:
        super().__init__()
        self._clear_next = False
        for frame in frames:
            self.add(frame)

    def add(self, frame: Frame) -> None:
        """Take one more frame into account."""
        data = frame.data
        if frame.kind == "reset":
            self.clear()
        elif frame.kind == "clear":
            if data.get("wait"):
                self._clear_next = True
            else:
                self.clear()
        elif frame.kind == "update_display":
            self._update(data)
        else:
            if self._clear_next:
                self.clear()
                self._clear_next = False
            if frame.kind == "stream":
                self._stream(data["name"], data["text"])
            elif frame.kind == "error":
                text = "\n".join(data.get("traceback") or [f"{data['ename']}: {data['evalue']}"])
                self.append(Piece("error", chunks=[text]))
            elif frame.kind in ("display", "result"):
                identity = (data.get("transient") or {}).get("display_id", "")
                self.append(
                    Piece(
                        frame.kind,
                        data=data["data"],
                        metadata=data.get("metadata") or {},
                        display_id=identity,
                    )
                )

    def _stream(self, name: str, text: str) -> None:
        if self and self[-1].kind == "stream" and self[-1].name == name:
            self[-1].chunks.append(text)
        else:
            self.append(Piece("stream", name, [text]))

    def _update(self, data: Mapping[str, Any]) -> None:
        identity = (data.get("transient") or {}).get("display_id", "")
        for piece in self:
            if identity and piece.display_id == identity:
                piece.data, piece.metadata = data["data"], data.get("metadata") or {}


def overwritten(text: str) -> str:
    """Apply carriage returns as a terminal does, so that a progress bar stays one line."""
    if "\r" not in text:
        return text
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        kept = ""
        # The last return stays open: what comes next overwrites the line.
        tail = "\r" if line.endswith("\r") else ""
        for part in line.removesuffix("\r").split("\r"):
            kept = part + kept[len(part) :]
        lines.append(kept + tail)
    return "\n".join(lines)


def as_text(pieces: Sequence[Piece]) -> str:
    """Plain text, as a terminal or nbconvert's text formats want it."""
    parts = []
    for piece in pieces:
        if piece.data is not None:
            plain = _joined(piece.data.get("text/plain", ""))
            parts.append(plain if plain.endswith("\n") else plain + "\n")
        else:
            parts.append(without_colours(piece.text))
            if piece.kind == "error":
                parts.append("\n")
    return "".join(parts).rstrip("\n")


def as_html(pieces: Sequence[Piece]) -> str:
    """HTML that holds everything: images are data URIs, so it lives without other files."""
    return "\n".join(filter(None, map(_piece_html, pieces)))


def _piece_html(piece: Piece) -> str:
    if piece.kind == "stream" or piece.kind == "error":
        style = _STDERR if piece.name == "stderr" or piece.kind == "error" else _PRE
        return f'<pre style="{style}">{colours_to_html(piece.text.rstrip())}</pre>'
    data, metadata = piece.data or {}, piece.metadata or {}
    if "text/html" in data:
        return f"<div>{_joined(data['text/html'])}</div>"
    for mime in ("image/png", "image/jpeg", "image/gif"):
        if mime in data:
            size = metadata.get(mime, {}) if isinstance(metadata.get(mime), Mapping) else {}
            given = "".join(
                f' {side}="{size[side]}"' for side in ("width", "height") if side in size
            )
            alt = html.escape(_joined(data.get("text/plain", "figure")), quote=True)
            source = _joined(data[mime]).replace("\n", "")
            return f'<img alt="{alt}" src="data:{mime};base64,{source}"{given}>'
    if "image/svg+xml" in data:
        return f"<div>{_joined(data['image/svg+xml'])}</div>"
    for mime in ("text/markdown", "text/latex", "text/plain"):
        if mime in data:
            return f'<pre style="{_PRE}">{html.escape(_joined(data[mime]))}</pre>'
    return ""


def _joined(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value)


def without_colours(text: str) -> str:
    """Text without terminal escapes."""
    return _OTHER_ESCAPES.sub("", _ANSI.sub("", text))


def colours_to_html(text: str) -> str:
    """Terminal colours → spans. Everything else is escaped."""
    text = _OTHER_ESCAPES.sub("", text)
    result, position, is_open = [], 0, False
    for match in _ANSI.finditer(text):
        result.append(html.escape(text[position : match.start()]))
        position = match.end()
        if is_open:
            result.append("</span>")
        style = _style(match.group(1))
        is_open = bool(style)
        if style:
            result.append(f'<span style="{style}">')
    result.append(html.escape(text[position:]))
    if is_open:
        result.append("</span>")
    return "".join(result)


def _style(codes: str) -> str:
    numbers = [int(code) for code in codes.split(";") if code]
    style = ""
    index = 0
    while index < len(numbers):
        number = numbers[index]
        if number == 1:
            style += "font-weight:bold;"
        elif number == 4:
            style += "text-decoration:underline;"
        elif 30 <= number <= 37 or 90 <= number <= 97:
            style += f"color:{_COLOURS[number % 10]};"
        elif 40 <= number <= 47:
            style += f"background:{_COLOURS[number % 10]};"
        elif number in (38, 48):
            style += _extended(number, numbers[index + 1 :])
            index += 2 if numbers[index + 1 : index + 2] == [5] else 4
        index += 1
    return style


def _extended(target: int, rest: Sequence[int]) -> str:
    """256 colours and true colours, as ``38;5;n`` and ``38;2;r;g;b`` state them."""
    name = "color" if target == 38 else "background"
    if len(rest) >= 4 and rest[0] == 2:
        return f"{name}:rgb({rest[1]},{rest[2]},{rest[3]});"
    if len(rest) >= 2 and rest[0] == 5:
        number = rest[1]
        if number < 16:
            return f"{name}:{_COLOURS[number % 8]};"
        if number >= 232:
            grey = 8 + 10 * (number - 232)
            return f"{name}:rgb({grey},{grey},{grey});"
        number -= 16
        levels = [(number // step % 6) for step in (36, 6, 1)]
        red, green, blue = (level and 55 + 40 * level for level in levels)
        return f"{name}:rgb({red},{green},{blue});"
    return ""
