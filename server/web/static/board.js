"use strict";
// The board draws what the server sends and nothing else: text goes in as text, never as markup.

const SHAPES = { good: "●", look: "▲", stop: "■", off: "○" };
const byId = (id) => document.getElementById(id);
const drawn = {};
let clockAhead = 0; // Server's clock minus this screen's, seconds.
let zone = "UTC";
let heard = Date.now();

// --- small tools ---------------------------------------------------------------------------------------------------

function h(tag, classes, ...children) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

function shape(kind) {
  const made = h("span", `shape ${kind}`, SHAPES[kind] || SHAPES.look);
  made.setAttribute("aria-hidden", "true");
  return made;
}

function timed(tag, classes, kind, at) {
  const made = h(tag, classes);
  made.dataset[kind] = at;
  return made;
}

const now = () => Date.now() / 1000 + clockAhead;
const count = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many || `${one}s`}`;

function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 48 * 3600) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`;
  return `${Math.floor(s / 86400)} days`;
}

function clock(at) {
  const form = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  const day = (t) => new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(t * 1000);
  const time = new Intl.DateTimeFormat("en-GB", form).format(at * 1000);
  if (day(at) === day(now())) return time;
  return `${new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short" }).format(at * 1000)} ${time}`;
}

function tick() {
  for (const el of document.querySelectorAll("[data-since]")) el.textContent = span(now() - el.dataset.since);
  for (const el of document.querySelectorAll("[data-due]")) {
    const left = el.dataset.due - now();
    el.textContent = left < 0 ? `${span(-left)} late` : `in ${span(left)}`;
    el.classList.toggle("stop", left < 0);
  }
  if (byId("clock")) byId("clock").textContent = clock(now());
}

function head(words, aside) {
  return h("h2", "", words, typeof aside === "string" && aside ? h("small", "", aside) : aside || null);
}

// --- sections: each gets its part of the board and gives the nodes to show ------------------------------------------

const DRAW = {
  urgent(lines) {
    if (!lines.length) return [h("p", "calm", shape("good"), " Nothing needs you now. The floor runs by itself.")];
    // The style shows as many as fit the screen; the button shows all.
    const more = h("button", "more", `all ${lines.length}`);
    more.hidden = lines.length < 4;
    more.addEventListener("click", () => byId("urgent").classList.toggle("all"));
    return [head("Needs action now", more), h("ul", "", ...lines.map(urgentLine))];
  },

  flow({ flow, due }) {
    const step = (key, words, extra) => {
      const number = h("b", flow[key] ? "" : "none", flow[key].toLocaleString("en"));
      if (drawn.flowNumbers && drawn.flowNumbers[key] !== flow[key]) number.classList.add("changed");
      return h("div", `step ${key}`, number, h("span", "", words), extra ? h("em", "", extra) : null);
    };
    const nodes = [
      step("waiting", "waiting", flow.held ? `+ ${flow.held} held` : ""),
      step("packing", "packing"),
      step("packed", "packed"),
      step("loaded", "loaded"),
      step("shipped", "shipped today"),
    ];
    drawn.flowNumbers = flow;
    return [h("div", "steps", ...nodes), dueTile(due)];
  },

  benches(cards) {
    if (!cards.length) {
      return [empty("No bench yet.", "Run “packproof setup” on the server: it makes the first bench and its join code.")];
    }
    byId("benches").classList.toggle("many", cards.length > 6);
    return cards.map(benchCard);
  },

  queue({ queue, waiting }) {
    const title = head("Next to pack", waiting ? `${waiting} waiting` : "");
    if (!queue.length) {
      return [title, empty("No order waits.", "New ones appear here when a channel sends them or after “packproof import”.")];
    }
    return [title, h("ol", "orders", ...queue.map(orderRow))];
  },

  pace(pace) {
    const most = Math.max(1, ...pace.hours.map((bar) => bar.units));
    const bars = pace.hours.map((bar, index) => {
      const fill = h("i", index === pace.hours.length - 1 ? "present" : "");
      fill.style.setProperty("--part", bar.units / most);
      const label = h("span", "", String(bar.hour));
      const made = h("div", "", h("b", "", bar.units ? String(bar.units) : ""), fill, label);
      made.title = `${bar.hour}:00, ${count(bar.units, "unit")}`;
      return made;
    });
    const figure = (orders, units, words) =>
      h("p", "", h("b", "", orders.toLocaleString("en")), " orders ", h("b", "", units.toLocaleString("en")),
        " units ", h("span", "", words));
    return [
      head("Pace", "units by the hour"),
      h("div", "bars", ...bars),
      h("div", "figures", figure(pace.orders_hour, pace.units_hour, "last 60 min"),
        figure(pace.orders_today, pace.units_today, "today")),
    ];
  },

  refused(refused) {
    const title = head("Refused scans today", refused.scans ? `${refused.total} of ${count(refused.scans, "scan")}` : "");
    if (refused.hidden) return [title, empty("Not shown yet.", "A wall shows this when three people have scanned today.")];
    if (!refused.kinds.length) return [title, empty("None.", "Every scan today was the right one.")];
    const most = refused.kinds[0].count;
    const rows = refused.kinds.slice(0, 6).map((kind) => {
      const bar = h("i", kind.shape);
      bar.style.setProperty("--part", kind.count / most);
      return h("li", "", shape(kind.shape), h("span", "", kind.words), bar, h("b", "", String(kind.count)));
    });
    return [title, h("ul", "kinds", ...rows)];
  },

  channels(channels) {
    const title = head("Channels", "stock and tracking told");
    if (!channels.length) return [title, empty("No channel yet.", "Add one in “packproof setup”; orders can come from a file until then.")];
    const rows = channels.map((channel) => {
      const waits = channel.waiting > 0;
      const aged = waits && channel.oldest !== null;
      const told = waits ? `${channel.waiting} waiting${aged ? ", oldest " : ""}` : "all told";
      const words = channel.words ? `${channel.words}${aged ? " · " : ""}` : told;
      const state = h("span", channel.words ? channel.shape : "", words, aged ? timed("span", "", "since", channel.oldest) : null);
      return h("li", "", shape(channel.shape), h("b", "", channel.name), state);
    });
    return [title, h("ul", "channels", ...rows)];
  },
};

function urgentLine(line) {
  const when = line.due !== null ? timed("time", "", "due", line.due)
    : line.since !== null ? timed("time", "", "since", line.since) : null;
  const words = h("span", "words", h("b", "", line.words), line.detail ? h("span", "", line.detail) : null);
  const body = [shape(line.shape), words, when];
  const walled = document.documentElement.classList.contains("wall");
  if (!line.link || walled) return h("li", line.shape, ...body);
  const link = h("a", "", ...body);
  link.setAttribute("href", line.link);
  return h("li", line.shape, link);
}

function dueTile(due) {
  const late = due.late ? h("em", "stop", `■ ${due.late} late`) : null;
  if (due.next_at === null) {
    return h("div", "due", h("span", "", "next ship-by"), h("b", "none", due.late ? "—" : "none"), late);
  }
  const detail = h("span", "", clock(due.next_at), ` · ${count(due.count, "order")}`);
  return h("div", "due", h("span", "", "next ship-by"), timed("b", "", "due", due.next_at), detail, late);
}

function benchCard(bench) {
  const made = h("article", `panel bench ${bench.shape}`);
  made.id = `bench-${bench.id}`;
  const state = h("span", "state", shape(bench.shape), ` ${bench.words} `);
  if (bench.silent_since !== null) state.append(timed("span", "", "since", bench.silent_since));
  made.append(h("header", "", h("h3", "", bench.name), state));
  made.append(bench.order ? orderLine(bench) : h("p", "order idle", bench.load ? `load ${bench.load}` : "no order open"));
  const foot = h("footer", "", bench.person ? h("span", "person", bench.person) : null);
  if (bench.last) {
    const verdict = h("span", "last", shape(bench.last.shape), ` ${bench.last.words}`);
    if (bench.last.at !== null) verdict.append(" · ", timed("span", "", "since", bench.last.at));
    foot.append(verdict);
  }
  made.append(foot, h("p", "devices", ...devices(bench)));
  return made;
}

function orderLine(bench) {
  const bar = h("i", "progress");
  bar.style.setProperty("--part", bench.units ? bench.verified / bench.units : 0);
  const units = h("span", "units", h("b", "", String(bench.verified)), ` of ${bench.units}`);
  const since = bench.since !== null ? timed("span", "for", "since", bench.since) : null;
  return h("div", "order", h("p", "", h("b", "number", bench.order), units, since), bar);
}

function devices(bench) {
  const nodes = [];
  for (const [kind, device] of [["scanner", bench.scanner], ["printer", bench.printer]]) {
    if (device) nodes.push(h("span", "device", shape(device.shape), ` ${kind} ${device.words}`));
  }
  if (bench.assigned) {
    const held = h(bench.link ? "a" : "span", "device held", `holds ${count(bench.assigned, "order")} for `,
      timed("span", "", "since", bench.assigned_since));
    if (bench.link) held.setAttribute("href", bench.link);
    nodes.push(held);
  }
  if (bench.unsent) nodes.push(h("span", "device", shape("look"), ` ${bench.unsent} unsent`));
  if (bench.clock_off) {
    const side = bench.clock_off > 0 ? "ahead" : "behind";
    nodes.push(h("span", "device", shape("look"), ` clock ${Math.abs(bench.clock_off)} s ${side}`));
  }
  return nodes;
}

function orderRow(order) {
  const items = order.items.concat(order.more ? [`+ ${order.more} more`] : []);
  const when = order.ship_by !== null ? timed("time", "", "due", order.ship_by) : h("time", "", "no ship-by");
  return h("li", "", h("p", "", h("b", "", order.number), h("span", "", `${order.channel} · ${order.carrier}`), when),
    h("p", "items", ...items.map((item) => h("span", "", item))));
}

function empty(words, what) {
  return h("p", "empty", h("b", "", words), " ", what);
}

// --- drawing and listening -------------------------------------------------------------------------------------------

function show({ now: serverNow, board }) {
  clockAhead = serverNow - Date.now() / 1000;
  zone = board.time_zone;
  byId("site").textContent = board.site;
  const parts = {
    ...board,
    flow: { flow: board.flow, due: board.due },
    queue: { queue: board.queue, waiting: board.flow.waiting },
  };
  for (const [name, draw] of Object.entries(DRAW)) {
    const part = JSON.stringify(parts[name]);
    if (drawn[name] === part) continue;
    byId(name).replaceChildren(...draw(parts[name]));
    drawn[name] = part;
  }
  const badge = byId("incident-count");
  if (badge) {
    badge.textContent = board.incidents.open;
    badge.hidden = !board.incidents.open;
  }
  const stops = board.urgent.filter((line) => line.shape === "stop").length;
  document.title = `${stops ? `■ ${stops} · ` : ""}${board.site} · Packproof`;
  byId("board").setAttribute("aria-busy", "false");
  tick();
}

function alive(words, kind) {
  const live = byId("live");
  live.className = `live ${kind}`;
  const text = `${SHAPES[kind]} ${words}`;
  if (live.textContent !== text) live.replaceChildren(shape(kind), ` ${words}`);
  document.body.classList.toggle("stale", kind !== "good");
}

let source = null;

function listen() {
  if (source) source.close();
  source = new EventSource(`/board/stream?for=${byId("board").dataset.for}`);
  source.addEventListener("board", (event) => {
    heard = Date.now();
    alive("live", "good");
    show(JSON.parse(event.data));
  });
  source.addEventListener("beat", () => {
    heard = Date.now();
    alive("live", "good");
  });
  source.addEventListener("trouble", () => {
    heard = Date.now();
    alive("the server cannot read its database", "look");
  });
  source.onerror = () => {
    alive("connection lost, trying again", "look");
    if (source.readyState === EventSource.CLOSED) setTimeout(again, 2000);
  };
}

async function again() {
  // A stream cannot say why it was refused; an ordinary request can.
  const answer = await fetch("/board/data").catch(() => null);
  if (answer && answer.status === 401) location.assign("/login");
  else listen();
}

const stamped = document.querySelector("[data-now]");
if (stamped) clockAhead = stamped.dataset.now - Date.now() / 1000;
setInterval(tick, 1000);
tick();
if (byId("board")) {
  listen();
  setInterval(() => {
    if (Date.now() - heard < 6000 || document.hidden) return;
    heard = Date.now();
    alive("nothing heard, trying again", "look");
    listen();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    // A hidden tab frees its connection: browsers allow six to one server.
    if (document.hidden) source.close();
    else listen();
  });
}
