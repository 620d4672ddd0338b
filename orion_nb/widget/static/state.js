// What the kernel has told us so far. `merge` follows orion_nb/widget/merge.py.

const KEPT_SPANS = 2000;
const WHOLE = ["rev", "topology", "clock", "run", "boxes", "edges", "folded", "opened", "outlook"];

/** @typedef {Record<string, any>} Node */

export class Store {
  /** @param {Record<string, any>} snapshot */
  constructor(snapshot) {
    this.load(snapshot);
  }

  /** @param {Record<string, any>} snapshot */
  load(snapshot) {
    this.data = { boxes: [], edges: [], run: { counts: {}, bursts: [], workers: [] }, ...snapshot };
    /** @type {Map<string, Node>} */
    this.nodes = new Map(Object.entries(snapshot.nodes || {}));
    /** @type {Map<number, any[]>} */
    this.spans = new Map((snapshot.spans || []).map((/** @type {any[]} */ row) => [row[0], row]));
    /** Boxes to draw again. @type {Set<string>} */
    this.changed = new Set(this.nodes.keys());
    this.setClock();
  }

  /** @param {Record<string, any>} delta @returns {boolean} false: something is missing, ask for all */
  merge(delta) {
    if (delta.full) {
      this.load(delta);
      return true;
    }
    if (delta.rev <= this.data.rev) return true; // seen: a snapshot overtook it
    if (delta.since > this.data.rev) return false;
    // A delta that starts earlier than our revision holds all that we lack, and more.
    for (const key of WHOLE) if (key in delta) this.data[key] = delta[key];
    for (const [id, node] of Object.entries(delta.nodes)) {
      this.nodes.set(id, node);
      this.changed.add(id);
    }
    if (delta.boxes) {
      const alive = new Set(delta.boxes);
      for (const id of this.nodes.keys()) if (!alive.has(id)) this.nodes.delete(id);
    }
    for (const row of delta.spans) this.spans.set(row[0], row);
    while (this.spans.size > KEPT_SPANS) this.spans.delete(this.spans.keys().next().value);
    this.setClock();
    return true;
  }

  setClock() {
    this.offset = this.data.clock - performance.now() / 1000;
  }

  /** Seconds on the feed's clock now; it stands still once everything has ended. */
  now() {
    if (this.data.run.finished) return this.data.clock;
    return performance.now() / 1000 + this.offset;
  }

  /** Everything, to be kept with the page. */
  snapshot() {
    return { ...this.data, nodes: Object.fromEntries(this.nodes), spans: [...this.spans.values()] };
  }

  /** Seconds in which anything was going on. */
  elapsed() {
    const now = this.now();
    return this.data.run.bursts.reduce((sum, [a, b]) => sum + Math.max(0, (b ?? now) - a), 0);
  }
}

/** Questions to the kernel, each with an id that comes back with its answer. */
export class Kernel {
  /** @param {any} model */
  constructor(model) {
    this.model = model;
    this.count = 0;
    this.me = Math.random().toString(36).slice(2, 8);
    /** @type {Map<string, (answer: any) => void>} */
    this.open = new Map();
  }

  /**
   * @param {Record<string, any>} question
   * @param {number} [again] seconds after which to ask once more: only for questions without effects.
   *   The first message of a page to a busy kernel may wait for the cell; the next one does not.
   * @returns {Promise<any>}
   */
  ask(question, again = 0) {
    const id = `${this.me}-${++this.count}`;
    return new Promise((resolve) => {
      this.open.set(id, resolve);
      this.model.send({ ...question, id });
      if (!again) return;
      setTimeout(() => {
        if (this.open.has(id)) this.ask(question, again * 2).then((answer) => this.answered({ ...answer, id }));
      }, again * 1000);
    });
  }

  /** @param {Record<string, any>} message */
  answered(message) {
    const resolve = this.open.get(message.id);
    if (resolve) {
      this.open.delete(message.id);
      resolve(message);
    }
  }
}
