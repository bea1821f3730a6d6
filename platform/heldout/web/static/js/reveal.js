// The stage by keys: space or → tells the next team, ← takes it back. The buttons do the same without a script.

const press = (which) => {
  const button = document.querySelector(`form[data-key="${which}"] button:not(:disabled)`);
  if (button) button.form.requestSubmit(button);
};

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const onControl = event.target instanceof Element && event.target.closest("button, a");
  if (event.key === "ArrowRight" || (event.key === " " && !onControl)) press("on");
  else if (event.key === "ArrowLeft") press("back");
  else return;
  event.preventDefault();
});
