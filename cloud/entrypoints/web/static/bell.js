// The bell: while a life-safety task stands unanswered it sounds, once the visitor has let the browser make sounds.
import { localMinute, now } from "./clocks.js";

const KEY = "tocsin-quiet";
// Who turns the sound off turns off what rings now, and no longer than this.
const QUIET_MS = 15 * 60 * 1000;
const EVERY_MS = 2500;

let audio = null;
let timer = 0;
let ends = 0;
// Where a browser keeps nothing for a page, the page does.
let kept = null;

const audible = () => audio?.state === "running";
const ringing = () => [...document.querySelectorAll("[data-alarm]")].flatMap((one) => one.dataset.alarm.split(" ").filter(Boolean));

// What was turned off, and until when; null when nothing is.
function quiet() {
  try {
    kept = JSON.parse(localStorage.getItem(KEY));
  } catch {
    // not kept there, or not by us
  }
  const left = (kept?.until ?? 0) - Date.now();
  return left > 0 && left <= QUIET_MS && Array.isArray(kept.ids) ? kept : null;
}

function keep(wanted) {
  kept = wanted;
  try {
    localStorage.setItem(KEY, JSON.stringify(wanted));
  } catch {
    // kept by this page alone
  }
}

function strike() {
  // Two falling tones, as a door bell's: heard through talk, told apart from telephones.
  [[880, 0], [660, 0.35]].forEach(([pitch, delay]) => {
    const begin = audio.currentTime + delay;
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.type = "triangle";
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, begin);
    loudness.gain.exponentialRampToValueAtTime(0.5, begin + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, begin + 0.6);
    tone.connect(loudness).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.65);
  });
}

function hear() {
  if (audio) return;
  audio = new AudioContext();
  audio.addEventListener("statechange", () => bell.attend());
}

async function unlock() {
  hear();
  if (audio.state === "suspended") await audio.resume();
  bell.attend();
}

function show(silenced) {
  for (const button of document.querySelectorAll("[data-sound]")) {
    const state = !audible() ? "blocked" : silenced ? "off" : "on";
    const { on, off, blocked } = button.dataset;
    const word = { on, blocked, off: off.replace("{time}", silenced ? localMinute(now() + silenced.until - Date.now()) : "") }[state];
    button.hidden = false;
    button.setAttribute("aria-pressed", String(state === "on"));
    const label = button.querySelector("[data-word]");
    if (label.textContent !== word) label.textContent = word;
  }
}

export const bell = {
  // Called whenever the page has changed.
  attend() {
    const alarms = ringing();
    const off = quiet();
    const silenced = alarms.length > 0 && alarms.every((id) => off?.ids.includes(id)) ? off : null;
    clearTimeout(ends);
    if (silenced) ends = setTimeout(() => bell.attend(), silenced.until - Date.now() + 50);
    // Where the browser lets this page sound without being asked - it does after a page of ours, and on a wall that is set up so.
    if (document.querySelector("[data-sound]")) hear();
    show(silenced);
    const on = alarms.length > 0 && !silenced && audible();
    document.documentElement.dataset.ringing = on ? "yes" : "no";
    if (on && !timer) {
      strike();
      timer = setInterval(strike, EVERY_MS);
    } else if (!on && timer) {
      clearInterval(timer);
      timer = 0;
    }
  },
};

async function press() {
  const alarms = ringing();
  if (!audible()) return unlock();
  // Nothing to turn off: it is heard that it sounds.
  if (!alarms.length) return strike();
  keep(document.documentElement.dataset.ringing === "yes" ? { until: Date.now() + QUIET_MS, ids: alarms } : null);
  bell.attend();
}

const attended = () => document.querySelector("[data-sound], #alarm-area") !== null;

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-sound]")) return press();
  if (attended()) unlock();
});
document.addEventListener("keydown", () => attended() && !audible() && unlock());
window.addEventListener("storage", (event) => event.key === KEY && bell.attend());
