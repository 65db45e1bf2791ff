// What was typed into a form that was not taken - refused, or sent after the session had ended - stands there again when one comes
// back to it in this tab, with why it was not taken, and the fault leads there. Passwords, codes and files are never kept.
const KEY = "tocsin-typed";
const LASTS_MS = 30 * 60 * 1000;
const UNKEPT = "[type=password], [type=file], [type=hidden], [autocomplete=one-time-code], button, fieldset, output";

const TICKED = ["checkbox", "radio"];

const store = { read, write: (kept) => attempt(() => sessionStorage.setItem(KEY, JSON.stringify(kept))), drop: () => attempt(() => sessionStorage.removeItem(KEY)) };
const addressOf = (form) => form.getAttribute("action") ?? location.pathname;
// Those of the page itself: where the service gives back what was typed, that is a copy of one of them.
const forms = () => [...document.querySelectorAll("main form[method=post]:not([data-again])")];
const alike = (form) => forms().filter((one) => addressOf(one) === addressOf(form));
const fieldsOf = (form) => [...form.elements].filter((one) => one.name && !one.matches(UNKEPT));
const whoIsHere = () => document.querySelector(".who .me, .who > span")?.textContent ?? "";

// A browser may forbid to keep anything: then nothing is kept.
function attempt(deed) {
  try {
    return deed();
  } catch {
    return null;
  }
}

function read() {
  const kept = attempt(() => JSON.parse(sessionStorage.getItem(KEY)));
  return kept && Date.now() - kept.at < LASTS_MS ? kept : null;
}

export function keepTyped() {
  bringBack();
  lead();
  let last = null;
  document.addEventListener("input", ({ target }) => (last = target.form ?? last));
  // What another script sends without leaving the page stays where it is by itself.
  document.addEventListener("submit", (event) => event.defaultPrevented || keep(event.target));
  // A page that has lost its session stays as it is until one signs in anew.
  document.addEventListener("click", ({ target }) => last?.isConnected && target.closest?.("#ended a") && keep(last, true));
}

function keep(form, refused = false) {
  if (form.dataset.again !== undefined) return keepAgain(form);
  if (form.method !== "post" || !form.closest("main") || form.querySelector("[type=password]")) return;
  const fields = fieldsOf(form).map((one) => [one.name, one.value, TICKED.includes(one.type) ? one.checked : null]);
  if (fields.length) store.write({ action: addressOf(form), nth: alike(form).indexOf(form), fields, who: whoIsHere(), at: Date.now(), refused });
}

// Sent again from where it was given back: it is that form's still, as it is now.
function keepAgain(form) {
  const kept = store.read();
  if (!kept) return;
  const now = (name) => form.elements[name]?.matches?.("input, textarea") && form.elements[name].value;
  const fields = kept.fields.map(([name, value, checked]) => [name, checked === null ? now(name) || value : value, checked]);
  store.write({ ...kept, fields, at: Date.now(), refused: false });
}

function bringBack() {
  const kept = store.read();
  if (!kept) return store.drop();
  const here = document.querySelector("main[data-refused]");
  const fault = here && (here.querySelector("#fault") ?? here.querySelector("[role=alert]:not(.alarm)"));
  if (here) Object.assign(kept, { refused: true, why: fault?.textContent.trim() ?? "", wrong: here.dataset.refused.split(" ") });
  const somebodyElse = whoIsHere() && whoIsHere() !== kept.who;
  if (!kept.refused || somebodyElse) return store.drop();
  const form = forms().filter((one) => addressOf(one) === kept.action)[kept.nth];
  if (!form) {
    // It comes back by itself where it was typed; nothing is to be copied.
    document.querySelector(".given-back:not(:has([data-again]))")?.remove();
    return store.write(kept);
  }
  store.drop();
  document.querySelector(".given-back")?.remove();
  fill(form, kept);
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (!document.querySelector("main [aria-invalid=true]")) say(form, kept, fault);
}

function fill(form, kept) {
  const given = [...kept.fields];
  for (const field of fieldsOf(form)) {
    const found = given.findIndex(([name, value, checked]) => name === field.name && (checked === null || value === field.value));
    if (found < 0) continue;
    const [[, value, checked]] = given.splice(found, 1);
    if (checked === null) field.value = value;
    else field.checked = checked;
  }
}

// Above the form what was wrong, unless the page says so itself; the fields at fault lead to it.
function say(form, kept, fault) {
  const told = fault ?? Object.assign(document.createElement("p"), { className: "hint problem" });
  told.id ||= "fault";
  if (!fault) {
    told.setAttribute("role", "alert");
    told.textContent = [kept.why, document.getElementById("said").dataset.typed].filter(Boolean).join(" ");
    form.before(told);
  }
  for (const field of fieldsOf(form).filter((one) => kept.wrong?.includes(one.name))) {
    field.autofocus = true;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", [told.id, field.getAttribute("aria-describedby")].filter(Boolean).join(" "));
  }
}

// To the one field at fault, else to what is said: by keyboard, and read aloud, one goes on from there.
function lead() {
  const said = document.querySelector("main [aria-invalid=true][autofocus]") ?? document.querySelector("main #fault, main[data-refused] [role=alert]:not(.alarm)");
  if (!said || said.closest("#ended")) return;
  if (!said.matches("input, select, textarea")) said.tabIndex = -1;
  said.focus();
}
