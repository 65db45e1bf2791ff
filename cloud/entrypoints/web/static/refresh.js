// Asks for the page again and changes only what differs: nothing jumps, and what changed is marked for a few seconds.
const AT_MOST_EVERY_MS = 250;

export function refresher() {
  let running = false;
  let again = false;
  let last = 0;

  return async function refresh() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      const wait = last + AT_MOST_EVERY_MS - performance.now();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      last = performance.now();
      try {
        await once();
      } catch {
        // The link's own mark says that the service cannot be reached; the next line or reconnection asks again.
      }
    } while (again);
    running = false;
  };
}

async function once() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.status === 401) return location.reload();
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (document.title !== fresh.title) document.title = fresh.title;
  for (const region of document.querySelectorAll("[data-live]")) {
    const theirs = fresh.querySelector(`[data-live="${region.dataset.live}"]`);
    if (theirs) reconcile(region, theirs);
  }
  document.dispatchEvent(new CustomEvent("tocsin:refreshed"));
}

const keyed = (region) => new Map([...region.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));

function reconcile(region, fresh) {
  const quiet = region.dataset.quiet !== undefined;
  if (region.className !== fresh.className) region.className = fresh.className;
  const ours = keyed(region);
  const theirs = keyed(fresh);
  for (const [key, child] of ours) if (!theirs.has(key)) child.remove();
  let place = region.firstElementChild;
  for (const [key, child] of theirs) {
    let mine = ours.get(key);
    if (!mine) {
      mine = document.adoptNode(child);
      if (!quiet) markChanged(mine);
      region.insertBefore(mine, place);
      continue;
    }
    if (mine !== place) region.insertBefore(mine, place);
    place = mine.nextElementSibling;
    if (differs(mine, child) && !isInUse(mine)) {
      const noticed = mine.dataset.rev !== undefined && !quiet;
      keepOpen(mine, child);
      const adopted = document.adoptNode(child);
      const focused = mine.contains(document.activeElement) ? focusable(mine).indexOf(document.activeElement) : -1;
      mine.replaceWith(adopted);
      focusable(adopted)[focused]?.focus({ preventScroll: true });
      if (noticed) markChanged(adopted);
    }
  }
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
  return [...element.querySelectorAll("textarea, select")].some((field) => field.value !== "" && field.closest("details[open]"));
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
  setTimeout(() => element.classList.remove("changed"), 4000);
}
