// Asks for the page again and changes only what differs: nothing jumps, and what changed is marked for a few seconds.
const AT_MOST_EVERY_MS = 250;
// Whoever points or tabs into a list is about to press something in it; a pointer left lying there is nobody's hand.
const HAND_MS = 5000;
const SETTLES_MS = 500;
const LATEST_MS = 10000;
const MARKED_MS = 4000;

export function refresher() {
  let running = false;
  let again = false;
  let last = 0;
  let took = 0;

  return async function refresh() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      // A board of a thousand rows takes its time: asked for three times as seldom as that.
      const wait = last + Math.max(AT_MOST_EVERY_MS, 3 * took) - performance.now();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      last = performance.now();
      try {
        await once();
        took = performance.now() - last;
      } catch {
        // The link's own mark says that the service cannot be reached; the next line or reconnection asks again.
      }
    } while (again);
    running = false;
  };
}

// A page may name where its changing parts alone are; of these nothing comes while nothing has changed.
const part = document.querySelector("main").dataset.part;
const { every } = document.querySelector("main").dataset;
const LOST_MS = every ? 2500 * Number(every) : 8000;
let seen = null;
let heard = performance.now();

async function once() {
  const headers = { Accept: "text/html", ...(part && seen ? { "If-None-Match": seen } : {}) };
  const answer = await fetch(part ?? location.href, { headers, cache: "no-store" });
  if (answer.status === 401) return location.reload();
  if (answer.status === 304) return current(answer);
  if (!answer.ok) return;
  seen = answer.headers.get("ETag");
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!part && document.title !== fresh.title) document.title = fresh.title;
  const stay = underHand();
  for (const region of document.querySelectorAll("[data-live]")) {
    const theirs = fresh.querySelector(`[data-live="${region.dataset.live}"]`);
    if (theirs) reconcile(region, theirs);
  }
  stay();
  if (part) current(answer);
  document.dispatchEvent(new CustomEvent("tocsin:refreshed"));
}

// A page that is read on a phone grows above what somebody is about to press: that stays under their thumb.
function underHand() {
  if (!every || performance.now() - hand > HAND_MS) return () => {};
  const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest("form, li, section, p");
  const top = middle?.getBoundingClientRect().top;
  return () => middle?.isConnected && scrollBy(0, middle.getBoundingClientRect().top - top);
}

// What is shown is how it stands now, by the service's clock.
function current(answer) {
  heard = performance.now();
  const at = new Date(answer.headers.get("Date") ?? NaN);
  if (!Number.isNaN(at.getTime())) for (const time of document.querySelectorAll("time[data-as-of]")) time.dateTime = at.toISOString();
  lost();
}

function lost() {
  const gone = performance.now() - heard > LOST_MS;
  for (const words of document.querySelectorAll(".lost-part")) if (words.hidden === gone) words.hidden = !gone;
  document.documentElement.classList.toggle("lost", gone);
}
if (part) setInterval(() => document.hidden || lost(), 1000);

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
    if (differs(mine, child) && !isInUse(mine)) {
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
  const unfolded = [...element.querySelectorAll("textarea, select, input[type=text]")].some((field) => field.value !== "" && field.closest("details[open]"));
  return unfolded || isWritten(element);
}

// Words in a form that is not unfolded first were typed into it, unless they came with it. They are not lost with the form.
function isWritten(element) {
  return [...element.querySelectorAll("textarea")].some((field) => !field.closest("details") && field.value !== field.defaultValue);
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
