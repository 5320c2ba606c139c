// The playground's page: sends the form to /response and /compare, and shows the answers.

const $ = (id) => document.getElementById(id);
const form = $("form");
const narrow = matchMedia("(max-width: 52rem)");
let running = null; // the AbortController of the last run

/** An element; its content is text or elements, never markup. */
function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

// ---- The form

/** The chosen parameters, without those that have their defaults. */
function query() {
  const chosen = new URLSearchParams();
  for (const control of form.elements) {
    if (!control.name || control.type === "hidden") continue;
    const value = control.type === "checkbox" ? String(control.checked) : control.value.trim();
    if (control.id === "value" || value !== initial(control)) chosen.set(control.name, value);
  }
  return chosen;
}

function initial(control) {
  if (control.type === "checkbox") return String(control.defaultChecked);
  return control.options ? control.options[0].value : control.defaultValue;
}

/** Set the controls that a query names. */
function restore(chosen) {
  for (const [name, value] of chosen) {
    const control = form.querySelector(`#${CSS.escape(name)}`);
    if (control?.type === "checkbox") control.checked = value === "true";
    else if (control) control.value = value;
  }
}

// ---- Text with colors

const TOKENS = /(?<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?<string>"(?:[^"\\]|\\.)*"?)|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(?<word>true|false|null|NaN|Infinity)\b|(?<mark>\x1e|^(?:data|event|id|retry)(?=: ))/gm;
const MAX_SHOWN = 20000;
const FIRST = "only the first 20,000 characters";

/** A text with its JSON tokens in colors. */
function highlighted(text) {
  const made = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(TOKENS)) {
    const [kind] = Object.entries(found.groups).find(([, token]) => token !== undefined);
    const token = found[0] === "\x1e" ? "RS" : found[0]; // the record separator of RFC 7464
    made.append(text.slice(end, found.index), element("span", { class: kind }, token));
    end = found.index + found[0].length;
  }
  made.append(text.slice(end));
  return made;
}

const amount = new Intl.NumberFormat("en");
const inBytes = (size) => `${amount.format(size)} ${size === 1 ? "byte" : "bytes"}`;

function inTime(seconds) {
  const [value, unit] = seconds < 1e-3 ? [seconds * 1e6, "µs"] : seconds < 1 ? [seconds * 1e3, "ms"] : [seconds, "s"];
  return `${value < 99.95 ? value.toPrecision(3) : Math.round(value)} ${unit}`;
}

// ---- The response

/** Headers that the playground's server adds for its own safety. */
const HIDDEN = /^(content-security-policy|cross-origin-|referrer-policy|x-content-type-options|date$|server$|connection$|keep-alive$)/;

function showHead(response) {
  const digit = String(response.status)[0];
  $("head").replaceChildren(element("span", { class: `line s${digit}` }, `${response.status} ${response.statusText}`), "\n");
  for (const [name, value] of response.headers) {
    if (HIDDEN.test(name)) continue;
    const title = name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()).replace("Etag", "ETag");
    $("head").append(element("span", { class: "name" }, title), `: ${value}\n`);
  }
}

function summarize(...parts) {
  $("summary").replaceChildren(...parts.map((part) => element("span", {}, part)));
}

/** Add text to the body; the view stays at the end of a stream if it was there. */
function showText(text, shown, live) {
  const wire = $("wire");
  const atEnd = wire.scrollHeight - wire.scrollTop - wire.clientHeight < 40;
  $("body").append(highlighted(text.slice(0, Math.max(MAX_SHOWN - shown, 0))));
  if (shown <= MAX_SHOWN && shown + text.length > MAX_SHOWN) {
    $("body").append(element("span", { class: "help" }, `\n… ${FIRST} are shown`));
  }
  if (live && atEnd) wire.scrollTop = wire.scrollHeight;
}

/** Show a response, a stream while it arrives. */
async function receive(response, live, signal) {
  showHead(response);
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let [size, shown, text, end] = [0, 0, "", ""];
  const show = () => {
    showText(text, shown, live);
    [shown, text] = [shown + text.length, ""];
  };
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.length;
      text += decoder.decode(part.value, { stream: true });
      if (live) show();
      summarize(inBytes(size), "receiving");
    }
  } catch {
    end = signal.aborted ? "stopped" : "cut short by an error";
  }
  if (running.signal !== signal) return;
  show();
  summarize(inBytes(size), end);
}

// ---- The comparison

function time(side, slowest) {
  const value = element("span", {}, `${inTime(side.seconds)} · ${inBytes(side.size)}`);
  if (slowest === null) return element("div", { class: "time" }, value);
  const fill = element("span", { class: "fill" });
  fill.style.width = `${(100 * side.seconds) / slowest}%`;
  return element("div", { class: "time" }, element("span", { class: "track" }, fill), value);
}

/** One of the two responses; slowest is null if there is no other time. */
function column(side, index, slowest) {
  const parts = [element("h3", {}, index ? side.name : `jsonify_ext.${side.name}`)];
  if (side.error) parts.push(element("p", { class: "raises" }, side.error));
  else {
    const pieces = side.body.map(([text, changed]) => (changed ? element("mark", {}, highlighted(text)) : highlighted(text)));
    const label = `Body from ${side.name}`;
    parts.push(time(side, slowest), element("pre", { class: "bytes", tabindex: "0", role: "region", "aria-label": label }, ...pieces));
  }
  return element("div", { class: index ? "side" : "side ours" }, ...parts, element("pre", { class: "code" }, side.code));
}

function notes({ differences, sides }) {
  const found = [];
  if (differences === 0) found.push("Both send the same bytes.");
  if (differences) found.push(`${differences} ${differences === 1 ? "difference is" : "differences are"} marked.`);
  const invalid = sides[1]?.body.some(([text, changed]) => changed && /\b(NaN|Infinity)\b/.test(text));
  if (invalid) found.push("Flask's body isn't valid JSON: browsers refuse NaN and Infinity.");
  if (sides[0].error) found.push("The response above is the playground's; an app handles the exception like any other.");
  if (sides.some((side) => side.size > MAX_SHOWN)) found.push(`Here, ${FIRST} are compared.`);
  return found.join(" ");
}

function showComparison(comparison) {
  const times = comparison.sides.map((side) => side.seconds);
  const slowest = times.every(Boolean) ? Math.max(...times) : null;
  $("verdict").textContent = comparison.verdict;
  $("note").textContent = comparison.sides.length ? notes(comparison) : "Install it with: python -m pip install flask";
  $("sides").replaceChildren(...comparison.sides.map((side, index) => column(side, index, slowest)));
}

// ---- A run

/** Send the form; show the response, then the comparison. */
async function run({ scroll = true } = {}) {
  running?.abort();
  const chosen = query();
  const live = chosen.has("stream");
  const ask = (path, method) => {
    running = new AbortController();
    const { signal } = running;
    if (method === "POST") return fetch(path, { method, body: chosen, signal });
    return fetch(`${path}?${chosen}`, { signal, cache: "no-store" });
  };
  history.replaceState(null, "", `#${chosen}`);
  $("alone").href = `/response?${chosen}`;
  for (const id of ["head", "body", "sides", "note"]) $(id).replaceChildren();
  $("wire").scrollTop = 0;
  $("verdict").textContent = "Compared with Flask";
  summarize("sending");
  $("stop").hidden = !live;
  if (scroll && narrow.matches) $("response").scrollIntoView();
  try {
    // An ETag is for GET; servers refuse long addresses.
    const sent = ask("/response", String(chosen).length < 8000 ? "GET" : "POST");
    const { signal } = running;
    const response = await sent;
    await receive(response, live, signal);
    if (running.signal !== signal) return;
    $("stop").hidden = true;
    const refused = response.headers.get("Content-Type")?.includes("problem") && response.status !== 500;
    $("note").textContent = refused ? "The request was refused, so there is nothing to compare." : "Measuring …";
    if (refused) return;
    const asked = ask("/compare", "POST");
    const own = running;
    const comparison = await (await asked).json();
    if (running === own) showComparison(comparison);
  } catch (error) {
    if (error.name === "AbortError" && !running.signal.aborted) return; // by another run
    $("stop").hidden = true;
    $("note").replaceChildren();
    const stopped = error.name === "AbortError";
    summarize(stopped ? "stopped" : "No answer from the server. Is it still running?");
  }
}

async function copy() {
  const command = `curl -i -N '${location.origin}/response?${query()}'`;
  const done = await navigator.clipboard.writeText(command).then(() => "Copied", () => "Not allowed");
  $("copy").textContent = done;
  setTimeout(() => ($("copy").textContent = "Copy as curl"), 1500);
}

/** Use the parameters of a link, instead of following it. */
function follow(event, isComplete) {
  event.preventDefault();
  if (isComplete) form.reset();
  restore(new URL(event.currentTarget.href).searchParams);
  run();
}

function listen() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  // On a phone, only the button sends: it also brings the response into view.
  form.addEventListener("change", (event) => {
    if (event.target.id !== "value" && !narrow.matches) run();
  });
  $("value").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  });
  $("defaults").addEventListener("click", () => setTimeout(run));
  $("stop").addEventListener("click", () => running.abort());
  $("copy").addEventListener("click", copy);
  for (const link of document.querySelectorAll(".example, .preset")) {
    link.addEventListener("click", (event) => follow(event, link.matches(".example")));
  }
  addEventListener("hashchange", () => {
    form.reset();
    restore(new URLSearchParams(location.hash.slice(1)));
    run();
  });
  narrow.addEventListener("change", () => ($("more").open = !narrow.matches));
}

$("more").open = !narrow.matches;
restore(new URLSearchParams(location.hash.slice(1)));
listen();
run({ scroll: false });
