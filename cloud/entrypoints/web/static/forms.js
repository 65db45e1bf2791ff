// Sends forms without leaving the page, so that the sound, the scroll and what is open stay as they are. What cannot be sent now is
// sent again for a minute, under one key, so that it is done once; after that it is to be pressed again: what somebody meant a
// while ago may no longer be right.
import { seenAnew } from "./refresh.js";

const TRIES_FOR_MS = 60000;
const PATIENCE_MS = 10000;
const SLOWEST_MS = 5000;
const EARLIER_MS = 3000;
const CONFLICT = 409;

const said = document.getElementById("said");
const under = new Set();
const running = new Set();

export function watchForms(refresh) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.action.includes("/tasks/") || form.method !== "post") return;
    event.preventDefault();
    if (under.has(form.action)) return;
    const own = submitted(form, event.submitter, [...running], refresh).finally(() => running.delete(own));
    running.add(own);
  });
}

async function submitted(form, submitter, earlier, refresh) {
  under.add(form.action);
  const buttons = form.querySelectorAll("button");
  const given = new FormData(form, submitter);
  for (const button of buttons) button.disabled = true;
  said.textContent = "";
  try {
    if (earlier.length) await after(earlier, form, given);
    // What a form with a photo holds is no line of words, and is put together anew each time: no key fits it.
    const photo = form.enctype === "multipart/form-data";
    const answer = await (photo ? send(form.action, given) : sendAgain(form.action, new URLSearchParams(given)));
    if (!answer) return tell(said.dataset.again);
    if (answer.ok || (await isSort(answer, "answer-lost"))) await done(form, submitter, refresh);
    else {
      await tell(await reason(answer));
      await refresh();
      if (answer.status === CONFLICT) seenAnew(form.action);
    }
  } finally {
    under.delete(form.action);
    for (const button of buttons) button.disabled = false;
  }
}

// One's own photo, which the page may show before its answer has come, is no reason to refuse what was pressed next: that speaks of
// the task as it is once what one sent before is done. On a slow line it goes all the same.
async function after(earlier, form, given) {
  await Promise.race([Promise.allSettled(earlier), new Promise((later) => setTimeout(later, EARLIER_MS))]);
  const revision = form.elements.namedItem("revision");
  if (form.isConnected && revision) given.set("revision", revision.value);
}

// The answer; null where there was none, or where it is a gateway's or the service's that it cannot now.
async function send(action, body, headers = {}) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(action, { method: "POST", body, headers, signal: patience.signal });
    return [502, 503, 504].includes(answer.status) || (await isSort(answer, "request-under-way")) ? null : answer;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function sendAgain(action, body) {
  const headers = { "Idempotency-Key": key() };
  const began = performance.now();
  for (let pause = 1000; ; pause = Math.min(pause * 2, SLOWEST_MS)) {
    const answer = await send(action, body, headers);
    if (answer || performance.now() - began > TRIES_FOR_MS) return answer;
    tell(said.dataset.waiting);
    await new Promise((after) => setTimeout(after, pause));
  }
}

// Not randomUUID, which only pages that came by https have.
const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function problem(answer) {
  if (answer.headers.get("content-type") !== "application/problem+json") return null;
  return answer.clone().json();
}

// Of one key: its first try is under way yet, and is asked for again in a moment; or it was done, and the answer died with the service.
const isSort = async (answer, sort) => (await problem(answer))?.type?.endsWith(`/${sort}`) ?? false;

async function done(form, submitter, refresh) {
  document.querySelector("#told")?.remove();
  const kept = form.closest("[data-key]")?.dataset.key;
  const word = submitter?.dataset.said ?? said.dataset.done;
  form.reset();
  form.closest("details")?.removeAttribute("open");
  document.activeElement?.blur();
  await refresh();
  seenAnew(form.action);
  goOn(kept);
  said.textContent = word;
}

const NEXT = ["button.life, button.primary", ".done-next > summary", ".do .button", "h1, h2, h3, .what a"];

// To what is to be done next where something was done, else to its headline: by keyboard one goes on from there.
function goOn(kept) {
  const within = (kept && document.querySelector(`[data-key="${CSS.escape(kept)}"]`)) || document.querySelector("main");
  const whole = within.matches("main") ? ["h1"] : NEXT;
  for (const wanted of whole) {
    const found = [...within.querySelectorAll(wanted)].find((one) => one.checkVisibility() && !one.disabled);
    if (!found) continue;
    if (!found.matches("a, button, summary")) found.tabIndex = -1;
    return found.focus({ preventScroll: true });
  }
}

async function reason(answer) {
  const known = await problem(answer);
  if (known) return known.detail ?? answer.statusText;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("[role=alert]")?.textContent ?? answer.statusText;
}

function tell(message) {
  const known = document.querySelector("#told");
  if (known?.textContent === message) return;
  known?.remove();
  const notice = document.createElement("p");
  notice.id = "told";
  notice.className = "hint problem";
  notice.setAttribute("role", "alert");
  notice.textContent = message;
  document.querySelector("main").prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
}
