// Plays a board moment by moment. Each team keeps its bar, so that a change of rank is a movement.

const SECONDS = 45;
const SHORTEST = 180;
const LONGEST = 1500;
const { names, frames } = JSON.parse(document.getElementById("timelapse")?.textContent ?? '{"frames": []}');
const stage = document.querySelector("[data-timelapse]");

function play() {
  const [race, clock, button, slider, speed] = [".race", "[data-clock]", "[data-play]", "[data-at]", "[data-speed]"].map((part) => stage.querySelector(part));
  const bars = new Map();
  const most = Math.max(...frames.map((frame) => frame.bars.length));
  const words = new Intl.DateTimeFormat("en-GB", { weekday: "long", hour: "2-digit", minute: "2-digit", timeZone: stage.dataset.zone });
  let at = 0;
  let timer = 0;

  function barOf(team) {
    if (!bars.has(team)) {
      const item = document.createElement("li");
      for (const part of ["race-rank", "race-bar", "race-name", "race-value"]) item.append(Object.assign(document.createElement("span"), { className: part }));
      item.querySelector(".race-name").textContent = names[team];
      race.append(item);
      bars.set(team, item);
    }
    return bars.get(team);
  }

  function show(place) {
    at = Math.min(Math.max(place, 0), frames.length - 1);
    const shown = new Set();
    frames[at].bars.forEach(([team, rank, text, length], row) => {
      const item = barOf(team);
      item.style.setProperty("--row", row);
      item.style.setProperty("--length", length);
      item.querySelector(".race-rank").textContent = rank;
      item.querySelector(".race-value").textContent = text;
      item.classList.toggle("leads", rank === 1);
      shown.add(team);
    });
    for (const [team, item] of bars) {
      item.classList.toggle("away", !shown.has(team));
      if (!shown.has(team)) item.style.setProperty("--row", most);
    }
    clock.dateTime = frames[at].at;
    clock.textContent = words.format(new Date(frames[at].at));
    slider.value = at;
    slider.setAttribute("aria-valuetext", clock.textContent);
  }

  const pace = () => Math.min(LONGEST, Math.max(SHORTEST, (SECONDS * 1000) / frames.length)) / Number(speed.value);

  function pause() {
    clearTimeout(timer);
    timer = 0;
    button.textContent = at === frames.length - 1 ? "Play again" : "Play";
  }

  function go() {
    timer = setTimeout(() => {
      show(at + 1);
      if (at === frames.length - 1) pause();
      else go();
    }, pace());
  }

  function toggle() {
    if (timer) return pause();
    if (at === frames.length - 1) show(0);
    button.textContent = "Pause";
    go();
  }

  button.addEventListener("click", toggle);
  slider.addEventListener("input", () => { pause(); show(Number(slider.value)); pause(); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, button, a, textarea, summary")) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key !== " " && !step) return;
    event.preventDefault();
    if (event.key === " ") return toggle();
    show(at + step);
    pause();
  });
  race.style.setProperty("--rows", most);
  stage.hidden = false;
  show(0);
}

if (stage && frames.length) play();
