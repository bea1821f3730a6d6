// Small things that pages may use: copy buttons, questions before a post, messages to dismiss, menus that close.

document.documentElement.classList.add("scripted");
const unfolded = new Set();

async function copy(button) {
  const word = button.querySelector("span") ?? button;
  const before = word.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    word.textContent = "Copied";
  } catch {
    word.textContent = "Press Ctrl+C";
    const shown = button.parentElement.querySelector("code");
    if (shown) getSelection().selectAllChildren(shown);
  }
  setTimeout(() => { word.textContent = before; }, 1800);
}

/** A form with several buttons asks for those that name a question, about as many things as are ticked. */
function question(form, button, dialog) {
  if (!form.hasAttribute("data-confirm-ticked")) return true;
  const ticked = form.querySelectorAll("input[type=checkbox]:checked").length;
  if (!ticked || !button?.dataset.question) return false;
  dialog.querySelector("h2").textContent = button.dataset.question.replace("{}", ticked);
  dialog.querySelector("[data-yes]").textContent = button.textContent;
  return true;
}

function ask(event) {
  const form = event.target.closest("form[data-confirm]");
  const dialog = form && document.getElementById(form.dataset.confirm);
  const { submitter } = event;
  if (!dialog || form.dataset.confirmed || !question(form, submitter, dialog)) return;
  event.preventDefault();
  event.stopPropagation();
  const part = dialog.closest("[data-catch-up]");
  dialog.onclose = () => part && window.htmx.trigger(part, "catch-up");
  dialog.querySelector("[data-no]").onclick = () => dialog.close();
  dialog.querySelector("[data-yes]").onclick = () => {
    form.dataset.confirmed = "yes";
    dialog.close();
    form.requestSubmit(submitter);
    delete form.dataset.confirmed;
  };
  dialog.showModal();
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

/** Whether somebody has ticked or typed something in a part of the page that is not sent yet. */
function isBegun(part) {
  const changed = (field) => field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  return [...part.querySelectorAll("input:not([type=hidden]), textarea")].some(changed);
}

/** A question on the screen or a form half filled is not swapped away; what was unfolded stays unfolded. */
function keep(event) {
  const { target } = event.detail;
  if (target.querySelector("dialog[open]") || isBegun(target)) event.detail.shouldSwap = false;
  else for (const part of target.querySelectorAll("details[id][open]")) unfolded.add(part.id);
}

/** Of several parts that come anew at once, each unfolds what was unfolded in it. */
function unfold({ detail: { elt } }) {
  for (const id of unfolded) {
    const part = document.getElementById(id);
    if (!part || !elt.contains(part)) continue;
    part.open = true;
    unfolded.delete(id);
  }
}

document.body.addEventListener("htmx:beforeSwap", keep);
document.body.addEventListener("htmx:load", unfold);
document.addEventListener("submit", ask, true);

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy !== undefined) copy(button);
  if (button?.dataset.dismiss !== undefined) button.closest(".toast").remove();
  closeMenus(event.target.closest("details.menu"));
});

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details.menu[open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// On a phone the ways are wider than the screen: the one where the reader is comes into sight.
document.querySelector(".ways [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
