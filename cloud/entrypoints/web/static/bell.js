// The bell: while a life-safety task stands unanswered it sounds, once the visitor has let the browser make sounds.
const KEY = "tocsin-sound";
const EVERY_MS = 2500;

let audio = null;
let timer = 0;

const wanted = () => localStorage.getItem(KEY) !== "off";
const audible = () => audio?.state === "running";
const rings = () => document.querySelector("[data-alarm]") !== null;

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

function show() {
  for (const button of document.querySelectorAll("[data-sound]")) {
    const state = !wanted() ? "off" : audible() ? "on" : "blocked";
    const word = { on: button.dataset.on, off: button.dataset.off, blocked: button.dataset.blocked }[state];
    button.hidden = false;
    button.setAttribute("aria-pressed", String(state === "on"));
    const label = button.querySelector("[data-word]");
    if (label.textContent !== word) label.textContent = word;
  }
}

async function unlock() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") await audio.resume();
  bell.attend();
}

export const bell = {
  // Called whenever the page has changed.
  attend() {
    show();
    const on = rings() && wanted() && audible();
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

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-sound]");
  if (button) {
    const wasOn = wanted() && audible();
    localStorage.setItem(KEY, wasOn ? "off" : "on");
  }
  if (wanted() && document.querySelector("[data-sound]")) await unlock();
  else bell.attend();
});
