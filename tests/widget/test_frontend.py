"""The JavaScript without a browser: one small module, and a store that keeps the kernel's law."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orion_nb.core.model import TaskState
from orion_nb.widget import assets, format
from orion_nb.widget.cards import BADGES, STATE_ORDER
from orion_nb.widget.palette import COLOURS
from orion_nb.widget.view import GraphView

from .fake_feed import demo, folded, layers, until

STATIC = Path(assets.__file__).parent / "static"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def node(script: str, data: Any = None) -> Any:
    """Run an ES module that sees the sources and reads JSON on standard input."""
    head = f"""
    const here = {json.dumps(STATIC.as_uri() + "/")};
    let text = ""; for await (const part of process.stdin) text += part;
    const data = text ? JSON.parse(text) : null;
    globalThis.document = {{ createElement: () => ({{ getContext: () => null }}) }};
    """
    done = subprocess.run(
        ["node", "--input-type=module", "-e", head + script],
        input=json.dumps(data), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_module_is_small_whole_and_fetches_nothing() -> None:
    esm, css = assets.esm(), assets.css()
    assert len(esm.encode()) < 60_000
    assert not re.search(r"^\s*import\b", esm, re.MULTILINE)
    assert re.findall(r"^export .*", esm, re.MULTILINE) == ["export default { render };"]
    assert "/**" not in esm
    for text in (esm, css):
        assert not re.search(r"\bfetch\(|XMLHttpRequest|@import|url\(", text)
        assert set(re.findall(r"https?://[^\"' )]+", text)) <= {"http://www.w3.org/2000/svg"}


def test_it_needs_nothing_of_its_host() -> None:
    """Themes may lend variables, each with something in its place; classes and services do not."""
    esm, css = assets.esm(), assets.css()
    for name, after in re.findall(r"var\((--[\w-]+)(,?)", css + esm):
        assert name.startswith(("--o-", "--a", "--jp-", "--vscode-")), name
        assert after or name.startswith(("--o-", "--a")), f"{name} has no fallback"
    assert "--vscode-" in css
    assert set(re.findall(r"[.#]jp-[\w-]+", css + esm)) == set()
    assert set(re.findall(r"\bjp-[\w-]+", esm)) <= {"jp-theme-light"}  # to notice a switch
    assert not re.search(r"\b(jupyterapp|requirejs|jupyterlab)\b", esm)


def test_every_state_has_a_sign_and_a_colour() -> None:
    words = {state.value for state in TaskState} | {"hit"}
    assert words == set(STATE_ORDER)
    assert words | set(BADGES) <= set(assets.icons())
    assert words <= set(COLOURS)
    signs = [json.dumps(assets.icons()[word]) for word in words]
    assert len(set(signs)) == len(signs)
    for name in COLOURS:
        assert f"--o-{name}:" in assets.css()
    assert "prefers-reduced-motion" in assets.css()


@needs_node
def test_the_bundled_module_loads(tmp_path: Path) -> None:
    path = tmp_path / "dag.mjs"
    path.write_text(assets.esm(), encoding="utf-8")
    kind = node(f"const m = await import({json.dumps(path.as_uri())});"
                "console.log(JSON.stringify(typeof m.default.render));")  # fmt: skip
    assert kind == "function"


@needs_node
@pytest.mark.parametrize("name", ["demo", "folded"])
def test_the_store_in_the_browser_ends_where_the_kernel_is(name: str) -> None:
    feed = {"demo": demo(troubled=True), "folded": folded(60)}[name]
    view = GraphView(fold_above=30)
    first = view.snapshot()
    deltas = []
    for start in range(0, len(feed), 7):
        since = view.rev
        view.update(feed[start : start + 7])
        if start == 14:
            view.forget([feed[0].task])
        deltas.append(view.delta(since))
    script = """
    const { Store } = await import(here + "state.js");
    const store = new Store(data.first);
    const gap = new Store(data.first).merge(data.deltas[2]);
    const taken = data.deltas.map((delta) => store.merge(delta));
    const again = store.merge(data.deltas[3]);
    const found = store.snapshot();
    console.log(JSON.stringify({ found, gap, taken: taken.every(Boolean), again, elapsed: store.elapsed() }));
    """
    result = node(script, {"first": first, "deltas": deltas})
    want = view.snapshot()
    found = result["found"]
    found["nodes"] = {box: found["nodes"][box] for box in found["boxes"]}
    assert found == want
    assert result["gap"] is False
    assert result["taken"] is True
    assert result["again"] is True  # an old delta is no gap
    assert result["elapsed"] == pytest.approx(feed[-1].at - feed[0].at, abs=0.01)


@needs_node
def test_cards_say_the_same_in_the_browser_and_in_files() -> None:
    nodes: list[dict[str, Any]] = []
    for feed in (
        demo(troubled=True),
        until(demo(), 14.0),
        until(demo(), 1.5),
        until(folded(), 5.0),
        layers(),
    ):
        view = GraphView()
        view.update(feed)
        view.mark_stale([view.cards()[0].id])
        view.badge([card.id for card in view.cards()[:3]], "provenance", "conn")
        view.badge([view.cards()[1].id], "replayed", "")
        nodes.extend(view.snapshot()["nodes"].values())
    odd = [
        "score[known='schedule', leaves=15]",
        "a[b == c]",
        "m[]",
        "x=1[2]",
        'f["q"][3]',
        "l[i\nj]",
    ]
    nodes.extend({**nodes[0], "name": name} for name in odd)
    script = """
    const { badgesOf, leftOf, names, sentence, tagOf, span } = await import(here + "format.js");
    const left = [[{}, 0], [{ end: 140 }, 100], [{ end: 138.2 }, 100], [{ end: 108.4, least: true }, 100],
        [{ end: 101 }, 100], [{ end: 101, least: true }, 100], [{ end: 7300 }, 100]].map(([o, now]) => leftOf(o, now));
    const spans = [0, 0.04, 0.0996, 3.21, 9.96, 59.6, 200, 3900].map(span);
    console.log(JSON.stringify({ told: data.map((n) => [names(n.name), sentence(n, 115), tagOf(n), badgesOf(n)]), spans, left }));
    """
    result = node(script, nodes)
    assert result["told"] == [
        [
            format.names(item["name"]),
            format.sentence(item, 115.0),
            list(format.tag(item)),
            format.badges(item),
        ]
        for item in nodes
    ]
    assert result["left"] == [
        "", "≈ 40 s left", "≈ 40 s left", "at least 8 s left", "almost done", "", "≈ 2 h 00 min left",
    ]  # fmt: skip
    times = (0, 0.04, 0.0996, 3.21, 9.96, 59.6, 200, 3900)
    assert result["spans"] == [format.span(t) for t in times]


@needs_node
def test_kernel_text_cannot_become_markup() -> None:
    nasty = '\x1b[0;31m<img src=x onerror="alert(1)">\x1b[0m & \x1b]8;;javascript:x\x07link\x1b[2K done\r\n50%\r100%\n'
    frames = [
        {"kind": "stream", "data": {"name": "stdout", "text": "<b>one</b>\n"}},
        {
            "kind": "display",
            "data": {"data": {"text/html": "<script>x</script>", "text/plain": "two<"}},
        },
        {"kind": "display", "data": {"data": {"image/png": '"><script>', "text/plain": "three"}}},
        {"kind": "display", "data": {"data": {"image/png": "iVBORw0KGgo="}}},
    ]
    script = """
    const { ansiToHtml } = await import(here + "format.js");
    const { logHtml } = await import(here + "panel.js");
    console.log(JSON.stringify([ansiToHtml(data.nasty), logHtml(data.frames),
        ansiToHtml("\\x1b[1;38;5;208mx\\x1b[22m\\x1b[48;2;1;2;3my\\x1b[mz")]));
    """
    text, logs, colours = node(script, {"nasty": nasty, "frames": frames})
    assert "<img" not in text
    assert "&#60;img" in text
    assert "\x1b" not in text
    assert text.endswith("done\n100%\n")
    assert "<script" not in logs
    assert "<b>" not in logs
    assert logs.count("<img") == 1
    assert colours == (
        '<span style="color:rgb(255,135,0);font-weight:600">x</span>'
        '<span style="color:rgb(255,135,0);background:rgb(1,2,3)">y</span>z'
    )
