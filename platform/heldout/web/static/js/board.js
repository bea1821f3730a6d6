// A board that changes under your eyes: rows glide to their new places (FLIP) and light up for a moment. Marks and
// arrows tell what changed since the last look: since the visit before this one, or else since this one began.

const still = matchMedia("(prefers-reduced-motion: reduce)");
let before = new Map();
let shown = {};
let lastLook = {};

const rowsOf = (board) => [...board.querySelectorAll("tr[data-row]")];
const keyOf = (board) => `board:${board.dataset.board}`;
const boardOf = (target) => (target instanceof Element ? target.closest("[data-board]") : null);

function recall(board) {
  try { return JSON.parse(localStorage.getItem(keyOf(board))) ?? {}; } catch { return {}; }
}

function remember(board) {
  for (const { dataset } of rowsOf(board)) if (dataset.rank) shown[dataset.row] = [Number(dataset.rank), dataset.score];
  try { localStorage.setItem(keyOf(board), JSON.stringify(shown)); } catch { /* a private window keeps nothing */ }
}

/** Mark rows whose score changed since the last look, and write an arrow beside those that moved. */
function compare(board) {
  for (const row of rowsOf(board).filter((each) => each.dataset.rank)) {
    const [rank, score] = lastLook[row.dataset.row] ?? [];
    if (score !== row.dataset.score) row.classList.add("changed");
    const arrow = row.querySelector("[data-moved]");
    const steps = rank - Number(row.dataset.rank);
    if (!arrow || !steps) continue;
    arrow.className = `moved ${steps > 0 ? "up" : "down"}`;
    arrow.textContent = `${steps > 0 ? "↑" : "↓"}${Math.abs(steps)}`;
    arrow.title = `${steps > 0 ? "up" : "down"} ${Math.abs(steps)} since your last look`;
  }
}

/** Light up rows whose score is another one than a moment ago. */
function light(board) {
  for (const row of rowsOf(board).filter((each) => each.dataset.rank)) {
    row.classList.toggle("fresh", shown[row.dataset.row]?.[1] !== row.dataset.score);
  }
}

function glide(board) {
  if (still.matches) return;
  for (const row of rowsOf(board)) {
    const top = before.get(row.dataset.row);
    const way = top === undefined ? 0 : top - row.getBoundingClientRect().top;
    if (top === undefined) row.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 500 });
    else if (Math.abs(way) > 1) row.animate([{ transform: `translateY(${way}px)` }, { transform: "none" }], { duration: 650, easing: "cubic-bezier(.2,.7,.2,1)" });
  }
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const board = boardOf(event.detail.target);
  if (board) before = new Map(rowsOf(board).map((row) => [row.dataset.row, row.getBoundingClientRect().top]));
});

document.body.addEventListener("htmx:load", (event) => {
  const board = boardOf(event.detail.elt);
  if (!board) return;
  compare(board);
  light(board);
  if (before.size) glide(board);
  before = new Map();
  remember(board);
});

for (const board of document.querySelectorAll("[data-board]")) {
  lastLook = recall(board);
  if (Object.keys(lastLook).length) compare(board);
  shown = { ...lastLook };
  remember(board);
  if (!Object.keys(lastLook).length) lastLook = { ...shown };
}
