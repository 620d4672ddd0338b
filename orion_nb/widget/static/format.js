// Words and numbers for people; `format.py` says the same in files.

/** @param {number} seconds @returns {string} `40 ms`, `3.2 s`, `3 min 20 s`, `1 h 05 min` */
export function span(seconds) {
  if (seconds < 0.0995) return `${Math.max(0, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** @param {number} count @param {string} word @param {string} [many] */
export function plural(count, word, many) {
  return `${count} ${count === 1 ? word : many || word + "s"}`;
}

/**
 * Ways to write a task's name, longest first. What tells the tasks of a map apart is their item.
 * @param {string} name @returns {string[]}
 */
export function names(name) {
  const found = /^(.*?)\[(.*)\]$/s.exec(name);
  if (!found) return [name];
  const item = found[2].replace(/\b[^\W\d]\w*=(?=[^=])/g, "").replace(/['"]/g, "");
  if (item.length < 5) {
    const short = `${found[1].length > 10 ? `${found[1].slice(0, 9)}…` : found[1]}[${item}]`;
    return short === name ? [name] : [name, short]; // the item says too little alone
  }
  return [name, `${found[1]}[${item}]`, item];
}

/** A state in words. @param {string} state */
export function label(state) {
  const words = { hit: "cache hit", ready: "queued", probing: "asking the cache", backoff: "to be retried" };
  return words[state] || state.replaceAll("_", " ");
}

/**
 * The second line of a card: what it does, for how long, where.
 * @param {Record<string, any>} node @param {number} clock @returns {string}
 */
export function sentence(node, clock) {
  return parts(node, clock).filter(Boolean).join(" · ");
}

/** @param {Record<string, any>} node @param {number} clock @returns {string[]} */
function parts(node, clock) {
  const { state, worker = "" } = node;
  if (node.kind === "group") return pile(node);
  if (state === "running") {
    const elapsed = node.since === undefined ? "starting" : span(Math.max(0, clock - node.since));
    return [elapsed + (node.estimate && !node.clone ? ` of ~${span(node.estimate)}` : ""), worker];
  }
  if (state === "done") {
    const took = node.seconds === undefined ? "done" : span(node.seconds);
    return [took, node.won === undefined ? worker : "clone won"];
  }
  if (state === "hit") return ["cache hit", node.saved ? `saved ${span(node.saved)}` : ""];
  if (state === "failed") return [node.error || "failed"];
  if (state === "upstream_failed") return [node.root ? `needs ${node.root}` : "upstream failed"];
  if (state === "waiting" && node.waits) return [`waits for ${plural(node.waits, "task")}`];
  if (state === "backoff") {
    const left = Math.max(0, (node.retry_at ?? clock) - clock);
    return [`retry ${node.retries || 1} in ${span(left)}`];
  }
  return [label(state), state === "ready" ? worker : ""];
}

/** @param {Record<string, any>} node @returns {string[]} */
function pile(node) {
  const counts = node.counts;
  const ended = (counts.done || 0) + (counts.hit || 0);
  let rest = counts.failed ? `${counts.failed} failed` : "";
  if (!rest && counts.running) rest = `${counts.running} running`;
  if (!rest && counts.hit) rest = plural(counts.hit, "hit");
  return [`${ended} of ${node.total}${rest ? "" : " done"}`, rest];
}

/**
 * The short word at the right of the second line, and its kind.
 * @param {Record<string, any>} node @returns {[string, string]}
 */
export function tagOf(node) {
  if (node.clone) return [node.clone.worker || "clone", "clone"];
  if (node.stale) return [node.kind === "group" ? `${node.stale} stale` : "stale", "stale"];
  if (node.won && node.kind === "task") return [`−${span(node.won)}`, "clone"];
  if (node.retries && node.kind === "task" && node.state !== "backoff") return [plural(node.retries, "retry", "retries"), "retry"];
  return ["", ""];
}

/** Signs beside a task's name, and what they mean. */
export const BADGES = {
  provenance: ["keyed by provenance", (w) => `${w || "an input"} has no content that can be hashed: the key holds the code that made it instead. A changed value made by unchanged code is not noticed.`],
  accepted: ["result kept", (w) => w || "kept although the code was edited: %orion accept"],
  replayed: ["output replayed", (w) => `what it had printed and displayed is shown again${w ? `; computed by ${w}` : ""}`],
};

/** Badges in words, a pile's with counts. @param {Record<string, any>} node @returns {string[]} */
export function badgesOf(node) {
  return Object.entries(node.badges || {}).map(([kind, n]) => (node.kind === "group" ? `${n} ` : "") + BADGES[kind][0]);
}

/** How long it will take, as exactly as it is known. @param {Record<string, any> | undefined} outlook @param {number} now */
export function leftOf(outlook, now) {
  if (outlook?.end === undefined) return "";
  const left = outlook.end - now;
  if (left < 1.5) return outlook.least ? "" : "almost done";
  const step = left < 15 ? 1 : left < 60 ? 5 : left < 600 ? 10 : 60;
  return `${outlook.least ? "at least " : "≈ "}${span(Math.round(left / step) * step).replace(/\.0 s/, " s")} left`;
}

/** How far a node is, 0 to 1; -1: nobody knows. @param {Record<string, any>} node @param {number} clock */
export function share(node, clock) {
  if (node.progress) return Math.min(1, node.progress[0] / node.progress[1]);
  if (node.estimate && node.since !== undefined) {
    // An estimate never claims to be done: it slows down towards the end.
    const ratio = Math.max(0, clock - node.since) / node.estimate;
    return ratio < 0.8 ? ratio : 1 - 0.2 * Math.exp(-(ratio - 0.8) * 2);
  }
  return -1;
}

/** @param {string} text */
export function escapeHtml(text) {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const SGR = /\x1b\[([\d;]*)m/g;
const OTHER_ESCAPES = /\x1b(?:\[[\d;?]*[A-Za-ln-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>])/g;

/**
 * Terminal text to safe HTML: colours, bold, italic, underline; a carriage return rewrites its line.
 * @param {string} text @returns {string}
 */
export function ansiToHtml(text) {
  text = text.replace(OTHER_ESCAPES, "").replace(/\r\n/g, "\n").replace(/^.*\r(?!$)/gm, "");
  let html = "", at = 0;
  let style = { fg: "", bg: "", bold: false, italic: false, under: false };
  const emit = (/** @type {string} */ piece) => {
    if (!piece) return;
    const css = [
      style.fg && `color:${style.fg}`, style.bg && `background:${style.bg}`,
      style.bold && "font-weight:600", style.italic && "font-style:italic",
      style.under && "text-decoration:underline",
    ].filter(Boolean).join(";");
    html += css ? `<span style="${css}">${escapeHtml(piece)}</span>` : escapeHtml(piece);
  };
  for (const match of text.matchAll(SGR)) {
    emit(text.slice(at, match.index));
    at = match.index + match[0].length;
    style = restyle(style, match[1]);
  }
  emit(text.slice(at));
  return html;
}

function restyle(style, codes) {
  style = { ...style };
  const list = (codes || "0").split(";").map(Number);
  while (list.length) {
    const code = list.shift();
    if (code === 0) style = { fg: "", bg: "", bold: false, italic: false, under: false };
    else if (code === 1) style.bold = true;
    else if (code === 3) style.italic = true;
    else if (code === 4) style.under = true;
    else if (code === 22) style.bold = false;
    else if (code === 23) style.italic = false;
    else if (code === 24) style.under = false;
    else if (code === 39) style.fg = "";
    else if (code === 49) style.bg = "";
    else if (code === 38 || code === 48) style[code === 38 ? "fg" : "bg"] = extended(list);
    else if (code >= 30 && code <= 37) style.fg = `var(--o-ansi-${code - 30})`;
    else if (code >= 90 && code <= 97) style.fg = `var(--o-ansi-${code - 90})`;
    else if (code >= 40 && code <= 47) style.bg = `color-mix(in srgb,var(--o-ansi-${code - 40}) 25%,transparent)`;
  }
  return style;
}

function extended(list) {
  if (list.shift() === 2) {
    return `rgb(${[0, 0, 0].map(() => (list.shift() || 0) & 255).join(",")})`;
  }
  const n = list.shift() || 0;
  if (n < 16) return `var(--o-ansi-${n % 8})`;
  if (n > 231) return "var(--o-muted)";
  const level = (/** @type {number} */ i) => (i ? 55 + 40 * i : 0);
  const m = n - 16;
  return `rgb(${level(Math.floor(m / 36))},${level(Math.floor(m / 6) % 6)},${level(m % 6)})`;
}
