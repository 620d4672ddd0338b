"""The widget in a page of nothing: no JupyterLab, no server, no network. What the page lacks, the
widget cannot need; so it stands for Notebook 7, VS Code's renderer, and whatever comes."""

from __future__ import annotations

import json
from typing import Any

from orion_nb.widget import assets, picture
from orion_nb.widget.view import GraphView

_PAGE = """<!doctype html><html><head><meta charset="utf-8"><style>{css}</style><style>{page}</style>
</head><body class="{body}"><div id="place"></div><script type="module">
const data = {data}, answers = {answers}, on = {{}};
const source = URL.createObjectURL(new Blob([{esm}], {{ type: "text/javascript" }}));
const widget = (await import(source)).default;
const reply = (q) => ({{ type: "reply", id: q.id, ok: true, ...(q.type === "snapshot" ? data : {{}}),
  result: answers[q.type]?.[q.task] ?? "", detail: answers.detail[q.task], members: answers.members[q.group] }});
const model = {{
  get: (name) => data[name], set: (name, value) => (data[name] = value),
  on: (name, call) => (on[name] = call), off: () => {{}},
  send: (question) => setTimeout(() => on["msg:custom"](reply(question))),
}};
window.told = (message) => on["msg:custom"](message);
window.leave = widget.render({{ model, el: document.getElementById("place") }});
</script></body></html>"""


def page_of(
    view: GraphView, *, body: str = "", style: str = "", why: list[str] | None = None
) -> str:
    """A whole page that shows a view as it is now.

    :param body: classes of the body, as a host would set them.
    :param style: the host's own style sheet.
    :param why: what every task's reasons are.
    """
    boxes, edges = view.shape()
    geometry = {"topology": view.topology, **picture.layout(boxes, edges).to_dict()}
    cards = view.cards()[:400]
    data: dict[str, Any] = {
        "snapshot": view.snapshot(),
        "geometry": geometry,
        "actions": ["cancel", "logs", "retry", "why"],
    }
    answers = {
        "detail": {card.id: view.detail(card.id) for card in cards},
        "members": {card.group: view.members(card.group) for card in cards},
        "why": {card.id: why or [] for card in cards},
    }
    return _PAGE.format(
        css=assets.css(), page=style, body=body,
        data=_literal(data), answers=_literal(answers), esm=_literal(assets.esm()),
    )  # fmt: skip


def _literal(value: object) -> str:
    return json.dumps(value).replace("</", "<\\/")
