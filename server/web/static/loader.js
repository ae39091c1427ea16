"use strict";
// A load on a phone. It draws what the server sends and nothing else: text goes in as text, never as markup.

const SHAPES = { good: "●", look: "▲", stop: "■", off: "○" };
const BUZZ = { good: [60], look: [80, 80, 80], stop: [500, 150, 500, 150, 500] };
const TONES = { good: [[880, 0.09]], look: [[520, 0.1], [520, 0.1]], stop: [[180, 0.4], [180, 0.4], [180, 0.4]] };
const GRAVITY = ["off", "good", "look", "stop"];
const STALE_SECONDS = 4;
const byId = (id) => document.getElementById(id);
const loadId = byId("load").dataset.load;
let known = null; // Keys of the scans and cancels this phone has told; null before the first reading.
let shown = null;
let clockAhead = 0; // Server's clock minus this phone's, seconds.
let heard = Date.now();
let lost = false;
let audio = null;
let source = null;

const now = () => Date.now() / 1000 + clockAhead;

function h(tag, classes, ...children) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  made.append(...children.filter(Boolean));
  return made;
}

function shape(kind) {
  const made = h("span", "shape", SHAPES[kind] || SHAPES.look);
  made.setAttribute("aria-hidden", "true");
  return made;
}

function put(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

function warn(id, text) {
  put(id, text);
  byId(id).hidden = !text;
}

function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  return s < 60 ? `${s} s` : s < 7200 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 3600)} h`;
}

// --- feeling and hearing -------------------------------------------------------------------------------------------

function tell(kind) {
  if (navigator.vibrate) navigator.vibrate(BUZZ[kind] || []);
  if (!audio || audio.state !== "running") return;
  let at = audio.currentTime;
  for (const [pitch, length] of TONES[kind] || []) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = kind === "stop" ? "square" : "sine";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.5, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + length);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length);
    at += length + 0.06;
  }
}

async function awake() {
  // Gone whenever the page is hidden, and asked for again when it is back.
  if (!navigator.wakeLock || document.hidden) return;
  await navigator.wakeLock.request("screen").catch(() => null);
}

byId("sound").addEventListener("click", () => {
  // Browsers let a page sound and shake only after a tap.
  const Audio = window.AudioContext || window.webkitAudioContext;
  if (!audio && Audio) audio = new Audio();
  byId("sound").classList.add("on");
  put("sound", `● Sound${navigator.vibrate ? " and vibration" : ""} on · tap to try a stop`);
  const ready = audio ? audio.resume().catch(() => null) : Promise.resolve();
  ready.then(() => tell("stop"));
  awake();
});

// --- drawing ---------------------------------------------------------------------------------------------------------

function news(load) {
  // The gravest of all that is new, so that a stop is felt even when a good scan came right behind it.
  const told = [
    ...load.verdicts.map((v) => [v.key, v.shape]),
    ...load.cancelled.map((c) => [`cancelled ${c.tracking}`, "stop"]),
    ...load.aside.map((line) => [`aside ${line.tracking}`, "stop"]), // After a network cut many scans come at once.
  ];
  const fresh = known ? told.filter(([key]) => !known.has(key)) : [];
  known = new Set([...(known || []), ...told.map(([key]) => key)]);
  const gravest = Math.max(-1, ...fresh.map(([, kind]) => GRAVITY.indexOf(kind)));
  if (gravest > 0) tell(GRAVITY[gravest]);
  return gravest >= 0;
}

function drawVerdict(load, fresh) {
  const box = byId("verdict");
  const last = load.verdicts[0];
  const closed = load.state === "closed";
  const kind = closed ? "off" : last ? last.shape : "off";
  const text = closed ? "load is closed" : last ? last.words : "nothing scanned yet";
  const item = closed ? "Nothing more goes on." : last ? last.item : "";
  const words = h("div", "", h("b", "", text), item ? h("span", "item", item) : null,
    !closed && last && last.do ? h("span", "do", last.do) : null);
  box.className = `verdict ${kind}`;
  box.replaceChildren(shape(kind), words);
  if (fresh) {
    void box.offsetWidth; // Starts the animation again.
    box.classList.add("new");
  }
  const before = closed ? [] : load.verdicts.slice(1);
  byId("before").replaceChildren(...before.map((v) => h("p", v.shape, shape(v.shape), h("span", "", v.words), h("span", "", v.item))));
}

function drawAside(load) {
  put("aside-count", String(load.aside_count));
  byId("aside-fact").className = load.aside_count ? "look" : "";
  if (!load.aside.length) return byId("aside").replaceChildren();
  const lines = load.aside.map((line) => h("li", "", h("b", "", line.tracking), h("span", "", line.words)));
  const more = load.aside_count - load.aside.length;
  if (more > 0) lines.push(h("li", "", `and ${more} more`));
  return byId("aside").replaceChildren(h("h2", "", `▲ Set aside: ${load.aside_count}`), h("ul", "", ...lines));
}

function show(data) {
  clockAhead = data.now - Date.now() / 1000;
  const load = data.load;
  const fresh = news(load);
  put("carrier", load.trailer ? `${load.carrier} · ${load.trailer}` : load.carrier);
  put("loaded", String(load.loaded));
  put("left", load.state === "closed" ? "–" : String(load.left));
  byId("loaded").closest(".digits").dataset.digits = String(Math.max(load.loaded, load.left)).length;
  const verdict = JSON.stringify([load.state, load.verdicts]);
  if (!shown || verdict !== shown.verdict) drawVerdict(load, fresh);
  drawAside(load);
  warn("cancelled", load.cancelled.map((c) => `■ Cancelled, on the truck: ${c.tracking}, number ${c.words}. Pull it.`).join(" "));
  shown = { verdict, load };
  byId("load").setAttribute("aria-busy", "false");
  document.title = `${load.loaded} / ${load.left} · ${loadId}`;
  tick();
}

function cutOff(load) {
  const minutes = load.cut_off === null ? null : Math.floor((load.cut_off - now()) / 60);
  put("cut-off", minutes === null ? "–" : String(Math.abs(minutes)));
  put("cut-off-words", minutes === null ? "no cut-off" : minutes < 0 ? "min past cut-off" : "min to cut-off");
  byId("cut-off-fact").className = minutes === null || minutes > 20 ? "" : minutes < 0 ? "stop" : "look";
}

function tick() {
  const silent = (Date.now() - heard) / 1000;
  const gone = silent > STALE_SECONDS;
  if (gone && !lost) tell("look");
  lost = gone;
  document.body.classList.toggle("stale", gone);
  const docks = !shown ? [] : shown.load.docks.map((dock) =>
    dock.since !== null ? `${dock.name} is silent for ${span(now() - dock.since)}` : `${dock.name} has ${dock.unsent} unsent`);
  warn("stale", gone ? `■ Not live for ${span(silent)}. Trust the dock's screen.`
    : docks.length ? `▲ ${docks.join(", ")}: its newest scans are not here yet.` : "");
  byId("stale").className = `warn ${gone ? "stop" : "look"}`;
  if (shown) cutOff(shown.load);
}

function alive(words, kind) {
  byId("live").className = `live last ${kind}`;
  put("live", `${SHAPES[kind]} ${words}`);
}

// --- listening -------------------------------------------------------------------------------------------------------

function listen() {
  if (source) source.close();
  source = new EventSource(`/dock/${encodeURIComponent(loadId)}/stream`);
  const on = (kind, act) => source.addEventListener(kind, (event) => {
    heard = Date.now();
    act(event);
  });
  on("load", (event) => {
    alive("live", "good");
    show(JSON.parse(event.data));
  });
  on("beat", () => alive("live", "good"));
  source.addEventListener("trouble", () => alive("server in trouble", "look"));
  source.onerror = () => {
    alive("connecting", "look");
    if (source.readyState === EventSource.CLOSED) setTimeout(again, 2000);
  };
}

async function again() {
  // A stream cannot say why it was refused; an ordinary request can.
  const answer = await fetch(`/dock/${encodeURIComponent(loadId)}/data`).catch(() => null);
  if (answer && answer.status === 401) location.assign("/login");
  else listen();
}

listen();
awake();
let tried = Date.now();
setInterval(() => {
  tick();
  // A half-open connection says nothing; phones between two access points have many of them.
  if (Date.now() - Math.max(heard, tried) < 6000 || document.hidden) return;
  tried = Date.now();
  listen();
}, 1000);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return source.close();
  awake();
  return listen();
});
