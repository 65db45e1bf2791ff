// Sends forms without leaving the page, so that the sound, the scroll and what is open stay as they are.
export function watchForms(refresh) {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.action.includes("/tasks/") || form.method !== "post") return;
    event.preventDefault();
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    try {
      const given = new FormData(form);
      // What a form with a photo holds is no line of words.
      const body = form.enctype === "multipart/form-data" ? given : new URLSearchParams(given);
      const answer = await fetch(form.action, { method: "POST", body });
      if (answer.ok) {
        form.reset();
        form.closest("details")?.removeAttribute("open");
        document.activeElement?.blur();
        await refresh();
      } else {
        await tell(form, answer);
        await refresh();
      }
    } catch {
      form.submit(); // the browser's own way, with its own page when the service cannot be reached
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });
}

async function tell(form, answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const message = page.querySelector("[role=alert]")?.textContent ?? answer.statusText;
  document.querySelector("#told")?.remove();
  const notice = document.createElement("p");
  notice.id = "told";
  notice.className = "hint problem";
  notice.setAttribute("role", "alert");
  notice.textContent = message;
  document.querySelector("main").prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
}
