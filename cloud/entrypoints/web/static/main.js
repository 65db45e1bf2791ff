// Adds what plain pages cannot do: updates by themselves, ticking clocks, a sound. Without it everything still works.
import { tickClocks } from "./clocks.js";
import { watchForms } from "./forms.js";
import { follow } from "./link.js";
import { refresher } from "./refresh.js";
import { bell } from "./bell.js";
import { foldMenus } from "./menus.js";

const main = document.querySelector("main");
const refresh = refresher();

tickClocks();
foldMenus();
bell.attend();
watchForms(refresh);

if (main.dataset.liveFrom !== undefined) {
  follow({
    estate: main.dataset.estate,
    since: main.dataset.liveFrom,
    // Anything may touch what is shown: the page asks for itself again, and changes only what differs.
    onLine: () => refresh(),
    onReset: () => refresh(),
  });
}
// Readings leave no line in the ledger: a drawn signal is asked for again while somebody looks at it, and a building's parts, of
// which nothing comes that is known, as often as a lift passes a floor.
// A part that is seldom asked for says how often.
const EVERY_MS = main.dataset.every ? 1000 * Number(main.dataset.every) : main.dataset.part ? 2000 : document.querySelector('[data-live="signal"]') ? 5000 : 30000;
if (main.dataset.part || main.dataset.liveFrom !== undefined) setInterval(() => document.hidden || refresh(), EVERY_MS);
document.addEventListener("tocsin:refreshed", () => bell.attend());
