// The panel that opens beside the graph: one task's facts, attempts, error and output, or one
// pile's tasks. Kernel text reaches the page as text, or through `ansiToHtml`, which escapes.
import { ICONS } from "./icons.js";
import { ansiToHtml, BADGES, escapeHtml, label, plural, sentence, span } from "./format.js";

const ENDED = ["failed", "cancelled", "upstream_failed"];
const MOST_DRAWN = 390; // tasks of a pile that can be drawn one by one: what boxes.py allows
const FATE = { won: "clone won", lost: "lost", done: "done", failed: "failed", cancelled: "cancelled", moved: "moved", running: "running" };

/** @param {string} state @param {string} [extra] */
export function badge(state, extra = "") {
  const icon = ICONS[state];
  return `<span class="o-badge ${extra}" data-state="${state}"><svg viewBox="0 0 16 16" aria-hidden="true"><path class="o-icon${icon.fill ? " o-fill" : ""}" d="${icon.d}"/></svg></span>`;
}

export class Panel {
  /**
   * @param {HTMLElement} element
   * @param {import("./state.js").Kernel} kernel
   * @param {string[]} actions
   * @param {{close: () => void, show: (id: string) => void, now: () => number, opened: () => string[]}} on
   */
  constructor(element, kernel, actions, on) {
    this.element = element;
    this.kernel = kernel;
    this.actions = actions;
    this.on = on;
    this.id = "";
    this.logs = "";
    this.note = "";
    this.element.addEventListener("click", (event) => this.click(/** @type {Element} */ (event.target)));
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.on.close();
      event.stopPropagation();
    });
  }

  /** @param {any} node @param {string} [task] a member of a pile, or the node itself */
  async open(node, task = "") {
    const id = task || node.id;
    if (id !== this.id) [this.logs, this.note, this.detail, this.members, this.reasons] = ["", "", null, null, null];
    this.id = id;
    this.node = node;
    this.element.hidden = false;
    this.draw();
    await this.refresh();
  }

  close() {
    this.id = "";
    this.element.hidden = true;
  }

  /** Ask for what the graph does not carry; `draw` again when it comes. */
  async refresh() {
    const id = this.id;
    if (this.asking) return void (this.again = true);
    this.asking = true;
    const pile = id.startsWith("group:");
    const answer = await this.kernel.ask(pile ? { type: "members", group: id.slice(6) } : { type: "detail", task: id }, 1);
    this.asking = false;
    if (id === this.id && answer.ok) {
      if (pile) this.members = answer.members;
      else this.detail = answer.detail;
      this.draw();
      if (!pile && this.actions.includes("why") && this.reasoned !== `${id} ${this.detail?.state}`) {
        this.reasoned = `${id} ${this.detail?.state}`;
        const why = await this.kernel.ask({ type: "why", task: id }, 1);
        if (id === this.id && why.ok) this.reasons = why.result;
        this.draw();
      }
    }
    if (this.again) {
      this.again = false;
      this.refresh();
    }
  }

  /** The box has changed. @param {any} node */
  update(node) {
    this.node = node;
    const state = this.detail?.state ?? node.state;
    const now = performance.now();
    // Ends at once, the rest once in a while: the panel asks the kernel.
    if (node.state !== state || now - (this.asked || 0) > 1000) {
      this.asked = now;
      this.refresh();
    } else if (!this.id.startsWith("group:")) this.draw();
  }

  draw() {
    const html = this.id.startsWith("group:") ? this.pile() : this.task();
    if (html === this.html) return;
    // Keep the reader's place: focus and scroll survive a redraw.
    const focus = /** @type {HTMLElement} */ (document.activeElement)?.dataset?.act;
    const scroll = [...this.element.querySelectorAll("pre,.o-body")].map((e) => e.scrollTop);
    this.element.innerHTML = this.html = html;
    this.element.querySelectorAll("pre,.o-body").forEach((e, i) => (e.scrollTop = scroll[i] || 0));
    if (focus) /** @type {HTMLElement | null} */ (this.element.querySelector(`[data-act="${focus}"]`))?.focus();
  }

  /** @param {string} title @param {string} state @param {string} sub */
  head(title, state, sub) {
    return `<div class="o-panel-head">${badge(state, "o-large")}<div><h3>${escapeHtml(title)}</h3><p>${escapeHtml(sub)}</p></div>
<button type="button" data-act="close" aria-label="Close" title="Close (Esc)">×</button></div>`;
  }

  task() {
    const own = this.node.id === this.id ? this.node : {};
    const d = { ...(this.detail || {}), ...own };
    if (!d.state) return this.head(this.id, "waiting", "asking the kernel …");
    const buttons = [];
    const can = (name, show, words) => {
      if (this.actions.includes(name) && show) buttons.push(`<button type="button" data-act="${name}" class="o-button">${words}</button>`);
    };
    can("cancel", !["done", "hit", ...ENDED].includes(d.state), "Cancel");
    can("retry", ENDED.includes(d.state) || d.stale, "Retry");
    if (d.group && this.on.opened().includes(d.group)) buttons.push(`<button type="button" data-act="fold" class="o-button">Fold ${escapeHtml(d.group)}</button>`);
    can("logs", true, this.logs ? "Refresh output" : "Output");
    const facts = [
      ["State", label(d.state) + (d.stale ? " · stale" : "")],
      ["Took", d.seconds !== undefined && d.state !== "hit" ? span(d.seconds) : ""],
      ["Usually", d.usual ? `~${span(d.usual)}` : ""],
      ["Saved", d.saved ? `${span(d.saved)} by the cache` : ""],
      ["Clone", d.won !== undefined ? `won${d.won ? `, ${span(d.won)} sooner` : ""}` : d.clone ? `on ${d.clone.worker}` : ""],
      ["Worker", d.worker || ""],
      ["Retries", d.retries || ""],
      ["Progress", d.progress ? `${d.progress[0]} of ${d.progress[1]}${d.progress[2] ? ` · ${d.progress[2]}` : ""}` : ""],
      ["Not cached", d.uncached || ""],
      ["Key", d.key ? d.key.slice(0, 12) : ""],
    ].filter(([, value]) => value !== "");
    return `${this.head(d.name, d.state, sentence({ kind: "task", ...d }, this.on.now()))}<div class="o-body">
<div class="o-buttons">${buttons.join("")}</div>${this.note ? `<p class="o-note" role="status">${escapeHtml(this.note)}</p>` : ""}
<dl>${facts.map(([k, v]) => `<dt>${k}</dt><dd>${escapeHtml(String(v))}</dd>`).join("")}</dl>
${this.badges(d)}${this.why()}${this.links("Needs", d.needs)}${this.links("Feeds", d.feeds)}${this.error(d)}${this.attempts(d.attempts || [])}
${this.logs ? `<h4>Output</h4><pre class="o-log" tabindex="0">${this.logs}</pre>` : ""}</div>`;
  }

  badges(d) {
    return Object.entries(d.badges || {}).map(([kind, words]) => `<p class="o-badge-row">${badge(kind)}<span><b>${BADGES[kind][0]}</b> ${escapeHtml(BADGES[kind][1](words))}</span></p>`).join("");
  }

  why() {
    if (!this.reasons?.length) return "";
    return `<h4>Why</h4><ul class="o-why">${this.reasons.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`;
  }

  error(d) {
    if (!d.error && !d.traceback) return "";
    const text = d.traceback || d.message || d.error;
    if (d.state === "upstream_failed") return `<h4>Because ${escapeHtml(d.root || "something upstream")} failed</h4><pre class="o-traceback" tabindex="0">${ansiToHtml(text)}</pre>`;
    return `<h4>Error</h4><pre class="o-traceback" tabindex="0">${ansiToHtml(text)}</pre>`;
  }

  attempts(list) {
    if (list.length < 2 && !list.some((a) => a.error)) return "";
    const rows = list.map((a) => {
      const took = span((a.end ?? this.on.now()) - a.start);
      const what = a.error && a.outcome === "failed" ? a.error : FATE[a.outcome] || a.outcome;
      return `<tr><td>${a.number}${a.clone ? " clone" : ""}</td><td>${escapeHtml(a.worker)}</td><td>${took}</td><td>${escapeHtml(what)}</td></tr>`;
    });
    return `<h4>Attempts</h4><table><tbody>${rows.join("")}</tbody></table>`;
  }

  links(title, pairs) {
    if (!pairs?.length) return "";
    const shown = pairs.slice(0, 12).map(([id, name]) => `<button type="button" class="o-link" data-act="go" data-id="${escapeHtml(id)}">${escapeHtml(name)}</button>`);
    if (pairs.length > 12) shown.push(`<span class="o-faint">and ${pairs.length - 12} more</span>`);
    return `<div class="o-links"><span class="o-faint">${title}</span>${shown.join("")}</div>`;
  }

  pile() {
    const node = this.node;
    const members = this.members || [];
    const counts = Object.entries(node.counts).map(([state, n]) => `<span class="o-count">${badge(state)}${n} ${label(state)}</span>`);
    const cells = members.map((m) => `<button type="button" class="o-cell" data-act="go" data-id="${escapeHtml(m.id)}" data-state="${m.state}" aria-label="${escapeHtml(`${m.name}, ${label(m.state)}`)}" title="${escapeHtml(`${m.name} · ${sentence(m, this.on.now())}`)}">${m.state === "failed" ? "×" : m.state === "hit" ? "ϟ" : m.state === "running" ? "•" : ""}</button>`);
    const open = node.total <= MOST_DRAWN ? `<button type="button" class="o-button" data-act="unfold">Show in the graph</button>` : "";
    return `${this.head(node.name, node.state, sentence(node, this.on.now()))}<div class="o-body">
<div class="o-buttons">${open}</div>${this.note ? `<p class="o-note" role="status">${escapeHtml(this.note)}</p>` : ""}
<div class="o-counts">${counts.join("")}</div>
<dl>${node.estimate ? `<dt>Usually</dt><dd>~${span(node.estimate)} each</dd>` : ""}${node.saved ? `<dt>Saved</dt><dd>${span(node.saved)} by the cache</dd>` : ""}${node.wins ? `<dt>Clones</dt><dd>${node.wins} won</dd>` : ""}${node.retries ? `<dt>Retries</dt><dd>${node.retries}</dd>` : ""}</dl>
${node.error ? `<pre class="o-traceback">${escapeHtml(node.error)}</pre>` : ""}
<h4>${plural(node.total, "task")}</h4><div class="o-cells">${cells.join("")}</div></div>`;
  }

  /** @param {Element} target */
  async click(target) {
    const button = /** @type {HTMLElement | null} */ (target.closest("[data-act]"));
    const act = button?.dataset.act;
    if (!button || !act) return;
    if (act === "close") return this.on.close();
    if (act === "go") return this.on.show(button.dataset.id || "");
    if (act === "unfold" || act === "fold") {
      const open = act === "unfold";
      const group = open ? this.node.name : this.node.group;
      const answer = await this.kernel.ask({ type: "open", group, open });
      if (answer.opened) this.on.close();
      else this.say("Too many tasks to draw one by one.");
      return;
    }
    button.setAttribute("aria-busy", "true");
    const slow = setTimeout(() => this.say("Waiting for the kernel …"), 1200);
    const answer = await this.kernel.ask({ type: act, task: this.id });
    clearTimeout(slow);
    this.note = "";
    if (!answer.ok) this.say(answer.error);
    else if (act === "logs") this.logs = logHtml(answer.result) || '<span class="o-faint">Nothing was printed.</span>';
    else this.say(typeof answer.result === "string" ? answer.result : { cancel: "Cancelled.", retry: "Running again." }[act]);
    this.draw();
    this.element.querySelector(".o-log")?.scrollIntoView({ block: "nearest" });
    this.refresh();
  }

  say(words) {
    this.note = words;
    this.draw();
  }
}

/** Output of a task: text, or frames in order. @param {any} result @returns {string} */
export function logHtml(result) {
  if (!result) return "";
  if (typeof result === "string") return ansiToHtml(result);
  let html = "";
  let text = "";
  const flush = () => {
    html += ansiToHtml(text);
    text = "";
  };
  for (const { kind, data } of result) {
    if (kind === "stream") text += data.text;
    else if (kind === "clear" || kind === "reset") html = text = "";
    else if (kind === "error") text += `\n${(data.traceback || []).join("\n")}\n`;
    else {
      const png = data.data?.["image/png"];
      if (typeof png === "string" && /^[A-Za-z0-9+/=\s]+$/.test(png)) {
        flush();
        html += `<img alt="figure" src="data:image/png;base64,${png.replace(/\s/g, "")}">\n`;
      } else text += `${data.data?.["text/plain"] || ""}\n`;
    }
  }
  flush();
  return html;
}
