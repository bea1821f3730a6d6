// The big screen: one slide at a time, in turn. Without this script all of them stand below each other.

const SECONDS = 12;
const button = document.querySelector("[data-pause]");
let at = 0;

function show() {
  const slides = [...document.querySelectorAll(".slide")];
  if (!slides.length) return;
  at = ((at % slides.length) + slides.length) % slides.length;
  slides.forEach((slide, place) => { slide.hidden = place !== at; });
}

const paused = () => button.getAttribute("aria-pressed") === "true";
button.hidden = false;
button.addEventListener("click", () => {
  button.setAttribute("aria-pressed", String(!paused()));
  button.textContent = paused() ? "Go on" : "Pause";
});
document.addEventListener("keydown", (event) => {
  const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!way) return;
  at += way;
  show();
});
document.body.addEventListener("htmx:load", show);
setInterval(() => {
  if (paused()) return;
  at += 1;
  show();
}, SECONDS * 1000);
show();
