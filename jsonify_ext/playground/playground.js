// The playground's page: controls from /form, responses from /wire, bars from /timings.

const $ = (id) => document.getElementById(id);
const form = $("form");
const state = { description: null, running: null, etag: "" };

/** An element; what is in it is text or elements, never markup. */
function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...content);
  return made;
}

// ---- Controls

/** The control of one parameter, with its label and what it does. */
function control(parameter) {
  const { name, kind, help } = parameter;
  const id = `field-${name}`;
  const describedBy = help ? `help-${name}` : null;
  const about = help ? [element("p", { class: "help", id: describedBy }, help)] : [];
  if (kind === "switch") {
    const input = element("input", { type: "checkbox", role: "switch", id, name, "aria-describedby": describedBy, checked: parameter.default });
    return element("div", { class: "field switch" }, input, element("label", { for: id }, name), ...about);
  }
  const attributes = { id, name, "aria-describedby": describedBy };
  const input = kind === "choice" ? choice(parameter, attributes) : entry(parameter, attributes);
  return element("div", { class: "field" }, element("label", { for: id }, name), input, ...about);
}

function choice(parameter, attributes) {
  const values = parameter.default == null ? ["", ...parameter.choices] : parameter.choices;
  const options = values.map((value) => element("option", { value, selected: value === parameter.default }, value || "any"));
  return element("select", attributes, ...options);
}

function entry({ kind, default: value, least, most }, attributes) {
  const more = kind === "number" ? { inputmode: "numeric", placeholder: `${least}–${most}` } : { spellcheck: "false" };
  return element("input", { ...attributes, ...more, value: value ?? "", autocomplete: "off" });
}

function dataCard(data, index) {
  const input = element("input", { type: "radio", name: "data", id: `data-${index}`, value: data.path, checked: index === 0 });
  const text = element("span", {}, element("strong", {}, data.title), element("small", {}, data.about));
  return element("label", { class: "card", for: `data-${index}` }, input, text);
}

function chosen() {
  return state.description.data.find((data) => data.path === form.elements.data.value);
}

function parameters() {
  return [...chosen().parameters, ...state.description.settings];
}

/** The text of a control, or "" where it stands at its default. */
function given(parameter) {
  const input = $(`field-${parameter.name}`);
  const text = parameter.kind === "switch" ? String(input.checked) : input.value.trim();
  return text === String(parameter.default ?? "") ? "" : text;
}

/** The query that the controls ask for: what is not at its default. */
function query() {
  const pairs = parameters().map((each) => [each.name, given(each)]);
  return new URLSearchParams(pairs.filter(([, text]) => text !== ""));
}

function showParameters() {
  const legend = $("parameters").firstElementChild;
  $("parameters").replaceChildren(legend, ...chosen().parameters.map(control));
}

/** Set the controls as an address of this page says. */
function restore(address) {
  const wanted = new URLSearchParams(address);
  const data = state.description.data.find((each) => each.path === "/" + wanted.get("data"));
  if (data) form.elements.data.value = data.path;
  showParameters();
  for (const { name, kind } of parameters()) {
    if (!wanted.has(name)) continue;
    if (kind === "switch") $(`field-${name}`).checked = wanted.get(name) === "true";
    else $(`field-${name}`).value = wanted.get(name);
  }
}

function remember() {
  const address = new URLSearchParams([["data", chosen().path.slice(1)], ...query()]);
  history.replaceState(null, "", "?" + address);
}

// ---- HTTP/1.1, as it comes (RFC 9112)

/** Takes the bytes of a response: calls onHead(text), and keeps the parts of its body. */
class WireReader {
  constructor(onHead) {
    Object.assign(this, { onHead, rest: new Uint8Array(), take: this.head, expected: null, complete: false, parts: [] });
  }

  /** The parts of the body that these bytes complete: [bytes, the chunk's size or null]. */
  push(bytes) {
    const joined = new Uint8Array(this.rest.length + bytes.length);
    joined.set(this.rest);
    joined.set(bytes, this.rest.length);
    this.rest = joined;
    this.parts = [];
    while (this.rest.length && this.take());
    return this.parts;
  }

  /** The bytes up to a mark, taken off the rest; null until it is there. */
  upTo(...mark) {
    const at = this.rest.findIndex((_, i) => mark.every((byte, j) => this.rest[i + j] === byte));
    return at < 0 ? null : this.first(at, mark.length);
  }

  first(length, after = 0) {
    const taken = this.rest.slice(0, length);
    this.rest = this.rest.slice(length + after);
    return taken;
  }

  head() {
    const bytes = this.upTo(13, 10, 13, 10);
    if (!bytes) return false;
    const text = new TextDecoder("latin1").decode(bytes);
    const length = /^content-length: *(\d+)/im.exec(text);
    const chunked = /^transfer-encoding: *chunked/im.test(text);
    this.expected = /^HTTP\S+ (204|304)/.test(text) ? 0 : length ? Number(length[1]) : null;
    this.complete = this.expected === 0;
    this.take = chunked ? this.chunk : this.plain;
    this.onHead(text);
    return true;
  }

  plain() {
    const bytes = this.first(this.rest.length);
    if (this.expected !== null) this.expected -= bytes.length;
    this.complete = this.expected === 0 || this.expected === null;
    this.parts.push([bytes, null]);
    return false;
  }

  chunk() {
    const end = this.rest.indexOf(10);
    if (end < 0) return false;
    const label = new TextDecoder().decode(this.rest.slice(0, end)).trim();
    const size = parseInt(label, 16);
    if (this.rest.length < end + 1 + size + 2) return false;
    this.first(end + 1);
    const bytes = this.first(size, 2);
    if (size === 0) this.complete = true;
    this.parts.push([bytes, label]);
    return true;
  }
}

// ---- What is seen

const JSON_TOKENS = /(?<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?<string>"(?:[^"\\]|\\.)*")|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(?<word>true|false|null)\b|(?<mark>\x1e|^(?:data|event|id|retry)(?=: ))/gm;
const PYTHON_TOKENS = /(?<string>"(?:[^"\\]|\\.)*")|\b(?<keyword>from|import|with)\b|\b(?<word>True|False|None)\b|\b(?<number>\d+(?:\.\d+)?)\b|(?<key>\w+)(?=\()/g;

/** A text with its tokens in colours. */
function highlighted(text, tokens) {
  const made = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(tokens)) {
    const [kind] = Object.entries(found.groups).find(([, token]) => token !== undefined);
    const between = text.slice(end, found.index);
    const token = found[0] === "\x1e" ? "RS" : found[0]; // the record separator of RFC 7464
    made.append(between, between.includes(",") ? element("wbr") : "", element("span", { class: kind }, token));
    end = found.index + found[0].length;
  }
  made.append(text.slice(end));
  return made;
}

function showHead(text) {
  const [line, ...headers] = text.split("\r\n");
  const status = /^HTTP\S+ (\d)/.exec(line);
  $("head").replaceChildren(element("span", { class: `line s${status?.[1]}` }, line), "\n");
  for (const header of headers) {
    const colon = header.indexOf(":");
    $("head").append(element("span", { class: "name" }, header.slice(0, colon)), header.slice(colon), "\n");
  }
  state.etag = /^etag: *(.*)$/im.exec(text)?.[1] ?? state.etag;
  $("use-etag").disabled = !state.etag;
  const chunked = /^transfer-encoding: *chunked/im.test(text);
  $("legend").hidden = !chunked;
  return { status: line.replace(/^HTTP\S+ /, ""), chunked };
}

/** Most chunks of a stream that are kept on the page: the last ones. */
const MOST_CHUNKS = 500;

/** Add chunks; the view stays at the end if it was there. */
function showChunks(parts) {
  const wire = $("wire");
  const following = wire.scrollHeight - wire.scrollTop - wire.clientHeight < 40;
  const rows = parts.slice(-MOST_CHUNKS).map(([text, size]) => {
    const gutter = size === null ? [] : [element("span", { class: "size" }, size)];
    const shown = element("pre", {}, highlighted(text, JSON_TOKENS));
    return element("div", { class: gutter.length ? "chunk" : "whole" }, ...gutter, shown);
  });
  $("body").append(...rows);
  while ($("body").childElementCount > MOST_CHUNKS) $("body").firstElementChild.remove();
  if (following) wire.scrollTop = wire.scrollHeight;
}

const amount = new Intl.NumberFormat("en");
const bytesText = (bytes) => `${amount.format(bytes)} ${bytes === 1 ? "byte" : "bytes"}`;

function timeText(seconds) {
  const [value, unit] = seconds < 1e-3 ? [seconds * 1e6, "µs"] : seconds < 1 ? [seconds * 1e3, "ms"] : [seconds, "s"];
  return `${value.toPrecision(3).replace(/e\+?.*/, "")} ${unit}`;
}

function showSummary({ status, bytes, seconds, complete }) {
  summarise(status, bytesText(bytes), complete ? timeText(seconds) : "cut short");
}

function summarise(status, ...rest) {
  const pill = element("span", { class: `pill s${status[0]}` }, status);
  $("summary").replaceChildren(pill, ...rest.map((text) => element("span", {}, text)));
}

// ---- One request

/** Send what the controls ask for, and show all that comes of it. */
async function send() {
  state.running?.abort();
  const controller = (state.running = new AbortController());
  const target = chosen().path.slice(1) + (query().size ? `?${query()}` : "");
  const headers = $("if-none-match").value.trim() ? { "If-None-Match": $("if-none-match").value.trim() } : {};
  remember();
  const explained = explain(target, headers, controller).catch(() => false); // as the response will
  try {
    await (chosen().path === "/stream" ? stream : receive)(target, headers, controller);
    if (await explained) await showCost(target, controller);
  } catch (error) {
    if (state.running !== controller) return;
    summarise("Not sent", error instanceof TypeError ? "The server does not answer; does it still run?" : error.message);
    showTimings([]);
  }
}

function clear() {
  $("body").replaceChildren();
  $("head").replaceChildren();
  $("wire").scrollTop = 0;
  for (const id of ["ended", "streaming", "legend"]) $(id).hidden = true;
}

/** Read a response off the wire; calls onParts([[text, chunk size or null], ...]) as it comes. */
async function read(target, headers, controller, onParts) {
  clear();
  $("cost").setAttribute("aria-busy", "true");
  const started = performance.now();
  const seen = { status: "", chunked: false, bytes: 0, seconds: 0, complete: false };
  const decoder = new TextDecoder();
  const reader = new WireReader((text) => Object.assign(seen, showHead(text)));
  const response = await fetch(`/wire/${target}`, { headers, signal: controller.signal, cache: "no-store" });
  if (response.headers.get("Content-Type") !== "message/http") throw new Error(await response.text());
  const stopped = new Promise((resolve) => controller.signal.addEventListener("abort", resolve));
  const body = response.body.getReader();
  try {
    for (;;) {
      const part = await Promise.race([body.read(), stopped]);
      if (!part || part.done) break;
      seen.bytes += part.value.length;
      onParts(reader.push(part.value).map(([bytes, size]) => [decoder.decode(bytes, { stream: true }), size]));
    }
  } catch (error) {
    if (!controller.signal.aborted) throw error;
  }
  return Object.assign(seen, { complete: reader.complete, seconds: (performance.now() - started) / 1000 });
}

async function receive(target, headers, controller) {
  let body = "";
  const seen = await read(target, headers, controller, (parts) => (body += parts.map(([text]) => text).join("")));
  if (controller.signal.aborted) return;
  $("body").replaceChildren(element("pre", {}, highlighted(body, JSON_TOKENS)));
  showSummary(seen);
}

/** Rows as they come, with a bar and a button that disconnects. */
async function stream(target, headers, controller) {
  const total = Number($("field-rows").value) || 0;
  const name = crypto.randomUUID?.() ?? String(Math.random());
  const watched = `${target}${target.includes("?") ? "&" : "?"}name=${name}`;
  let rows = 0;
  const show = () => {
    $("progress").value = rows;
    $("count").textContent = `${amount.format(rows)} of ${amount.format(total)} rows`;
  };
  const waiting = read(watched, headers, controller, (parts) => {
    rows += parts.filter(([text]) => text.includes("}")).length; // all but the array's last bracket
    showChunks(parts);
    show();
  });
  $("progress").max = Math.max(total, 1);
  $("streaming").hidden = false;
  $("stop").textContent = "Stop";
  show();
  summarise("Streaming");
  const seen = await waiting;
  if (state.running !== controller) return;
  $("stop").textContent = "Stream again";
  $("streaming").hidden = !seen.chunked; // a refusal, or a status without a body
  showSummary(seen);
  if (seen.chunked) await showEnd(name);
}

/** What the server says of the stream: how far it got, and who ended it. */
async function showEnd(name) {
  const ends = {
    open: "The server has not noticed yet; it sent",
    closed: "The server saw that the client is gone, and closed the source after",
    finished: "The source ended after",
  };
  let source = { state: "open" };
  for (let turn = 0; turn < 60 && source.state === "open"; turn++) {
    source = await (await fetch("/streams/" + name)).json();
    $("ended").hidden = false;
    $("ended").textContent = `${ends[source.state]} ${amount.format(source.rows)} ${source.rows === 1 ? "row" : "rows"}.`;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Show the call; whether there is one. */
async function explain(target, headers, controller) {
  const answer = await fetch(`/explain/${target}`, { headers });
  const { python, curl, raises } = await answer.json();
  if (state.running !== controller) return false;
  $("python").replaceChildren(python === null ? "no call: the query is refused" : highlighted(python, PYTHON_TOKENS));
  $("curl").textContent = curl;
  $("raises").hidden = raises === null;
  $("raises").textContent = raises ?? "";
  document.querySelector("[data-copy=python]").disabled = python === null;
  if (python === null) showTimings([{ note: "Nothing to time: the query is refused." }]);
  return python !== null;
}

// ---- Bars

function bar(label, value, longest, text, ours) {
  const fill = element("span", { class: ours ? "fill ours" : "fill" });
  fill.style.width = `${(100 * value) / longest}%`;
  return element("div", { class: "measure" }, element("span", { class: "label" }, label), element("span", { class: "track" }, fill), element("span", { class: "value" }, text));
}

async function showCost(target, controller) {
  const answer = await fetch(`/timings/${target}`);
  const { timings } = await answer.json();
  if (state.running === controller) showTimings(timings);
}

function showTimings(timings) {
  const slowest = Math.max(...timings.map((each) => each.seconds ?? 0));
  const largest = Math.max(...timings.map((each) => each.bytes ?? 0));
  const rows = timings.map(({ name, seconds, bytes, note }, index) => {
    const parts = name ? [element("h3", {}, name)] : [];
    if (seconds != null) {
      const ratio = index ? ` · ${(seconds / timings[0].seconds).toPrecision(2)} ×` : "";
      parts.push(bar("time", seconds, slowest, timeText(seconds) + ratio, !index));
      parts.push(bar("size", bytes, largest, bytesText(bytes), !index));
    }
    if (note) parts.push(element("p", { class: "help" }, note));
    return element("div", { class: seconds == null ? "contender alone" : "contender" }, ...parts);
  });
  $("cost").removeAttribute("aria-busy");
  $("cost").replaceChildren(...rows);
}

// ---- Start

async function copy(button) {
  let said = "Copied";
  try {
    await navigator.clipboard.writeText($(button.dataset.copy).textContent);
  } catch {
    // Without the permission, or where a page on another machine may not ask: select it.
    getSelection().selectAllChildren($(button.dataset.copy));
    said = "Selected";
  }
  button.textContent = said;
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

function listen() {
  form.addEventListener("change", (event) => {
    if (event.target.name === "data") showParameters();
    send();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  form.addEventListener("reset", () => setTimeout(() => {
    showParameters();
    send();
  }));
  $("stop").addEventListener("click", () => ($("stop").textContent === "Stop" ? state.running.abort() : send()));
  $("use-etag").addEventListener("click", () => {
    $("if-none-match").value = state.etag;
    send();
  });
  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", () => copy(button));
  }
}

async function start() {
  state.description = await (await fetch("/form")).json();
  $("version").textContent = state.description.version;
  document.querySelector("#data .cards").append(...state.description.data.map(dataCard));
  $("settings").append(...state.description.settings.map(control));
  const narrow = matchMedia("(max-width: 52rem)");
  narrow.addEventListener("change", () => ($("more").open = !narrow.matches));
  $("more").open = !narrow.matches;
  restore(location.search);
  listen();
  await send();
}

start();
