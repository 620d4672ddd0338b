"""A drawing of rectangles, lines and words, written as SVG or (through Graphviz) as PNG.

Both writers draw the same list of shapes, so the two pictures cannot differ. SVG carries the
light colours as attributes, which survive any sanitiser, and the dark ones in a style sheet
that follows the reader's preference. PNG comes from Graphviz used as a plotter: nodes and
edges with given positions, no layout. That needs nothing that a live graph does not need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from . import picture
from .palette import colour

FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
RADIUS = 12.0
"""Corners of cards: what Graphviz draws for ``style=rounded``; SVG follows."""

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    fill: str = ""  # roles of `palette`, "" for none
    stroke: str = ""
    line: float = 1.0
    radius: float = RADIUS
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `y` is its baseline, `width` where it must end."""

    x: float
    y: float
    text: str
    size: float = 12.0
    colour: str = "text"
    bold: bool = False
    anchor: str = "start"  # start | middle | end
    width: float = 1e9


@dataclass(frozen=True, slots=True)
class Stroke:
    """A chain of cubic curves: 1 + 3n points, so that a straight line is one too."""

    points: tuple[tuple[float, float], ...]
    colour: str
    line: float = 1.4
    dashed: bool = False
    filled: bool = False


Shape = Rect | Words | Stroke


@dataclass(slots=True)
class Scene:
    width: float
    height: float
    title: str = ""
    description: str = ""
    shapes: list[Shape] = field(default_factory=list)

    def add(self, *shapes: Shape) -> None:
        self.shapes.extend(shapes)

    def path(self, d: str, x: float, y: float, scale: float, role: str, **style: object) -> None:
        """Add path data (absolute M, L, C, Z), moved to (x, y) and scaled."""
        for points in parse_path(d):
            moved = tuple((x + px * scale, y + py * scale) for px, py in points)
            self.add(Stroke(moved, role, **style))  # type: ignore[arg-type]

    def svg(self) -> str:
        roles: dict[str, None] = {}
        body = [_svg(shape, roles) for shape in self.shapes]
        dark = "".join(
            f".orion-f-{role}{{fill:{colour(role)[1]}}}.orion-s-{role}{{stroke:{colour(role)[1]}}}"
            for role in roles
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:.0f} {self.height:.0f}" '
            f'width="{self.width:.0f}" height="{self.height:.0f}" role="img" '
            f'style="max-width:100%;height:auto" font-family="{escape(FONT)}">'
            f"<title>{escape(self.title)}</title><desc>{escape(self.description)}</desc>"
            f"<style>@media (prefers-color-scheme:dark){{{dark}}}</style>"
            + "".join(body)
            + "</svg>"
        )

    def png(self, *, widest: float = 2400.0) -> bytes:
        """:raises picture.GraphvizMissing, picture.GraphvizFailed:"""
        scale = min(2.0, widest / max(self.width, self.height))
        rows = [
            "digraph{",
            # Strokes above areas: signs lie on their badges, and edges end at the cards.
            f'graph[outputorder=nodesfirst,bgcolor="transparent",margin=0,pad=0,dpi={72 * scale:.2f}]',
            'node[shape=box,fixedsize=true,label="",margin=0,fontname="Arial"]',
            "edge[dir=none]",
            # Two invisible corners fix the size of the picture.
            f'c0[pos="0,0",style=invis,width=.01,height=.01] '
            f'c1[pos="{self.width:.1f},{self.height:.1f}",style=invis,width=.01,height=.01]',
        ]
        for number, shape in enumerate(self.shapes):
            rows.extend(self._dot(number, shape))
        rows.append("}")
        return picture.render("\n".join(rows), "png", engine="neato", positioned=True)

    def _dot(self, number: int, shape: Shape) -> list[str]:
        if isinstance(shape, Rect):
            return [_dot_rect(number, shape, self.height)]
        if isinstance(shape, Words):
            return [_dot_words(number, shape, self.height)]
        return _dot_stroke(number, shape, self.height)


def parse_path(d: str) -> list[Points]:
    """Path data as chains of cubic curves, one for each M."""
    chains: list[Points] = []
    start = (0.0, 0.0)
    for letter, numbers in re.findall(r"([MLCZ])([^MLCZ]*)", d):
        values = [float(n) for n in re.findall(r"-?[\d.]+", numbers)]
        points = list(zip(values[::2], values[1::2], strict=True))
        if letter == "M":
            start = points[0]
            chains.append([start])
        elif letter == "C":
            chains[-1].extend(points)
        else:
            for point in points if letter == "L" else [start]:
                chains[-1].extend(straight(chains[-1][-1], point))
    return chains


def straight(a: tuple[float, float], b: tuple[float, float]) -> Points:
    """The three further points of a cubic curve that is a line from `a` to `b`."""
    dx, dy = (b[0] - a[0]) / 3, (b[1] - a[1]) / 3
    return [(a[0] + dx, a[1] + dy), (b[0] - dx, b[1] - dy), b]


_WIDTHS = {**dict.fromkeys("ijl'|", 0.222), **dict.fromkeys("ftI.,:;/\\!()[]{}- ·r", 0.3),
           **dict.fromkeys("mwMW@%", 0.85), **dict.fromkeys("…—→", 1.0), "×": 0.58}  # fmt: skip


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a line in Arial, near enough to cut it at the right place."""
    em = sum(_WIDTHS.get(c, 0.68 if c.isupper() else 0.54) for c in text)
    return em * size * (1.07 if bold else 1.0)


def fits(text: str, size: float, width: float, bold: bool = False) -> bool:
    return text_width(text, size, bold) <= width


def fitted(words: Words) -> str:
    """The text, cut with an ellipsis if it would not fit its width."""
    text = words.text
    if fits(text, words.size, words.width, words.bold):
        return text
    while text and not fits(text + "…", words.size, words.width, words.bold):
        text = text[:-1]
    return text.rstrip() + "…"


def _svg(shape: Shape, roles: dict[str, None]) -> str:
    def paint(kind: str, role: str) -> str:
        if not role:
            return f'{kind}="none"'
        roles[role] = None
        return f'class="orion-{kind[0]}-{role}" {kind}="{colour(role)[0]}"'

    if isinstance(shape, Words):
        weight = ' font-weight="600"' if shape.bold else ""
        anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
        return (
            f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size:g}"{weight}{anchor} '
            f"{paint('fill', shape.colour)}>{escape(fitted(shape))}</text>"
        )
    if isinstance(shape, Rect):
        dash = ' stroke-dasharray="4 3"' if shape.dashed else ""
        classes = " ".join(
            f"orion-{k}-{r}" for k, r in (("f", shape.fill), ("s", shape.stroke)) if r
        )
        roles.update(dict.fromkeys(filter(None, (shape.fill, shape.stroke))))
        fill = colour(shape.fill)[0] if shape.fill else "none"
        stroke = (
            f' stroke="{colour(shape.stroke)[0]}" stroke-width="{shape.line:g}"{dash}'
            if shape.stroke
            else ""
        )
        radius = min(shape.radius, shape.width / 2, shape.height / 2)
        return (
            f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" '
            f'height="{shape.height:.1f}" rx="{radius:.1f}" class="{classes}" fill="{fill}"{stroke}/>'
        )
    first, *rest = [f"{x:.1f},{y:.1f}" for x, y in shape.points]
    d = f"M{first}C{' '.join(rest)}"
    if shape.filled:
        return f'<path d="{d}Z" {paint("fill", shape.colour)}/>'
    dash = ' stroke-dasharray="4 3"' if shape.dashed else ""
    return (
        f'<path d="{d}" fill="none" stroke-width="{shape.line:g}" stroke-linecap="round" '
        f'stroke-linejoin="round"{dash} {paint("stroke", shape.colour)}/>'
    )


def _dot_rect(number: int, shape: Rect, height: float) -> str:
    styles = ["filled" if shape.fill else ""]
    form = "ellipse" if shape.width == shape.height <= 2 * shape.radius else "box"
    if form == "box" and min(shape.radius, shape.width, shape.height) >= 2:
        styles.append("rounded")
    if shape.dashed:
        styles.append("dashed")
    return (
        f'n{number}[pos="{shape.x + shape.width / 2:.2f},{height - shape.y - shape.height / 2:.2f}",'
        f"shape={form},width={shape.width / 72:.4f},height={shape.height / 72:.4f},"
        f'style="{",".join(filter(None, styles))}",'
        f'fillcolor="{colour(shape.fill)[0] if shape.fill else "none"}",'
        f'color="{colour(shape.stroke)[0] if shape.stroke else "transparent"}",penwidth={shape.line:g}]'
    )


def _dot_words(number: int, shape: Words, height: float) -> str:
    text = fitted(shape).replace("\\", "\\\\").replace('"', '\\"')
    width = text_width(shape.text, shape.size, shape.bold) + 60
    shift = {"start": width / 2, "middle": 0.0, "end": -width / 2}[shape.anchor]
    justify = {"start": "\\l", "middle": "", "end": "\\r"}[shape.anchor]
    face = "Helvetica-Bold" if shape.bold else "Arial"
    return (
        f'n{number}[pos="{shape.x + shift:.2f},{height - shape.y + shape.size * 0.36:.2f}",style="",'
        f"penwidth=0,width={width / 72:.4f},height={shape.size / 72:.4f},"
        f'fontname="{face}",fontsize={shape.size:g},fontcolor="{colour(shape.colour)[0]}",'
        f'label="{text}{justify}"]'
    )


def _dot_stroke(number: int, shape: Stroke, height: float) -> list[str]:
    first, last = shape.points[0], shape.points[-1]
    pos = " ".join(f"{x:.2f},{height - y:.2f}" for x, y in shape.points)
    ends = [
        f'p{number}{side}[pos="{x:.2f},{height - y:.2f}",style=invis,width=.001,height=.001]'
        for side, (x, y) in (("a", first), ("b", last))
    ]
    style = ',style="dashed"' if shape.dashed else ""
    # Graphviz cannot fill a curve: a filled sign becomes a fat outline of itself.
    width = shape.line * 0.8 if shape.filled else shape.line
    return [
        *ends,
        f'p{number}a->p{number}b[pos="{pos}",color="{colour(shape.colour)[0]}",'
        f"penwidth={width:g}{style}]",
    ]
