"""The colours, once, for the browser and for files: (on light, on dark).

A state has an accent; its tint is the accent mixed into the card. Accents on text keep a
contrast of 4.5 : 1 on their card. Colour is never the only sign: see ``icons.js``.
"""

from __future__ import annotations

COLOURS: dict[str, tuple[str, str]] = {
    "bg": ("#ffffff", "#12161c"),
    "canvas": ("#f7f8fa", "#171c23"),
    "card": ("#ffffff", "#1f252e"),
    "line": ("#dce1e8", "#343d49"),
    "edge": ("#b9c2cd", "#4a5563"),
    "path": ("#75869b", "#8ea2b8"),
    "text": ("#1b2430", "#e9eef5"),
    "muted": ("#5f6b7a", "#9aa7b6"),
    "faint": ("#8a95a3", "#6f7c8c"),
    "waiting": ("#6b7786", "#8e9bab"),
    "probing": ("#0b7c93", "#4cc2d8"),
    "ready": ("#5b5bd6", "#9a9cf8"),
    "running": ("#1a66e0", "#5ea8ff"),
    "backoff": ("#a05a00", "#f0b146"),
    "done": ("#12804a", "#46c486"),
    "hit": ("#7c3aed", "#b294ff"),
    "failed": ("#cf222e", "#ff7a7a"),
    "upstream_failed": ("#a04a52", "#dc949b"),
    "cancelled": ("#69727d", "#8f99a6"),
    "clone": ("#b8237f", "#f27cc0"),
    "stale": ("#a05a00", "#f0b146"),
}

TINT = 0.12
"""Share of the accent in a tint."""


def mix(colour: str, base: str, share: float) -> str:
    """`share` of `colour` over `base`, both ``#rrggbb``."""
    pairs = [(int(colour[i : i + 2], 16), int(base[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def colour(role: str) -> tuple[str, str]:
    """(light, dark) of a role; ``NAME-tint`` and ``NAME-half`` are mixed into the card."""
    name, _, shade = role.partition("-")
    light, dark = COLOURS[name]
    if not shade:
        return light, dark
    share = {"tint": TINT, "half": 0.45}[shade]
    return mix(light, COLOURS["card"][0], share), mix(dark, COLOURS["card"][1], share + 0.04)


_VSCODE = {
    "card": "var(--vscode-editor-background,{own})",
    "text": "var(--vscode-editor-foreground,{own})",
    "canvas": "color-mix(in srgb,var(--o-text) 4%,var(--o-card))",
    "line": "var(--vscode-contrastBorder,color-mix(in srgb,var(--o-text) 16%,var(--o-card)))",
    "edge": "color-mix(in srgb,var(--o-text) 32%,var(--o-card))",
    "muted": "color-mix(in srgb,var(--o-text) 72%,var(--o-card))",
    "faint": "color-mix(in srgb,var(--o-text) 52%,var(--o-card))",
    "path": "color-mix(in srgb,var(--o-text) 55%,var(--o-card))",
}
"""Surfaces in VS Code, whose themes are many: its own where it tells, ours where it does not."""


def css_tokens() -> str:
    """Custom properties for the widget. A theme decides if there is one (JupyterLab's, Notebook's,
    VS Code's, Colab's); otherwise the system's preference does."""

    def block(selector: str, dark: bool, colours: dict[str, str] | None = None) -> str:
        shown = colours or {name: pair[dark] for name, pair in COLOURS.items()}
        rows = [f"--o-{name}:{value};" for name, value in shown.items()]
        rows.append("color-scheme:dark;" if dark else "color-scheme:light;")
        return f"{selector}{{{''.join(rows)}}}"

    def vscode(dark: bool) -> dict[str, str]:
        return {name: text.format(own=COLOURS[name][dark]) for name, text in _VSCODE.items()}

    code_light = ":is(.vscode-light,.vscode-high-contrast-light) .orion"
    code_dark = ":is(.vscode-dark,.vscode-high-contrast:not(.vscode-high-contrast-light)) .orion"
    themed = f'[data-jp-theme-light="false"] .orion,html[theme=dark] .orion,{code_dark}'
    unthemed = "body:not([data-jp-theme-light]):not([class*=vscode-]) .orion"
    return (
        block(".orion", False)
        + f"@media (prefers-color-scheme:dark){{{block(unthemed, True)}}}"
        + block(themed, True)
        + block(code_light, False, vscode(False))
        + block(code_dark, True, vscode(True))
        + "\n"
    )
