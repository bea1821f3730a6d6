// The page's one event stream: shows whether it is up, and after a gap asks everything live to look again.
// A page begins with a gap: it was rendered before its stream was up. So does a part that is put in later.
// htmx's sse extension opens it (sse-connect on <body>); EventSource itself reconnects with its own back-off.

const WORDS = { waiting: "connecting", open: "live", lost: "reconnecting" };
const PATIENCE = 20000;
const SOONEST = 30000;
const LATEST = 240000;
let gap = true;
let source;
let pause;

function show(state) {
  for (const badge of document.querySelectorAll("[data-live]")) {
    if (badge.dataset.state === state) continue;
    badge.dataset.state = state;
    badge.textContent = WORDS[state];
  }
}

function catchUp() {
  for (const part of document.querySelectorAll("[data-catch-up]")) window.htmx.trigger(part, "catch-up");
}

// Where no stream gets through, as behind some proxies, the page looks again by itself: the longer, the less often.
let poll;
function pollIn(milliseconds) {
  clearTimeout(poll);
  poll = setTimeout(() => {
    const lost = source?.readyState !== EventSource.OPEN;
    if (lost && !document.hidden) catchUp();
    pollIn(lost ? Math.min(2 * milliseconds, LATEST) : SOONEST);
  }, milliseconds);
}
pollIn(SOONEST);

// A stream that comes back by itself tells the server what it heard last. If it is told all that it missed, nothing
// needs to look again; a new one, or one that hears nothing of it within a second, does.
let resuming;
document.body.addEventListener("htmx:sseOpen", (event) => {
  const back = source === event.detail.source;
  source = event.detail.source;
  show("open");
  clearTimeout(resuming);
  if (!back) source.addEventListener("resumed", () => clearTimeout(resuming));
  if (gap) resuming = setTimeout(catchUp, back ? 1000 : 0);
  gap = false;
  pollIn(SOONEST);
});

document.body.addEventListener("htmx:sseError", () => {
  gap = true;
  show("lost");
});


// A browser keeps six connections to a site, so a tab that nobody looks at gives its stream back. Calling the
// extension's error handler on a closed stream makes it connect anew.
document.addEventListener("visibilitychange", () => {
  clearTimeout(pause);
  if (document.hidden) pause = setTimeout(() => source?.close(), PATIENCE);
  else if (source?.readyState === EventSource.CLOSED) source.onerror(new Event("error"));
});

/** What a screen reader hears: once for each new stage of a thing, not for each percent. */
const said = new Map();

function announce(part) {
  const { announce: words } = part.dataset;
  if (!words || said.get(part.id) === words) return;
  said.set(part.id, words);
  document.getElementById("announcer").textContent = words;
}

for (const part of document.querySelectorAll("[data-announce]")) said.set(part.id, part.dataset.announce);
document.body.addEventListener("htmx:load", ({ detail }) => {
  if (detail.elt === document.body) return;
  announce(detail.elt);
  if (detail.elt.matches("[data-catch-up]")) window.htmx.trigger(detail.elt, "catch-up");
});
