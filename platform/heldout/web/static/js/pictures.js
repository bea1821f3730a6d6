// A drawing as a PNG, at twice its size, as it is seen: drawn on a canvas and saved.

const SCALE = 2;
const LOOK = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "paint-order", "font-weight"];

/** A copy that carries its look as attributes, for outside of the page there is no style sheet. */
function standalone(svg) {
  const copy = svg.cloneNode(true);
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, index) => {
    const seen = getComputedStyle(originals[index]);
    for (const name of LOOK) element.setAttribute(name, seen.getPropertyValue(name));
  });
  const { width, height } = svg.viewBox.baseVal;
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return [new XMLSerializer().serializeToString(copy), width, height];
}

async function save(button) {
  const figure = button.closest("figure");
  const [text, width, height] = standalone(figure.querySelector("svg.chart"));
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
  const paper = canvas.getContext("2d");
  paper.fillStyle = getComputedStyle(figure).backgroundColor;
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(image, 0, 0, canvas.width, canvas.height);
  const link = Object.assign(document.createElement("a"), { download: button.dataset.png, href: canvas.toDataURL("image/png") });
  link.click();
}

for (const button of document.querySelectorAll("[data-png]")) {
  button.hidden = false;
  button.addEventListener("click", () => save(button));
}
