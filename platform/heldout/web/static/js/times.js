// Writes times in the reader's own clock, keeps "4 min ago" counting, and counts down to <time data-countdown>.

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { weekday: "short", day: "numeric", month: "short" };
const STYLES = { clock: CLOCK, day: DAY, full: { ...DAY, ...CLOCK } };
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

function since(at) {
  const seconds = (at - Date.now()) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return "just now";
}

function countdown(at) {
  const seconds = Math.max(0, Math.floor((at - Date.now()) / 1000));
  const days = Math.floor(seconds / 86400);
  const clock = [seconds / 3600, seconds / 60, seconds].map((value, place) => {
    const whole = Math.floor(value) % [24, 60, 60][place];
    return String(whole).padStart(2, "0");
  }).join(":");
  return days ? `${days} d ${clock}` : clock;
}

function write(element) {
  const at = new Date(element.dateTime);
  if (element.dataset.countdown !== undefined) return countdown(at);
  const style = element.dataset.moment;
  return style === "since" ? since(at) : new Intl.DateTimeFormat("en-GB", STYLES[style]).format(at);
}

function refresh(root, selector) {
  for (const element of root.querySelectorAll(selector)) {
    const text = write(element);
    if (element.textContent !== text) element.textContent = text;
  }
}

// Beside a venue's time the reader's own, where the two differ. The reader's day is named only if it is another.
function yours(element) {
  const at = new Date(element.dateTime), there = element.dataset.venue;
  const shown = (style, timeZone) => new Intl.DateTimeFormat("en-GB", { ...style, timeZone }).format(at);
  if (shown(STYLES.full, there) === shown(STYLES.full)) return;
  const style = shown(DAY, there) === shown(DAY) ? CLOCK : STYLES.full;
  element.textContent = `${shown(style)} your time`;
  element.hidden = false;
}

document.querySelectorAll("time[data-venue]").forEach(yours);
refresh(document, "time[data-moment], time[data-countdown]");
document.body.addEventListener("htmx:load", (event) => refresh(event.detail.elt, "time[data-moment]"));
setInterval(() => refresh(document, "time[data-countdown]"), 1000);
setInterval(() => refresh(document, 'time[data-moment="since"]'), 20000);
