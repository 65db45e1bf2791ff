// A button for what every browser can do by itself, for those who look for one on the page.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

export function offerPrint() {
  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
}
