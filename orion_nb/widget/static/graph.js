// The graph: one <g> for each box, made once for a layout, changed in place afterwards.
import { ICONS } from "./icons.js";
import { badgesOf, label, names, sentence, share, tagOf } from "./format.js";

const NS = "http://www.w3.org/2000/svg";
const FAR = 0.56, TINY = 0.3; // scales below which less is shown
const MANY = 150; // boxes above which nothing moves by itself
const EDGE = 12; // between a card's border and its words
const BADGE = 15; // width of a badge beside the name
const SUB_FONT = "11px ", TAG_FONT = "600 10.5px ";
const SEGMENTS = ["failed", "done", "hit", "running", "backoff", "cancelled", "upstream_failed", "ready", "probing", "waiting"];

/** @param {string} tag @param {Record<string, any>} [attributes] @param {Element} [parent] */
export function svg(tag, attributes = {}, parent) {
  const element = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (parent) parent.append(element);
  return element;
}

const measurer = document.createElement("canvas").getContext("2d");
const cut = new Map();

/** Width of a text in pixels. @param {string} text @param {string} font */
function measure(text, font) {
  if (!measurer) return text.length * 6;
  measurer.font = font;
  return measurer.measureText(text).width;
}

/** Text cut to a width in pixels, with an ellipsis. @param {string} text @param {number} width @param {string} font */
export function fit(text, width, font) {
  const key = `${font}|${Math.round(width)}|${text}`;
  let found = cut.get(key);
  if (found === undefined) {
    if (cut.size > 5000) cut.clear();
    found = text;
    if (measure(text, font) > width) {
      let low = 0, high = text.length;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (measure(text.slice(0, middle) + "…", font) <= width) low = middle;
        else high = middle - 1;
      }
      found = text.slice(0, low).trimEnd() + "…";
    }
    cut.set(key, found);
  }
  return found;
}

/** The first way that fits, or the last one cut. @param {string[]} ways @param {number} width @param {string} font */
export function fitFirst(ways, width, font) {
  return ways.find((way) => fit(way, width, font) === way) ?? fit(ways[ways.length - 1], width, font);
}

export class Graph {
  /**
   * @param {HTMLElement} parent
   * @param {{open: (id: string) => void, close: () => void, hover: (id: string | null, x?: number, y?: number, mark?: string) => void}} on
   */
  constructor(parent, on) {
    this.on = on;
    this.svg = /** @type {SVGSVGElement} */ (svg("svg", { class: "o-graph", role: "group", "aria-label": "Task graph. Arrow keys follow the edges, Enter opens a task." }, parent));
    this.world = svg("g", { class: "o-world" }, this.svg);
    this.edgeLayer = svg("g", { class: "o-edges", "aria-hidden": "true" }, this.world);
    this.nodeLayer = svg("g", { class: "o-nodes" }, this.world);
    /** @type {Map<string, any>} */
    this.parts = new Map();
    /** @type {{from: string, to: string, path: Element}[]} */
    this.edges = [];
    this.view = { x: 0, y: 0, k: 1 };
    this.size = { width: 1, height: 1 };
    this.touched = false; // the user has panned or zoomed: leave it alone
    this.inset = 0; // pixels at the right that the panel covers
    this.focused = "";
    this.selected = "";
    this.filter = "";
    /** The critical path: boxes, and edges as "from to". @type {Set<string>} */
    this.path = new Set();
    this.family = getComputedStyle(this.svg).fontFamily || "sans-serif";
    this.listen();
  }

  /** Draw a new layout. Boxes that stay keep their element, so that they glide to their place. @param {any} geometry @param {Map<string, any>} nodes */
  build(geometry, nodes) {
    this.geometry = geometry;
    // Before there is anything to lay out: from afar no words are drawn, so none are measured.
    const across = this.svg.parentElement?.clientWidth || this.size.width;
    if (!this.touched) this.resize(across, Math.min(620, this.wantedHeight(across)));
    [this.cardWidth, this.cardHeight] = geometry.card;
    const placed = geometry.nodes;
    for (const [id, part] of this.parts) {
      if (!(id in placed)) {
        part.g.remove();
        this.parts.delete(id);
      }
    }
    this.svg.classList.toggle("o-many", Object.keys(placed).length > MANY);
    for (const [id, [x, y]] of Object.entries(placed)) {
      let part = this.parts.get(id);
      if (part && nodes.get(id) && part.kind !== nodes.get(id).kind) {
        part.g.remove();
        part = undefined;
      }
      if (!part) this.parts.set(id, (part = this.card(id, nodes.get(id)?.kind || "task")));
      part.x = x;
      part.y = y;
      part.g.style.transform = `translate(${x - this.cardWidth / 2}px,${y - this.cardHeight / 2}px)`;
    }
    this.edgeLayer.replaceChildren();
    this.edges = geometry.edges.map(([from, to, d]) => ({
      from, to, path: svg("path", { d, class: "o-edge" }, this.edgeLayer),
    }));
    this.critical([...this.path].filter((id) => !id.includes("\n")));
    this.next = new Map();
    this.previous = new Map();
    for (const edge of this.edges) {
      for (const [map, key] of [[this.next, edge.from], [this.previous, edge.to]]) {
        if (!map.has(key)) map.set(key, []);
      }
      this.next.get(edge.from).push(edge);
      this.previous.get(edge.to).push(edge);
    }
    if (!this.parts.has(this.focused)) this.roam(Object.keys(placed)[0] || "");
    if (!this.touched) this.fit();
  }

  /** Mark the chain that decides when the end is. @param {string[]} boxes */
  critical(boxes) {
    this.path = new Set(boxes);
    boxes.forEach((id, i) => i && this.path.add(`${boxes[i - 1]}\n${id}`));
    for (const [id, part] of this.parts) part.g.classList.toggle("o-critical", this.path.has(id));
    for (const edge of this.edges) edge.path.classList.toggle("o-critical", this.path.has(`${edge.from}\n${edge.to}`));
  }

  /** @param {string} id @param {string} kind */
  card(id, kind) {
    const [w, h] = [this.cardWidth, this.cardHeight];
    const g = svg("g", { class: `o-node o-${kind}`, "data-id": id, tabindex: -1, role: "button" }, this.nodeLayer);
    if (kind === "group") {
      for (const i of [2, 1]) svg("rect", { class: "o-pile", x: 4 * i, y: -4 * i, width: w, height: h, rx: 12 }, g);
    }
    const box = svg("rect", { class: "o-box", width: w, height: h, rx: 12 }, g);
    const sign = svg("g", { class: "o-sign" }, g);
    svg("rect", { class: "o-disc", x: 10, y: 9, width: 22, height: 22 }, sign);
    const icon = svg("path", { class: "o-icon" }, svg("g", { transform: "translate(13,12)" }, sign));
    return { g, kind, box, icon, x: 0, y: 0, state: "", words: {} };
  }

  /** The rest of a card: nobody sees it from afar, and of two thousand it takes a second. @param {any} part */
  complete(part) {
    if (part.name) return;
    const [w, h] = [this.cardWidth, this.cardHeight];
    const { g } = part;
    const add = (/** @type {string} */ tag, /** @type {Record<string, any>} */ attributes) => svg(tag, attributes, g);
    part.box.after(svg("rect", { class: "o-ghost", x: 4, y: 4, width: w - 8, height: h - 8, rx: 9 }));
    part.name = add("text", { class: "o-name", x: 39, y: 24.5 });
    part.sub = add("text", { class: "o-sub", x: EDGE, y: 44 });
    part.tag = add("text", { class: "o-tag", x: w - EDGE, y: 44, "text-anchor": "end" });
    part.badges = add("g", { class: "o-marks" });
    part.tagIcon = add("path", { class: "o-tag-icon", d: ICONS.clone.d });
    add("rect", { class: "o-track", x: EDGE, y: h - 7, width: w - 2 * EDGE, height: 3, rx: 1.5 });
    part.bar = add("rect", { class: "o-bar", x: EDGE, y: h - 7, width: 0, height: 3, rx: 1.5 });
    part.segments = part.kind === "group" ? SEGMENTS.map((s) => add("rect", { class: "o-segment", "data-state": s, y: h - 7, height: 3 })) : [];
    add("rect", { class: "o-ring", x: -3.5, y: -3.5, width: w + 7, height: h + 7, rx: 15 });
  }

  /** Bring one card up to date. @param {any} node @param {number} clock */
  update(node, clock) {
    const part = this.parts.get(node.id);
    if (!part) return;
    if (part.state !== node.state) {
      if (part.state && ["done", "hit", "failed"].includes(node.state)) this.flash(part);
      part.state = node.state;
      part.g.setAttribute("data-state", node.state);
      part.icon.setAttribute("d", ICONS[node.state].d);
      part.icon.classList.toggle("o-fill", Boolean(ICONS[node.state].fill));
      for (const edge of this.previous.get(node.id) || []) edge.path.setAttribute("data-to", node.state);
      for (const edge of this.next.get(node.id) || []) edge.path.setAttribute("data-from", node.state);
    }
    part.g.classList.toggle("o-cloned", Boolean(node.clone));
    part.g.classList.toggle("o-won", node.won !== undefined);
    part.g.classList.toggle("o-stale", Boolean(node.stale));
    part.g.classList.toggle("o-dim", Boolean(this.filter) && !this.matches(node));
    this.label(part, node, clock);
    if (part.kind === "group") {
      this.complete(part);
      this.segment(part, node);
    } else this.tick(node, clock);
  }

  /** Names, tags and the words for a screen reader. */
  label(part, node, clock) {
    if (!this.tiny) this.words(part, node, clock);
    const told = [node.name, label(node.state)];
    if (node.state !== "running") told.push(sentence(node, clock));
    else if (node.worker) told.push(`on ${node.worker}`);
    if (node.clone) told.push(`clone on ${node.clone.worker}`);
    if (node.stale) told.push("stale");
    told.push(...badgesOf(node));
    const words = told.join(", ");
    if (part.words.aria !== words) part.g.setAttribute("aria-label", (part.words.aria = words));
  }

  /** What stands on a card that is near enough to be read. */
  words(part, node, clock) {
    this.complete(part);
    const [tag, kind] = tagOf(node);
    const { far } = this;
    const ways = part.kind === "group" ? [`${node.name} ×${node.total}`] : names(node.name);
    const badges = Object.keys(node.badges || {});
    this.badge(part, badges);
    const room = this.cardWidth - 39 - EDGE - (far ? 0 : badges.length * BADGE);
    this.write(part, "name", fitFirst(ways, room, `600 ${far ? 18 : 12.5}px ${this.family}`));
    part.room = this.cardWidth - 2 * EDGE - (tag ? measure(tag, TAG_FONT + this.family) + 5 + (node.clone ? 13 : 0) : 0);
    this.write(part, "tag", tag);
    part.tag.setAttribute("data-kind", kind);
    if (node.clone) {
      const x = EDGE + part.room + 4;
      part.tagIcon.setAttribute("transform", `translate(${x},33.5) scale(.8)`);
    }
    this.write(part, "sub", fit(sentence(node, clock), part.room, SUB_FONT + this.family));
  }

  /** Small signs at the right of the name. @param {any} part @param {string[]} kinds */
  badge(part, kinds) {
    const drawn = kinds.join();
    if ((part.words.badges || "") === drawn) return;
    part.words.badges = drawn;
    part.badges.replaceChildren(...kinds.map((kind, i) => {
      const place = `translate(${this.cardWidth - EDGE + 2 - (kinds.length - i) * BADGE},13.5) scale(.8)`;
      const g = svg("g", { class: "o-mark", "data-mark": kind, transform: place });
      svg("rect", { class: "o-hit", x: -2, y: -2, width: 20, height: 20 }, g);
      svg("path", { class: `o-icon${ICONS[kind].fill ? " o-fill" : ""}`, d: ICONS[kind].d }, g);
      return g;
    }));
  }

  /** What moves between two messages: elapsed time and the bar. @param {any} node @param {number} clock */
  tick(node, clock) {
    const part = this.parts.get(node.id);
    if (!part?.name || part.kind === "group") return;
    if (node.state !== "running" && node.state !== "backoff") return;
    if (!this.far) this.write(part, "sub", fit(sentence(node, clock), part.room, SUB_FONT + this.family));
    const done = share(node, clock);
    part.g.classList.toggle("o-unknown", done < 0);
    part.g.classList.toggle("o-guess", done >= 0 && !node.progress);
    const width = done < 0 ? (this.cardWidth - 2 * EDGE) * 0.3 : (this.cardWidth - 2 * EDGE) * done;
    part.bar.setAttribute("width", width.toFixed(1));
  }

  segment(part, node) {
    let x = EDGE;
    SEGMENTS.forEach((state, i) => {
      const width = ((this.cardWidth - 2 * EDGE) * (node.counts[state] || 0)) / node.total;
      part.segments[i].setAttribute("x", x.toFixed(1));
      part.segments[i].setAttribute("width", Math.max(0, width - (width > 4 ? 1 : 0)).toFixed(1));
      x += width;
    });
  }

  /** Text is touched only when it differs: a write costs a layout. */
  write(part, slot, text) {
    if (part.words[slot] !== text) part[slot].textContent = part.words[slot] = text;
  }

  flash(part) {
    if (this.svg.classList.contains("o-many")) return;
    part.g.classList.remove("o-flash");
    requestAnimationFrame(() => part.g.classList.add("o-flash"));
  }

  matches(node) {
    if (this.filter === "stale") return Boolean(node.stale);
    return node.kind === "group" ? Boolean(node.counts[this.filter]) : node.state === this.filter;
  }

  /** Mark the box whose panel is open. @param {string} id */
  select(id) {
    this.parts.get(this.selected)?.g.classList.remove("o-selected");
    this.parts.get(id)?.g.classList.add("o-selected");
    this.selected = id;
  }

  /** Show which edges belong to a box. @param {string} id */
  near(id) {
    for (const edge of this.lit || []) edge.path.classList.remove("o-near");
    this.lit = id ? [...(this.next?.get(id) || []), ...(this.previous?.get(id) || [])] : [];
    for (const edge of this.lit) edge.path.classList.add("o-near");
  }

  // ------------------------------------------------------------ moving about

  /** @param {number} width @param {number} height */
  resize(width, height) {
    this.size = { width, height };
    this.svg.setAttribute("height", String(height));
    if (!this.touched) this.fit();
    if (this.inset) this.reveal(this.selected);
  }

  /** The height in pixels at which the whole graph would be seen without shrinking it more than the width does. */
  wantedHeight(width) {
    if (!this.geometry) return 120;
    return this.geometry.height * Math.min(1, width / this.geometry.width);
  }

  fit() {
    if (!this.geometry) return;
    const { width, height } = this.geometry;
    const k = Math.min(1.15, this.size.width / width, this.size.height / height);
    this.touched = false;
    this.place((this.size.width - width * k) / 2, (this.size.height - height * k) / 2, k);
  }

  /** @param {number} x @param {number} y @param {number} k */
  place(x, y, k) {
    this.view = { x, y, k };
    this.world.setAttribute("transform", `translate(${x.toFixed(1)},${y.toFixed(1)}) scale(${k.toFixed(4)})`);
    const [far, tiny] = [k < FAR, k < TINY];
    if (this.far === far && this.tiny === tiny) return;
    [this.far, this.tiny] = [far, tiny];
    this.svg.classList.toggle("o-far", far);
    this.svg.classList.toggle("o-tiny", tiny);
    this.relabel?.();
  }

  /** @param {number} factor @param {number} [x] @param {number} [y] */
  zoom(factor, x = this.size.width / 2, y = this.size.height / 2) {
    const k = Math.min(3, Math.max(0.04, this.view.k * factor));
    const real = k / this.view.k;
    this.touched = true;
    this.place(x - (x - this.view.x) * real, y - (y - this.view.y) * real, k);
  }

  /** Move the focus, and the view if the box is outside. @param {string} id @param {boolean} [grab] */
  roam(id, grab = false) {
    this.parts.get(this.focused)?.g.setAttribute("tabindex", "-1");
    this.focused = id;
    const part = this.parts.get(id);
    if (!part) return;
    part.g.setAttribute("tabindex", "0");
    if (this.cardWidth) this.complete(part);
    if (!grab) return;
    part.g.focus({ preventScroll: true });
    this.reveal(id);
  }

  /** Pan until the box is seen, if it is not. @param {string} id */
  reveal(id) {
    const part = this.parts.get(id);
    if (!part) return;
    const { x, y, k } = this.view;
    const [sx, sy] = [part.x * k + x, part.y * k + y];
    const [mx, my] = [(this.cardWidth / 2) * k + 8, (this.cardHeight / 2) * k + 8];
    const dx = Math.max(0, mx - sx) + Math.min(0, this.size.width - this.inset - mx - sx);
    const dy = Math.max(0, my - sy) + Math.min(0, this.size.height - my - sy);
    if (dx || dy) this.place(x + dx, y + dy, k);
  }

  /** The box that an arrow key leads to: along an edge, or to the nearest neighbour across. @param {string} key */
  beyond(key) {
    const here = this.parts.get(this.focused);
    if (!here) return "";
    const across = this.geometry.direction === "LR" ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
    const [main, side] = this.geometry.direction === "LR" ? ["x", "y"] : ["y", "x"];
    const distance = (id) => 9 * Math.abs(this.parts.get(id)[main] - here[main]) + Math.abs(this.parts.get(id)[side] - here[side]);
    if (!across.includes(key)) {
      const forward = key === "ArrowRight" || key === "ArrowDown";
      const ids = forward ? (this.next.get(this.focused) || []).map((e) => e.to) : (this.previous.get(this.focused) || []).map((e) => e.from);
      return ids.filter((id) => this.parts.has(id)).sort((a, b) => distance(a) - distance(b))[0] || "";
    }
    const sign = key === across[0] ? -1 : 1;
    let best = "", least = Infinity;
    for (const [id, part] of this.parts) {
      const step = (part[side] - here[side]) * sign;
      if (step <= 1) continue;
      const cost = step + 3 * Math.abs(part[main] - here[main]);
      if (cost < least) [best, least] = [id, cost];
    }
    return best;
  }

  listen() {
    const idOf = (/** @type {Event} */ event) => /** @type {Element} */ (event.target).closest?.(".o-node")?.getAttribute("data-id") || "";
    let drag = null;
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.button === 0) drag = { x: event.clientX, y: event.clientY, moved: false };
    });
    this.svg.addEventListener("pointermove", (event) => {
      if (!drag) {
        const id = idOf(event);
        const mark = /** @type {Element} */ (event.target).closest?.(".o-mark")?.getAttribute("data-mark");
        this.on.hover(id || null, event.clientX, event.clientY, mark || "");
        return;
      }
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.moved && Math.hypot(dx, dy) < 4) return;
      if (!drag.moved) this.svg.setPointerCapture(event.pointerId);
      drag = { x: event.clientX, y: event.clientY, moved: true };
      this.touched = true;
      this.svg.classList.add("o-dragging");
      this.on.hover(null);
      this.place(this.view.x + dx, this.view.y + dy, this.view.k);
    });
    this.svg.addEventListener("pointerup", (event) => {
      const moved = drag?.moved;
      drag = null;
      this.svg.classList.remove("o-dragging");
      if (moved || event.button !== 0) return;
      const id = idOf(event);
      if (id) {
        this.roam(id, true);
        this.on.open(id);
      } else this.on.close();
    });
    this.svg.addEventListener("pointercancel", () => (drag = null));
    this.svg.addEventListener("pointerleave", () => this.on.hover(null));
    this.svg.addEventListener("dblclick", (event) => !idOf(event) && this.fit());
    this.svg.addEventListener("wheel", (event) => {
      // A plain wheel scrolls the notebook; with Ctrl or Cmd (or a pinch) it zooms.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = this.svg.getBoundingClientRect();
      this.zoom(Math.exp(-event.deltaY * 0.004), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    this.svg.addEventListener("focusin", (event) => {
      const id = idOf(event);
      if (id) this.roam(id);
      this.near(id);
    });
    this.svg.addEventListener("focusout", () => this.near(""));
    // Or else it would flash again whenever JupyterLab takes the page apart, for a theme or a scroll.
    this.svg.addEventListener("animationend", (event) => {
      if (event.animationName === "o-flash") /** @type {Element} */ (event.target).closest(".o-node")?.classList.remove("o-flash");
    });
    this.svg.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const moves = { "+": () => this.zoom(1.25), "=": () => this.zoom(1.25), "-": () => this.zoom(0.8), 0: () => this.fit() };
    if (event.key.startsWith("Arrow")) {
      const id = this.beyond(event.key);
      if (id) this.roam(id, true);
    } else if (event.key === "Enter" || event.key === " ") this.on.open(this.focused);
    else if (event.key === "Escape") this.on.close();
    else if (event.key === "Home") this.roam(this.parts.keys().next().value, true);
    else if (event.key === "End") this.roam([...this.parts.keys()].pop(), true);
    else if (moves[event.key] && !event.ctrlKey && !event.metaKey) moves[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
