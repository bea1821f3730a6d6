// On stage: the space bar or the right arrow goes on to the next place, the left arrow goes back.

const steps = { " ": "[data-next]", ArrowRight: "[data-next]", PageDown: "[data-next]", ArrowLeft: "[data-back]", PageUp: "[data-back]" };

document.addEventListener("keydown", (event) => {
  const way = steps[event.key];
  if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const link = document.querySelector(way);
  if (link) location.replace(link.href);
});
