// How old what is shown is, where a page names the part of it that changes; and the word that the link to it is lost.
const { part, every } = document.querySelector("main").dataset;
const LOST_MS = 8000;
let heard = performance.now();
let failing = false;

// What is shown is how it stands now, by the service's clock.
export function current(answer) {
  heard = performance.now();
  const at = new Date(answer.headers.get("Date") ?? NaN);
  if (!Number.isNaN(at.getTime())) for (const time of document.querySelectorAll("time[data-as-of]")) time.dateTime = at.toISOString();
  lost();
}

// Of each try whether it came. A part that is seldom asked for is lost with the first that does not: nothing else on its page says so.
export function tellLost(good) {
  failing = !good;
  lost();
}

function lost() {
  const gone = every ? failing : performance.now() - heard > LOST_MS;
  for (const words of document.querySelectorAll(".lost-part")) if (words.hidden === gone) words.hidden = !gone;
  document.documentElement.classList.toggle("lost", gone);
}
if (part && !every) setInterval(() => document.hidden || lost(), 1000);
