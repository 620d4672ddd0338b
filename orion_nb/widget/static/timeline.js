// The timeline of the workers, on a canvas: a thousand bars cost what one costs in the DOM.
import { names, plural, span } from "./format.js";
import { fitFirst } from "./graph.js";

const LANE = 24, BAR = 16, LABEL = 84, GAP = 10, AXIS = 20, TOP = 4;
const ROLE = { done: "done", won: "clone", lost: "cancelled", failed: "failed", cancelled: "cancelled", moved: "cancelled", running: "running" };
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600];

export class Timeline {
  /**
   * @param {HTMLElement} parent
   * @param {{open: (task: string) => void, hover: (words: string[] | null, x?: number, y?: number) => void}} on
   */
  constructor(parent, on) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "o-timeline";
    this.canvas.setAttribute("role", "img");
    parent.append(this.canvas);
    /** @type {{x: number, y: number, w: number, row: any[]}[]} */
    this.hot = [];
    this.selected = "";
    /** @type {Map<string, string>} */
    this.plains = new Map();
    const found = (/** @type {MouseEvent} */ event) => {
      const box = this.canvas.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      return this.hot.findLast((h) => x >= h.x - 2 && x <= h.x + h.w + 2 && y >= h.y && y <= h.y + BAR);
    };
    this.canvas.addEventListener("pointermove", (event) => {
      const hit = found(event);
      this.canvas.style.cursor = hit ? "pointer" : "";
      on.hover(hit ? this.words(hit.row) : null, event.clientX, event.clientY);
    });
    this.canvas.addEventListener("pointerleave", () => on.hover(null));
    this.canvas.addEventListener("click", (event) => {
      const hit = found(event);
      if (hit) on.open(hit.row[1]);
    });
  }

  /** @param {any[]} row */
  words(row) {
    const [, task, worker, start, end, outcome, clone] = row;
    const name = this.name(task);
    if (outcome === "hit") return [name, "cache hit"];
    const took = span((end ?? this.store.now()) - start);
    const fate = { won: "clone, won", lost: "lost to the other attempt", moved: "moved elsewhere" }[outcome] || outcome;
    return [name, `${fate} · ${took} · ${worker}${clone && outcome !== "won" ? " · clone" : ""}`];
  }

  /** @param {string} task */
  name(task) {
    const node = this.store.nodes.get(task);
    return node ? node.name : task.replace(/-[0-9a-f]{3,}$/, "");
  }

  colours() {
    const style = getComputedStyle(this.canvas);
    return (/** @type {string} */ role) => this.plain(style.getPropertyValue(`--o-${role}`).trim() || "#888");
  }

  /** A colour as every canvas knows it: themes may mix theirs. @param {string} colour */
  plain(colour) {
    if (colour[0] === "#") return colour;
    let found = this.plains.get(colour);
    if (!found) {
      this.canvas.style.color = colour;
      this.plains.set(colour, (found = getComputedStyle(this.canvas).color));
    }
    return found;
  }

  /** @param {import("./state.js").Store} store @param {number} width */
  draw(store, width) {
    this.store = store;
    const { run } = store.data;
    const rows = [...store.spans.values()];
    const lanes = [...run.workers];
    if (rows.some((row) => row[5] === "hit")) lanes.push("cache");
    const height = lanes.length && run.bursts.length ? TOP + lanes.length * LANE + AXIS : 0;
    this.canvas.hidden = height === 0;
    if (!height || width < 50) return;
    const ratio = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.canvas.style.height = `${height}px`;
    }
    const c = this.canvas.getContext("2d");
    if (!c) return;
    const colour = this.colours();
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, height);
    c.textBaseline = "middle";
    const family = getComputedStyle(this.canvas).fontFamily;
    const place = this.scale(run.bursts, store.now(), width - LABEL - 8);
    const y0 = new Map(lanes.map((lane, i) => [lane, TOP + i * LANE]));
    for (const [lane, y] of y0) {
      c.globalAlpha = 1;
      c.fillStyle = colour("canvas");
      block(c, LABEL, y, width - LABEL, BAR, 5);
      c.fillStyle = colour("muted");
      c.font = `11px ${family}`;
      c.fillText(lane.length > 13 ? "…" + lane.slice(-12) : lane, 0, y + BAR / 2);
    }
    this.axis(c, run.bursts, store.now(), place, TOP + lanes.length * LANE, colour, family);
    this.hot = [];
    for (const row of rows) this.bar(c, row, place, y0, colour, family);
    c.globalAlpha = 1;
    this.canvas.setAttribute("aria-label", `Timeline: ${plural(rows.length, "attempt")} on ${plural(run.workers.length, "worker")}`);
    this.canvas.dataset.spans = String(rows.length);
  }

  bar(c, row, place, y0, colour, family) {
    const [, task, worker, start, end, outcome, clone] = row;
    const y = y0.get(outcome === "hit" ? "cache" : worker);
    if (y === undefined) return;
    const x = place(start);
    if (outcome === "hit") {
      c.globalAlpha = 1;
      c.fillStyle = colour("hit");
      block(c, x - 1, y + 1, 3, BAR - 2, 1.5);
      this.hot.push({ x: x - 1, y, w: 3, row });
      return;
    }
    const w = Math.max(2, place(end ?? this.store.now()) - x - 1);
    const tone = colour(ROLE[outcome] === "running" && clone ? "clone" : ROLE[outcome]);
    const faded = outcome === "lost" || outcome === "cancelled" || outcome === "moved";
    c.globalAlpha = faded ? 0.16 : clone ? 0.3 : outcome === "running" ? 0.55 : 0.42;
    if (this.selected && this.selected === task) c.globalAlpha = Math.min(1, c.globalAlpha + 0.35);
    c.fillStyle = tone;
    block(c, x, y, w, BAR, 4);
    if (clone || faded) hatch(c, x, y, w, tone);
    if (w > 5 && (clone || faded || outcome === "failed" || this.selected === task)) {
      c.globalAlpha = faded ? 0.45 : 0.9;
      c.strokeStyle = tone;
      c.lineWidth = 1;
      c.setLineDash(clone || faded ? [3, 2] : []);
      c.beginPath();
      c.roundRect(x + 0.5, y + 0.5, w - 1, BAR - 1, 4);
      c.stroke();
      c.setLineDash([]);
    }
    if (w > 34) {
      c.globalAlpha = faded ? 0.6 : 1;
      c.fillStyle = colour("text");
      c.font = `10px ${family}`;
      c.fillText(fitFirst(names(this.name(task)), w - 11, c.font), x + 6, y + BAR / 2 + 0.5);
    }
    this.hot.push({ x, y, w, row });
  }

  /** Time → x; what lies between two busy times is cut to a narrow gap. */
  scale(bursts, now, width) {
    const busy = bursts.reduce((sum, [a, b]) => sum + Math.max(0, (b ?? now) - a), 0) || 1;
    const perSecond = (width - GAP * (bursts.length - 1)) / busy;
    return (/** @type {number} */ at) => {
      let x = LABEL;
      for (const [a, b] of bursts) {
        const end = b ?? now;
        if (at <= end || b === null) return x + Math.max(0, Math.min(at, end) - a) * perSecond;
        x += (end - a) * perSecond + GAP;
      }
      return x - GAP;
    };
  }

  axis(c, bursts, now, place, y, colour, family) {
    const total = bursts.reduce((sum, [a, b]) => sum + Math.max(0, (b ?? now) - a), 0);
    const step = STEPS.find((s) => total / s <= 8) || 86400;
    c.font = `9.5px ${family}`;
    c.textAlign = "center";
    let passed = 0;
    bursts.forEach(([a, b], i) => {
      const length = Math.max(0, (b ?? now) - a);
      for (let tick = Math.ceil(passed / step) * step; tick <= passed + length; tick += step) {
        const x = Math.round(place(a + tick - passed)) + 0.5;
        c.globalAlpha = 0.5;
        c.fillStyle = colour("line");
        c.fillRect(x - 0.5, TOP, 1, y - TOP - 4);
        c.globalAlpha = 1;
        c.fillStyle = colour("faint");
        c.fillText(tick === 0 ? "0" : span(tick), x, y + 8);
      }
      if (i > 0) {
        c.fillStyle = colour("faint");
        c.fillText("⋯", place(a) - GAP / 2, y / 2);
      }
      passed += length;
    });
    c.textAlign = "left";
  }
}

function block(c, x, y, w, h, r) {
  c.beginPath();
  c.roundRect(x, y, w, h, Math.min(r, w / 2));
  c.fill();
}

/** Diagonal strokes: told apart without colour. */
function hatch(c, x, y, w, tone) {
  c.save();
  c.beginPath();
  c.rect(x, y, w, BAR);
  c.clip();
  c.globalAlpha *= 0.9;
  c.strokeStyle = tone;
  c.lineWidth = 1;
  c.beginPath();
  for (let i = x - BAR; i < x + w; i += 6) {
    c.moveTo(i, y + BAR);
    c.lineTo(i + BAR, y);
  }
  c.stroke();
  c.restore();
}
