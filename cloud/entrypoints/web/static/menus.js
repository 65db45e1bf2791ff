// An unfolded menu of the head folds again when one presses elsewhere, goes on by keyboard or presses Escape; without it the word folds it.
export function foldMenus() {
  const open = () => document.querySelectorAll("details[data-menu][open]");
  const foldWithout = (target) => {
    for (const menu of open()) if (!menu.contains(target)) menu.open = false;
  };
  document.addEventListener("click", (event) => foldWithout(event.target));
  document.addEventListener("focusin", (event) => foldWithout(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
