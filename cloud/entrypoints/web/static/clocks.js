// Relative times and running clocks, moved on every second by the service's clock, in the words the server uses.
const WORDS = {
  en: { now: "just now", ago: (w) => `${w} ago`, ahead: (w) => `in ${w}`, d: " d", h: " h", m: " min", mm: " min", s: " s", gap: " " },
  zh: { now: "刚刚", ago: (w) => `${w}前`, ahead: (w) => `${w}后`, d: "天", h: "小时", m: "分", mm: "分钟", s: "秒", gap: "" },
};
const words = document.documentElement.lang.startsWith("zh") ? WORDS.zh : WORDS.en;

export function span(seconds) {
  const t = Math.floor(Math.abs(seconds));
  if (t < 60) return `${t}${words.s}`;
  if (t < 600) return `${Math.floor(t / 60)}${words.m}${t % 60 ? words.gap + (t % 60) + words.s : words.mm.slice(words.m.length)}`;
  if (t < 3600) return `${Math.floor(t / 60)}${words.mm}`;
  const minutes = Math.floor((t % 3600) / 60);
  if (t < 86400) return `${Math.floor(t / 3600)}${words.h}${minutes ? words.gap + minutes + words.m : ""}`;
  return `${Math.floor(t / 86400)}${words.d}`;
}

export function ago(seconds) {
  if (Math.abs(seconds) < 3) return words.now;
  return seconds < 0 ? words.ahead(span(seconds)) : words.ago(span(seconds));
}

export function left(seconds) {
  const t = Math.trunc(seconds);
  const sign = t < 0 ? "+" : "";
  if (Math.abs(t) >= 3600) return sign + span(t);
  const pad = (n) => String(n).padStart(2, "0");
  return `${sign}${pad(Math.floor(Math.abs(t) / 60))}:${pad(Math.abs(t) % 60)}`;
}

// A visitor's own clock may be minutes off: the page says what time it was at the service when it was made.
let made = Date.parse(document.documentElement.dataset.now);
let here = { steady: performance.now(), wall: Date.now() };
// The steady clock stands still while a machine sleeps, the other is set: what the longer of them says has passed.
const passed = () => Math.max(performance.now() - here.steady, Date.now() - here.wall);
export const now = () => (Number.isNaN(made) ? Date.now() : made + passed());

// A newer page says anew what time it is.
export function isNow(stamp) {
  const at = Date.parse(stamp ?? "");
  if (Number.isNaN(at)) return;
  made = at;
  here = { steady: performance.now(), wall: Date.now() };
}

const zone = document.documentElement.dataset.zone || undefined;
function inZone(options) {
  const shape = { hourCycle: "h23", hour: "2-digit", minute: "2-digit", ...options };
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...shape });
  } catch {
    // An old browser knows fewer zones; its own is better than no page.
    return new Intl.DateTimeFormat("en-GB", shape);
  }
}
const [seconds, minutes] = [inZone({ second: "2-digit" }), inZone({})];

// Hours, minutes, seconds where the estate is, wherever this device thinks it is.
export const localTime = (at) => seconds.format(at);
export const localMinute = (at) => minutes.format(at);

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  const at = now();
  for (const time of document.querySelectorAll("time[data-ago]")) set(time, ago((at - Date.parse(time.dateTime)) / 1000));
  for (const clock of document.querySelectorAll("[data-clock]:not([data-met])")) {
    const from = Date.parse(clock.dataset.start);
    const due = Date.parse(clock.dataset.due);
    const used = Math.max(0, (at - from) / Math.max(due - from, 1));
    clock.dataset.state = used >= 1 ? "breached" : used >= 0.75 ? "at_risk" : "on_track";
    clock.querySelector("[data-used]").setAttribute("width", String(Math.min(100, used * 100)));
    set(clock.querySelector("[data-left]"), left((due - at) / 1000));
  }
}

export function tickClocks() {
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
}
