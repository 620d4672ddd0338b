// The widget: header, graph, panel and timeline around one store. See orion_nb/widget/dag.py
// for what the kernel sends and answers.
import { ICONS } from "./icons.js";
import { BADGES, badgesOf, escapeHtml, label, leftOf, plural, sentence, span } from "./format.js";
import { Kernel, Store } from "./state.js";
import { Graph } from "./graph.js";
import { Timeline } from "./timeline.js";
import { badge, Panel } from "./panel.js";

const ORDER = ["failed", "running", "backoff", "done", "hit", "ready", "probing", "waiting", "upstream_failed", "cancelled"];
const TALLEST = 620;

const SHELL = `<header class="o-head">
<svg class="o-logo" viewBox="0 0 26 16" aria-hidden="true"><circle cx="3.5" cy="12.5" r="3"/><circle cx="13" cy="8" r="3"/><circle cx="22.5" cy="3.5" r="3"/></svg>
<strong class="o-title"></strong><span class="o-status" role="status"></span><span class="o-clock"></span><span class="o-left"></span><span class="o-facts"></span>
<span class="o-tools" role="toolbar" aria-label="View">
<button type="button" data-tool="out" aria-label="Zoom out" title="Zoom out (−)">−</button>
<button type="button" data-tool="in" aria-label="Zoom in" title="Zoom in (+, or Ctrl and wheel)">+</button>
<button type="button" data-tool="fit" title="Fit (0)">Fit</button>
<button type="button" data-tool="time" aria-pressed="true" title="Show or hide the timeline">Timeline</button></span></header>
<div class="o-meter" aria-hidden="true"></div>
<div class="o-chips" role="group" aria-label="Counts by state; press one to single it out"></div>
<div class="o-stage"><div class="o-canvas"></div><aside class="o-panel" aria-label="Task" hidden></aside></div>
<div class="o-time"></div><div class="o-tip" aria-hidden="true" hidden></div><div class="o-live" aria-live="polite"></div>`;

class Dag {
  /** @param {any} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.store = new Store(model.get("snapshot"));
    this.kernel = new Kernel(model);
    this.root = document.createElement("section");
    this.root.className = "orion";
    this.root.setAttribute("aria-label", "Orion task graph");
    // JupyterLab's own shortcuts stay away from a focused graph (arrows would change the cell).
    this.root.setAttribute("data-lm-suppress-shortcuts", "true");
    this.root.innerHTML = SHELL;
    el.append(this.root);
    this.find = (/** @type {string} */ name) => /** @type {HTMLElement} */ (this.root.querySelector(`.o-${name}`));
    const close = () => this.close();
    this.graph = new Graph(this.find("canvas"), { open: (id) => this.open(id), close, hover: (id, x, y, mark) => this.hover(id, x, y, mark) });
    this.graph.relabel = () => this.all();
    this.panel = new Panel(this.find("panel"), this.kernel, model.get("actions") || [], { close, show: (id) => this.open(id), now: () => this.store.now(), opened: () => this.store.data.opened || [] });
    this.timeline = new Timeline(this.find("time"), { open: (task) => this.open(task), hover: (words, x, y) => this.tip(words, x, y) });
    /** @type {Map<string, {state: string, lines: string[]}>} */
    this.reasons = new Map();
    this.geometry = model.get("geometry");
    this.relaid = Boolean(this.geometry?.nodes);
    this.onMessage = (/** @type {any} */ message) => this.receive(message);
    model.on("msg:custom", this.onMessage);
    this.onSnapshot = () => this.load(model.get("snapshot"));
    this.onGeometry = () => this.lay(model.get("geometry"));
    model.on("change:snapshot", this.onSnapshot);
    model.on("change:geometry", this.onGeometry);
    this.listen();
    this.paint();
    this.resync();
    this.timer = setInterval(() => this.tick(), 200);
  }

  listen() {
    this.watcher = new ResizeObserver(() => this.fitStage());
    this.watcher.observe(this.root);
    // A theme switch changes an attribute of the page: the canvas must be drawn anew. JupyterLab
    // hides the page for a frame or two then, when nothing has a size; so once more after that.
    this.themes = new MutationObserver(() => {
      this.schedule();
      setTimeout(() => this.schedule(), 200);
    });
    this.themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
    const tools = { out: () => this.graph.zoom(0.8), in: () => this.graph.zoom(1.25), fit: () => this.graph.fit(), time: () => this.toggleTime() };
    this.find("tools").addEventListener("click", (event) => {
      const tool = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset.tool;
      if (tool) tools[tool]();
    });
    this.find("chips").addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (button?.dataset.fold) return void this.kernel.ask({ type: "open", group: button.dataset.fold, open: false });
      const state = button?.dataset.chip;
      if (!state) return;
      this.graph.filter = this.graph.filter === state ? "" : state;
      this.all();
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.panel.id) this.close();
    });
  }

  destroy() {
    clearInterval(this.timer);
    clearTimeout(this.asking);
    this.watcher.disconnect();
    this.themes.disconnect();
    this.model.off("msg:custom", this.onMessage);
    this.model.off("change:snapshot", this.onSnapshot);
    this.model.off("change:geometry", this.onGeometry);
    this.keep();
  }

  /** Keep what we know in the page's model (not in the kernel): a view that opens later starts from it. */
  keep() {
    this.model.set("snapshot", this.store.snapshot());
    if (this.geometry) this.model.set("geometry", this.geometry);
  }

  // ------------------------------------------------------------ from the kernel

  /** @param {any} message */
  receive(message) {
    if (message.type === "reply") this.kernel.answered(message);
    else if (message.type === "geometry") this.lay(message.geometry);
    else if (message.type === "delta") {
      const before = this.store.data.run;
      if (!this.store.merge(message)) return void this.resync();
      this.announce(before, message);
      this.schedule();
    }
  }

  async resync() {
    if (this.syncing) return;
    this.syncing = true;
    const answer = await this.kernel.ask({ type: "snapshot" }, 1);
    this.syncing = false;
    if (!answer.ok) return;
    this.load(answer.snapshot);
    this.lay(answer.geometry);
  }

  /** @param {any} snapshot */
  load(snapshot) {
    const { rev, part } = this.store.data; // a part lacks bars of the timeline
    if (!snapshot?.boxes || snapshot.rev < rev || (snapshot.rev === rev && (!part || snapshot.part))) return;
    const before = this.store.data.run;
    this.store.load(snapshot);
    this.announce(before, snapshot);
    this.schedule();
  }

  /** @param {any} geometry */
  lay(geometry) {
    if (!geometry?.topology || geometry.topology < (this.geometry?.topology || 0)) return;
    const drawn = (/** @type {any} */ g) => g && JSON.stringify([g.nodes, g.edges]);
    const same = drawn(this.geometry) === drawn(geometry);
    this.geometry = geometry;
    this.relaid = this.relaid || !same;
    this.schedule();
  }

  // ------------------------------------------------------------ painting

  /** Paint once in the next frame, however many messages come before it. */
  schedule() {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.frame = 0;
    const { store } = this;
    // Sizes are read before anything is written: asked later, they would cost a layout each.
    const [wide, room] = [this.find("canvas").clientWidth, this.root.clientWidth];
    if (this.relaid && this.geometry?.nodes) {
      this.relaid = false;
      this.graph.build(this.geometry, store.nodes);
      this.fitStage(wide);
      for (const id of store.nodes.keys()) store.changed.add(id);
      for (const part of this.graph.parts.values()) part.state = "";
    }
    const path = (store.data.outlook?.path || []).join("\n");
    if (path !== this.path) this.graph.critical((this.path = path) ? path.split("\n") : []);
    const now = store.now();
    for (const id of store.changed) {
      const node = store.nodes.get(id);
      if (node) this.graph.update(node, now);
    }
    if (this.panel.id) {
      const shown = store.nodes.get(this.shown || "");
      if (shown && store.changed.has(this.shown || "")) this.panel.update(shown);
    }
    store.changed.clear();
    this.header();
    this.timeline.draw(store, room);
    this.root.dataset.rev = String(store.data.rev);
    this.root.dataset.finished = String(store.data.run.finished);
  }

  all() {
    for (const id of this.store.nodes.keys()) this.store.changed.add(id);
    this.schedule();
  }

  /** Between two messages: clocks and bars. */
  tick() {
    const { run } = this.store.data;
    if (run.finished || !run.total || document.hidden || !this.root.isConnected) return;
    const now = this.store.now();
    for (const node of this.store.nodes.values()) this.graph.tick(node, now);
    this.find("clock").textContent = span(this.store.elapsed());
    this.left();
    this.timeline.draw(this.store, this.root.clientWidth);
  }

  header() {
    const { run, title, boxes } = this.store.data;
    const { counts } = run;
    this.find("title").textContent = title || "Orion";
    const state = !run.total ? "empty" : !run.finished ? "running" : counts.failed ? "failed" : "done";
    const status = this.find("status");
    status.dataset.state = state;
    const words = { empty: "no tasks yet", running: "running", failed: plural(counts.failed, "failure"), done: "finished" }[state];
    if (status.textContent !== words) status.textContent = words;
    this.find("clock").textContent = run.total ? span(this.store.elapsed()) : "";
    this.left();
    this.find("facts").textContent = this.find("facts").title = this.facts().join(" · ");
    const seen = ORDER.filter((s) => counts[s]);
    const meter = seen.map((s) => `<i data-state="${s}" style="flex-grow:${counts[s]}"></i>`).join("");
    const chip = (s, icon, n, word) => `<button type="button" data-chip="${s}" aria-pressed="${this.graph.filter === s}">${badge(icon)}<b>${n}</b> ${word}</button>`;
    const chips = seen.map((s) => chip(s, s, counts[s], label(s)));
    if (run.stale) chips.push(chip("stale", "stale", run.stale, "stale"));
    for (const group of this.store.data.opened || []) {
      const name = escapeHtml(group);
      chips.push(`<button type="button" class="o-fold" data-fold="${name}" title="Draw the tasks of ${name} as one pile again"><span>⊟</span> ${name}</button>`);
    }
    this.html("meter", meter);
    this.html("chips", chips.join(""));
    this.root.classList.toggle("o-empty", !boxes.length);
    const problem = this.geometry?.problem;
    if (problem && !this.root.querySelector(".o-problem")) {
      const note = document.createElement("p");
      note.className = "o-problem";
      note.textContent = problem;
      this.find("canvas").prepend(note);
    }
  }

  /** How long it will take yet, if there is something to base it on. */
  left() {
    const { run, outlook } = this.store.data;
    const words = run.finished ? "" : leftOf(outlook, this.store.now());
    if (this.find("left").textContent === words) return;
    this.find("left").textContent = words;
    this.find("left").title = words && "Foreseen from earlier run times, what runs now and the number of workers";
  }

  facts() {
    const { run, outlook } = this.store.data;
    const found = [plural(run.total, "task")];
    if (run.saved) found.push(`cache saved ${span(run.saved)}`);
    if (run.wins) found.push(`${plural(run.wins, "clone")} won${run.won ? `, ${span(run.won)} sooner` : ""}`);
    if (run.retries) found.push(plural(run.retries, "retry", "retries"));
    const wall = this.store.elapsed();
    if (run.finished && wall > 0 && run.busy / wall >= 1.15) found.push(`${(run.busy / wall).toFixed(1)}× as fast as one by one`);
    if (run.finished && outlook?.length && run.total > 2) found.push(`critical path ${span(outlook.length)}`);
    return run.total ? found : [];
  }

  /** Write markup only when it differs. @param {string} name @param {string} html */
  html(name, html) {
    const element = this.find(name);
    if (!element || this[`last_${name}`] === html) return;
    const focused = /** @type {HTMLElement} */ (document.activeElement)?.dataset?.chip;
    element.innerHTML = this[`last_${name}`] = html;
    if (focused && name === "chips") /** @type {HTMLElement | null} */ (element.querySelector(`[data-chip="${focused}"]`))?.focus();
  }

  /** What a screen reader should hear: failures, and the end. */
  announce(before, delta) {
    const { run } = this.store.data;
    const said = [];
    if (before.total) for (const node of Object.values(delta.nodes || {})) {
      if (node.kind === "task" && node.state === "failed") said.push(`${node.name} failed: ${node.error || ""}`);
    }
    if (run.finished && !before.finished) {
      said.push(`Run finished in ${span(this.store.elapsed())}: ${ORDER.filter((s) => run.counts[s]).map((s) => `${run.counts[s]} ${label(s)}`).join(", ")}`);
      this.keep();
    }
    if (said.length) this.find("live").textContent = said.slice(0, 3).join(". ");
  }

  fitStage(width = this.find("canvas").clientWidth) {
    if (!width) return;
    const height = Math.round(Math.min(TALLEST, Math.max(150, this.graph.wantedHeight(width))));
    // While something is open the stage is tall enough to read it.
    const tall = this.panel.id ? Math.max(height, 360) : height;
    this.find("stage").style.height = `${tall}px`;
    this.graph.resize(width, tall);
    this.schedule();
  }

  toggleTime() {
    const hidden = this.root.classList.toggle("o-notime");
    this.root.querySelector('[data-tool="time"]')?.setAttribute("aria-pressed", String(!hidden));
    this.schedule();
  }

  // ------------------------------------------------------------ looking closer

  /** Open the panel of a box, or of a task inside a pile. @param {string} id */
  open(id) {
    if (!id) return;
    const node = this.store.nodes.get(id) || { id, kind: "task" };
    this.shown = this.store.nodes.has(id) ? id : this.shown;
    this.graph.select(this.store.nodes.has(id) ? id : this.graph.selected);
    if (this.store.nodes.has(id)) this.graph.roam(id);
    this.timeline.selected = id;
    this.tip(null);
    this.panel.open(node);
    this.fitStage();
    const covered = this.find("panel").offsetWidth;
    this.graph.inset = covered < this.graph.size.width * 0.7 ? covered : 0;
    this.graph.reveal(this.graph.selected);
  }

  close() {
    if (!this.panel.id) return;
    const inside = this.find("panel").contains(document.activeElement);
    this.panel.close();
    this.shown = this.timeline.selected = "";
    this.graph.select("");
    this.graph.inset = 0;
    this.fitStage();
    if (inside) this.graph.roam(this.graph.focused, true);
  }

  /** @param {string | null} id @param {number} [x] @param {number} [y] @param {string} [mark] */
  hover(id, x = 0, y = 0, mark = "") {
    const node = id ? this.store.nodes.get(id) : null;
    this.graph.near(id || this.graph.focused);
    if (this.hovered !== id) clearTimeout(this.asking);
    this.hovered = id;
    if (!node) return this.tip(null);
    if (mark) {
      const words = node.badges?.[mark];
      return this.tip([BADGES[mark][0], node.kind === "group" ? plural(words, "task") : BADGES[mark][1](words)], x, y);
    }
    const told = sentence(node, this.store.now());
    const plain = node.kind === "group" || node.state === "running" || told.startsWith(label(node.state));
    const words = [node.name, plain ? told : `${label(node.state)} · ${told}`];
    if (node.progress?.[2]) words.push(node.progress[2]);
    if (node.clone) words.push(`clone on ${node.clone.worker}${node.clone.since === undefined ? "" : `, ${span(this.store.now() - node.clone.since)}`}`);
    if (node.error && node.state !== "failed") words.push(node.error);
    if (node.badges) words.push(badgesOf(node).join(" · "));
    if (this.graph.path.has(node.id)) words.push("on the critical path");
    words.push(...(this.why(node, () => this.hovered === id && this.hover(id, x, y)) || []));
    this.tip(words, x, y);
  }

  /** Why a task ran: asked once for each of its states, when the pointer rests on it. */
  why(node, told) {
    if (node.kind === "group" || !this.panel.actions.includes("why")) return null;
    const known = this.reasons.get(node.id);
    if (known?.state === node.state) return known.lines;
    clearTimeout(this.asking);
    this.asking = setTimeout(async () => {
      const answer = await this.kernel.ask({ type: "why", task: node.id }, 1);
      this.reasons.set(node.id, { state: node.state, lines: answer.ok ? answer.result : [] });
      told();
    }, 250);
    return known?.lines;
  }

  /** @param {string[] | null} words @param {number} [x] @param {number} [y] */
  tip(words, x = 0, y = 0) {
    const tip = this.find("tip");
    tip.hidden = !words;
    if (!words) return;
    tip.replaceChildren(...words.map((line) => Object.assign(document.createElement("div"), { textContent: line })));
    const box = this.root.getBoundingClientRect();
    const left = Math.min(x - box.left + 14, box.width - tip.offsetWidth - 8);
    tip.style.transform = `translate(${Math.max(4, left)}px,${y - box.top + 16}px)`;
  }
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el }) {
  const dag = new Dag(model, el);
  return () => dag.destroy();
}

export default { render };
