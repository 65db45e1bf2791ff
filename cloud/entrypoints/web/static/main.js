// Adds what plain pages cannot do: updates by themselves, ticking clocks, a sound. Without it everything still works.
import { tellLost } from "./age.js";
import { tickClocks } from "./clocks.js";
import { end, isOver } from "./ended.js";
import { watchForms } from "./forms.js";
import { follow } from "./link.js";
import { say } from "./mark.js";
import { refresher } from "./refresh.js";
import { bell } from "./bell.js";
import { foldMenus } from "./menus.js";
import { offerPrint } from "./print.js";
import { keepTyped } from "./typed.js";

const { part, every, estate, stream, ringsAt, liveFrom, elsewhere } = document.querySelector("main").dataset;

function told(what) {
  return (good) => {
    // Somebody signed in again in another tab: this one begins anew.
    if (good && isOver()) return location.reload();
    say(what, good ? "live" : "lost");
    if (what === "page") tellLost(good);
  };
}

const live = part || liveFrom !== undefined;
const page = refresher({ part, told: live ? told("page") : () => {}, shutOut: end });
// What rings is part of a page that is live as a whole; of any other it is asked for by itself.
const apart = ringsAt && (part || liveFrom === undefined) ? refresher({ part: ringsAt, told: told("alarms"), shutOut: end }) : null;
const everything = () => Promise.all([live ? page() : null, apart?.()]);

tickClocks();
foldMenus();
offerPrint();
bell.attend();
watchForms(page);
keepTyped();

// Anything may touch what is shown: the page asks for itself again, and changes only what differs.
const besides = elsewhere ? `&elsewhere=${elsewhere}` : "";
const address = stream ?? (estate && `/api/v1/live?estate=${encodeURIComponent(estate)}${besides}`);
// What rings in another estate is told without being said: it is looked at.
const onElsewhere = apart ?? (live ? page : () => {});
if (address) follow({ address, since: liveFrom, onLine: everything, onReset: everything, onLost: everything, onElsewhere });
// Readings leave no line in the ledger: a drawn signal is asked for again while somebody looks at it, and a building's parts, of
// which nothing comes that is known, as often as a lift passes a floor.
// A part that is seldom asked for says how often.
const EVERY_MS = every ? 1000 * Number(every) : part ? 2000 : document.querySelector('[data-live="signal"]') ? 5000 : 30000;
if (live) setInterval(() => document.hidden || page(), EVERY_MS);
// Whoever takes their phone out again does not read what stood there before.
if (every) document.addEventListener("visibilitychange", () => document.hidden || page());
// Behind other tabs as well: it sounds there too.
if (apart) setInterval(apart, 30000);
document.addEventListener("tocsin:refreshed", () => {
  bell.attend();
  offerPrint();
});
