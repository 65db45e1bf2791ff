// A page that was live and has lost its session: it stays as it is, says in red that nothing rings here, and sounds.
import { bell } from "./bell.js";
import { giveUp } from "./link.js";

let over = false;

export const isOver = () => over;

export function end() {
  const words = document.getElementById("ended-words");
  // Who looked at a page on which nothing rings has lost nothing but their way in.
  if (!words) return location.reload();
  if (over) return;
  over = true;
  giveUp();
  document.title = `${words.dataset.title} · Tocsin`;
  document.body.prepend(words.content.cloneNode(true));
  document.getElementById("ended").dataset.alarm = "signed-out";
  document.documentElement.classList.add("ended");
  bell.attend();
}
