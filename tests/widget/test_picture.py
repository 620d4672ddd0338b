"""Graphviz: found or missed with a clear word, fast, and a layout that can be drawn."""

from __future__ import annotations

import itertools
import random
import shutil
import struct
import time
from collections.abc import Iterator

import pytest

from orion_nb.widget import picture, scene


@pytest.fixture
def fresh_executable() -> Iterator[None]:
    picture.executable.cache_clear()
    yield
    picture.executable.cache_clear()


@pytest.mark.usefixtures("fresh_executable")
def test_a_real_dot_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "dot" else name)
    assert picture.executable() == "/usr/bin/dot"


@pytest.mark.usefixtures("fresh_executable")
def test_without_graphviz_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(picture.GraphvizMissing, match="pip install graphviz-pure"):
        picture.layout(["a"], [])


def test_a_broken_source_is_a_clear_error() -> None:
    with pytest.raises(picture.GraphvizFailed):
        picture.render("digraph {", "plain")


def test_boxes_do_not_overlap_and_edges_run_from_border_to_border() -> None:
    boxes = ["load", 'a "quoted" name', "b\nnewline", "join; -> {"]
    edges = [(boxes[0], boxes[1]), (boxes[0], boxes[2]), (boxes[1], boxes[3]), (boxes[2], boxes[3])]
    placed = picture.layout(boxes, edges)
    assert set(placed.nodes) == set(boxes)
    points = list(placed.nodes.values())
    for i, (x, y) in enumerate(points):
        assert picture.CARD_WIDTH / 2 <= x <= placed.width - picture.CARD_WIDTH / 2
        for ox, oy in points[:i]:
            assert abs(x - ox) >= picture.CARD_WIDTH or abs(y - oy) >= picture.CARD_HEIGHT
    assert [edge[:2] for edge in placed.edges] == edges
    for tail, head, d in placed.edges:
        chain = scene.parse_path(d)[0]
        assert (len(chain) - 1) % 3 == 0
        (x0, y0), (x1, y1) = placed.nodes[tail], placed.nodes[head]
        assert chain[0] == pytest.approx((x0 + picture.CARD_WIDTH / 2, y0), abs=1.5)
        assert chain[-1] == pytest.approx((x1 - picture.CARD_WIDTH / 2, y1), abs=1.5)


def test_what_needs_and_feeds_the_same_stands_in_a_block() -> None:
    items = [f"item{i}" for i in range(31)]
    boxes = ["load", *items, "side", "join", "alone"]
    edges = [("load", item) for item in items] + [(item, "join") for item in items]
    edges += [("load", "side"), ("side", "join")]
    for direction in ("LR", "TB"):
        placed = picture.layout(boxes, edges, direction=direction)
        assert list(placed.nodes) == boxes
        assert [edge[:2] for edge in placed.edges] == edges
        assert placed.height < 900
        assert placed.width < 1600
        points = list(placed.nodes.values())
        for (x, y), (ox, oy) in itertools.combinations(points, 2):
            assert abs(x - ox) >= picture.CARD_WIDTH or abs(y - oy) >= picture.CARD_HEIGHT
        spots = [placed.nodes[item] for item in items]
        assert len({x for x, _ in spots}) * len({y for _, y in spots}) in range(31, 40)
        assert spots == sorted(spots, key=lambda spot: (spot[1], spot[0]))  # in reading order
        # An edge touches no box but its own: it ends at the block's border, in the box's row.
        axis = 0 if direction == "LR" else 1
        first = min(spot[axis] for spot in spots)
        half = (picture.CARD_WIDTH, picture.CARD_HEIGHT)[axis] / 2
        for tail, head, d in placed.edges:
            if tail == "load" and head in items:
                assert scene.parse_path(d)[0][-1][axis] == pytest.approx(first - half, abs=0.2)
    few = picture.layout(["a", *items[:12]], [("a", item) for item in items[:12]], direction="LR")
    assert len({few.nodes[item][0] for item in items[:12]}) == 1


def test_the_direction_is_the_one_that_fits_a_page() -> None:
    chain = [f"t{i}" for i in range(12)]
    tall = picture.layout(chain, list(itertools.pairwise(chain)), direction="TB")
    assert tall.height > tall.width
    fan = [("root", f"leaf{i}") for i in range(14)]
    assert picture.layout(["root", *[leaf for _, leaf in fan]], fan).direction == "LR"
    assert picture.layout([], []).nodes == {}


@pytest.mark.slow
def test_two_thousand_boxes_are_laid_out_in_seconds() -> None:
    rng = random.Random(7)
    boxes = [f"t{i}" for i in range(2000)]
    edges = {(boxes[(i // 100 - 1) * 100 + rng.randrange(100)], boxes[i]) for i in range(100, 2000)}
    begun = time.perf_counter()
    placed = picture.layout(boxes, sorted(edges))
    assert len(placed.nodes) == 2000
    assert time.perf_counter() - begun < 15  # 0.7 s on a quiet machine


def test_a_scene_is_the_same_size_as_svg_and_png() -> None:
    drawn = scene.Scene(300, 120, "title <&>", "words")
    drawn.add(scene.Rect(1, 1, 298, 118, "card", "line"), scene.Words(20, 40, 'a "b" <c> \\ é', 12))
    drawn.path("M0,0 L10,10 C1,2 3,4 5,6 Z", 20, 60, 1.0, "done")
    svg = drawn.svg()
    assert 'viewBox="0 0 300 120"' in svg
    assert "title &lt;&amp;&gt;" in svg
    assert "prefers-color-scheme:dark" in svg
    png = drawn.png()
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == pytest.approx((600, 240), abs=6)


def test_text_is_cut_where_its_room_ends() -> None:
    short = scene.Words(0, 0, "features", 12, width=200)
    assert scene.fitted(short) == "features"
    long = scene.Words(0, 0, "a very long name of a task", 12, width=80)
    assert scene.fitted(long).endswith("…")
    assert scene.text_width(scene.fitted(long), 12) <= 80
