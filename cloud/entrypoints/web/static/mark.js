// The mark of the head: live, or since when what is shown is stale. It is live only while both hold, the stream and what is fetched.
import { localTime, now, span } from "./clocks.js";

const mark = document.getElementById("link");
// By part: whether it stands, and when it was last seen to.
const parts = { link: { state: "connecting", at: now() } };
let ticking = 0;

// `state`: live, lost or connecting.
export function say(part, state) {
  const known = (parts[part] ??= { at: now() });
  known.state = state;
  if (state === "live") known.at = now();
  show();
}

function show() {
  if (!mark) return;
  const all = Object.values(parts);
  const lost = all.filter((one) => one.state === "lost");
  const state = lost.length ? "stale" : all.some((one) => one.state === "connecting") ? "connecting" : "live";
  const since = Math.min(...lost.map((one) => one.at));
  const text = state === "stale" ? `${mark.dataset.staleWord} ${localTime(since)}` : mark.dataset[`${state}Word`];
  // Written only when it differs: a screen reader speaks every change. It speaks no age, which would change every second.
  if (mark.dataset.state !== state) mark.dataset.state = state;
  set(mark.querySelector("[data-word]"), text);
  set(mark.querySelector("[data-age]"), state === "stale" ? mark.dataset.ageWord.replace("{age}", span((now() - since) / 1000)) : "");
  if (state === "stale") ticking ||= setInterval(show, 1000);
  else ticking = void clearInterval(ticking);
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
