// Asks for the page again and changes only what differs: nothing jumps, and what changed is marked for a few seconds.
import { current } from "./age.js";
import { isNow } from "./clocks.js";

const AT_MOST_EVERY_MS = 250;
// Whoever points or tabs into a list is about to press something in it; a pointer left lying there is nobody's hand.
const HAND_MS = 5000;
const SETTLES_MS = 500;
const LATEST_MS = 10000;
const MARKED_MS = 4000;

// A service that is slower than this shows nothing that one may rely on.
const PATIENCE_MS = 10000;
const RETRY_MS = 1000;
const RETRY_AT_MOST_MS = 15000;

// Asks for the page, or for `part`, where its changing parts alone are. `told(good)` hears of each try whether it came; `shutOut`,
// that nobody is signed in any more. What is given back settles when the page is as fresh as when it was asked for.
export function refresher({ part, told, shutOut }) {
  let run = null;
  let again = false;
  let last = 0;
  let took = 0;
  let failures = 0;
  let retry = 0;

  async function loop() {
    do {
      again = false;
      clearTimeout(retry);
      // A board of a thousand rows takes its time: asked for three times as seldom as that.
      const wait = last + Math.max(AT_MOST_EVERY_MS, 3 * took) - performance.now();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      last = performance.now();
      let good = false;
      try {
        const answer = await once(part);
        if (answer.status === 401) return shutOut();
        good = true;
        took = performance.now() - last;
      } catch {
        // Not answered, answered with something else than the page, or not in time: told by the mark, and tried again.
      }
      told(good);
      failures = good ? 0 : failures + 1;
      if (!good) {
        const pause = Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_AT_MOST_MS);
        retry = setTimeout(refresh, pause * (0.75 + Math.random() / 2));
        return;
      }
    } while (again);
  }
  function refresh() {
    again = true;
    run ??= loop().finally(() => (run = null));
    return run;
  }
  return refresh;
}

const seen = new Map();

async function once(part) {
  const headers = { Accept: "text/html", ...(seen.has(part) ? { "If-None-Match": seen.get(part) } : {}) };
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(part ?? location.href, { headers, cache: "no-store", signal: patience.signal });
    if (answer.status === 401) return answer;
    if (answer.status === 304) {
      current(answer);
      return answer;
    }
    if (!answer.ok) throw new Error(`answered with ${answer.status}`);
    show(part, answer, new DOMParser().parseFromString(await answer.text(), "text/html"));
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

function show(part, answer, fresh) {
  const pairs = [...document.querySelectorAll("[data-live]")].map((ours) => [ours, fresh.querySelector(`[data-live="${ours.dataset.live}"]`)]);
  const shown = pairs.filter(([, theirs]) => theirs);
  // Some gateways answer for a service that is away.
  if (pairs.length && !shown.length) throw new Error("another page came in its place");
  if (part && answer.headers.has("ETag")) seen.set(part, answer.headers.get("ETag"));
  if (!part && document.title !== fresh.title) document.title = fresh.title;
  isNow(fresh.documentElement.dataset.now);
  const stay = underHand();
  for (const [ours, theirs] of shown) reconcile(ours, theirs);
  stay();
  if (part && answer.headers.has("ETag")) current(answer);
  document.dispatchEvent(new CustomEvent("tocsin:refreshed"));
}

// A page that is read on a phone grows above what somebody is about to press: that stays under their thumb.
function underHand() {
  if (!document.querySelector("main").dataset.every || performance.now() - hand > HAND_MS) return () => {};
  const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest("form, li, section, p");
  const top = middle?.getBoundingClientRect().top;
  return () => middle?.isConnected && scrollBy(0, middle.getBoundingClientRect().top - top);
}

const keyed = (region) => new Map([...region.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));

function reconcile(region, fresh) {
  const quiet = region.dataset.quiet !== undefined;
  if (region.getAttribute("class") !== fresh.getAttribute("class")) region.setAttribute("class", fresh.getAttribute("class") ?? "");
  const ours = keyed(region);
  const theirs = keyed(fresh);
  for (const [key, child] of ours) if (!theirs.has(key) && !isWritten(child)) child.remove();
  const stays = region.dataset.stay !== undefined;
  let place = region.firstElementChild;
  for (const [key, child] of theirs) {
    const mine = ours.get(key);
    if (!mine) {
      const added = document.adoptNode(child);
      if (!quiet) markChanged(added);
      region.insertBefore(added, place);
      continue;
    }
    if (mine !== place && !stays) region.insertBefore(mine, place);
    place = mine.nextElementSibling;
    if (region.dataset.patch !== undefined) {
      patch(mine, child);
      continue;
    }
    const other = differs(mine, child);
    if (other && isInUse(mine)) mine.dataset.newest = child.querySelector(REVISION)?.value ?? "";
    else if (other) {
      const noticed = mine.dataset.rev !== undefined && !quiet;
      keepOpen(mine, child);
      const adopted = document.adoptNode(child);
      const focused = mine.contains(document.activeElement) ? focusable(mine).indexOf(document.activeElement) : -1;
      mine.replaceWith(adopted);
      focusable(adopted)[focused]?.focus({ preventScroll: true });
      if (noticed) markChanged(adopted);
    } else freshen(mine, child);
  }
  if (stays) settle(region, [...theirs.keys()]);
}

// What is said again is no news to mark; how old it is must be true all the same.
function freshen(mine, theirs) {
  const said = theirs.querySelectorAll("time[data-freshens]");
  mine.querySelectorAll("time[data-freshens]").forEach((time, n) => {
    if (said[n] && time.dateTime !== said[n].dateTime) [time.dateTime, time.title] = [said[n].dateTime, said[n].title];
  });
}

// Of a drawing nothing is replaced that only moves, so that it glides there; what is in another state is marked.
function patch(mine, theirs) {
  if (mine.dataset.state !== theirs.dataset.state) markChanged(mine);
  for (const { name, value } of theirs.attributes) {
    const wanted = name === "class" && mine.classList.contains("changed") ? `${value} changed` : value;
    if (mine.getAttribute(name) !== wanted) mine.setAttribute(name, wanted);
  }
  if (mine.innerHTML !== theirs.innerHTML) mine.replaceChildren(...[...theirs.childNodes].map((node) => document.adoptNode(node)));
}

// What changed stays where it was while it is marked, and while somebody's hand is at the list; then it goes to its place.
let settling = 0;
let unsettled = 0;
let hand = -HAND_MS;
for (const moved of ["pointermove", "pointerdown", "keydown"]) document.addEventListener(moved, () => (hand = performance.now()), { passive: true });

function isHeld(region) {
  const attended = performance.now() - hand < HAND_MS && region.matches(":hover, :focus-within");
  // Where something changes all the time, the order may not be wrong all the time.
  const marked = performance.now() - unsettled < LATEST_MS && region.querySelector(":scope > .changed") !== null;
  return attended || marked;
}

function settle(region, order) {
  if (!settling) unsettled = performance.now();
  clearTimeout(settling);
  settling = setTimeout(() => {
    if (isHeld(region)) return settle(region, order);
    settling = 0;
    const active = document.activeElement;
    const now = keyed(region);
    let place = region.firstElementChild;
    for (const child of order.map((key) => now.get(key)).filter(Boolean)) {
      if (child === place) place = place.nextElementSibling;
      else region.insertBefore(child, place);
    }
    // What is moved loses the focus.
    if (region.contains(active)) active.focus({ preventScroll: true });
  }, SETTLES_MS);
}

const focusable = (element) => [...element.querySelectorAll("a, button, summary")];

// With a revision, that says whether a person would notice; without one, the text does.
function differs(mine, theirs) {
  if (theirs.dataset.rev !== undefined) return mine.dataset.rev !== theirs.dataset.rev;
  return mine.innerHTML !== theirs.innerHTML;
}

// What somebody is typing into or choosing from stays as it is until they have finished.
function isInUse(element) {
  const active = document.activeElement;
  if (active && element.contains(active) && active.matches("input, select, textarea")) return true;
  return fields(element).some((field) => isGiven(field) && field.closest("details[open]")) || isWritten(element);
}

// What was given in a form that is not unfolded first is not lost with the form.
function isWritten(element) {
  return fields(element).some((field) => isGiven(field) && !field.closest("details"));
}

const fields = (element) => [...element.querySelectorAll("textarea, select, input:not([type=hidden])")];

// By a person: it is no more what came with the page.
function isGiven(field) {
  if (field.matches("select")) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (field.matches("[type=file]")) return field.files.length > 0;
  return field.value !== field.defaultValue;
}

const REVISION = "[name=revision]";

// Forms in use still speak of the revision with which they came, so that nobody answers to what they have not seen. Whoever changed
// the task themself, or was told that somebody else has, speaks of what it is now.
export function seenAnew(action) {
  const [task] = new URL(action).pathname.match(/^\/tasks\/[^/]+\//) ?? [];
  if (!task) return;
  for (const held of document.querySelectorAll("[data-newest]")) {
    for (const revision of held.dataset.newest ? held.querySelectorAll(`form[action^="${task}"] ${REVISION}`) : []) revision.value = held.dataset.newest;
  }
}

function keepOpen(mine, theirs) {
  const were = [...mine.querySelectorAll("details"), ...(mine.matches("details") ? [mine] : [])];
  const will = [...theirs.querySelectorAll("details"), ...(theirs.matches("details") ? [theirs] : [])];
  were.forEach((details, n) => {
    if (details.open && will[n]) will[n].open = true;
  });
}

function markChanged(element) {
  element.classList.add("changed");
  setTimeout(() => element.classList.remove("changed"), MARKED_MS);
}
