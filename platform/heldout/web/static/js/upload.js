// Handing in a file: drag and drop, size checked before a byte is sent, then sent by tus 1.0, so that a cut
// connection or a reloaded page costs seconds and not the whole way. What is whole is handed in by the API.
// Without this script the form is an ordinary one, which sends the file at once.

const MB = 1024 * 1024;
const PIECE_BYTES = 32 * MB; // What one request brings at most; proxies in between often refuse more.
const PAUSES = [500, 1000, 2000, 4000, 8000, 15000, ...Array(30).fill(30000)];
const SILENCE = 45000; // A connection on which nothing moves for so long is taken to be gone.
const PASSING = [0, 408, 423, 425, 429, 460, 500, 502, 503, 504]; // Another try may change these answers.
const CONFLICT = 409; // Of a piece: it is not the next one. Else a refusal, unless it says when to ask again.
const SIGNED_OUT = [401, 403];
const DAY = 24 * 3600 * 1000; // How long the site keeps what did not arrive whole.
const KEPT = 3; // So many unfinished files of this browser are kept; the site takes five of a person.
const NUMBER = "00000000-0000-0000-0000-000000000000";

/** The site said no: `message` is what the page tells. */
class Refused extends Error {}

/** One file on its way. Tells `page` of each step by its methods `sent` and `waits`. */
class Sending {
  constructor(file, form, page) {
    this.file = file;
    this.addresses = form.dataset;
    this.csrf = form.querySelector("[name=csrfmiddlewaretoken]").value;
    this.page = page;
    this.ended = false;
    this.key = newKey();
    this.upload = new window.tus.Upload(file, {
      endpoint: this.addresses.uploads,
      metadata: { filename: file.name },
      headers: { "X-CSRFToken": this.csrf },
      chunkSize: PIECE_BYTES,
      retryDelays: PAUSES,
      onUploadUrlAvailable: () => { this.url = this.upload.url; },
      onProgress: (sent, size) => this.heard(() => page.sent(sent, size)),
      onShouldRetry: (error) => this.passes(error),
      // The site begins but one upload for each key, even if its answer was lost and it is asked again.
      onBeforeRequest: (request) => { if (request.getMethod() === "POST") request.setHeader("Idempotency-Key", this.key); },
      onAfterResponse: (request, response) => { if (response.getStatus() === 201) this.key = `${this.key}+`; },
    });
  }

  /** Whether part of the file has been sent before. */
  async wasBegun() {
    return (await this.upload.findPreviousUploads()).some(isFresh);
  }

  /** Send what the site does not have; gives the upload's number. Throws Refused. */
  async toItsEnd() {
    await this.giveOldOnesUp();
    const begun = (await this.upload.findPreviousUploads()).filter(isFresh);
    if (this.ended) return "";
    if (begun.length) this.upload.resumeFromPreviousUpload(begun.at(-1));
    const whole = new Promise((resolve, reject) => {
      this.upload.options.onSuccess = resolve;
      this.upload.options.onError = ({ originalResponse: answer }) => {
        const status = answer?.getStatus() ?? 0;
        const refused = new Refused(words(status, answer?.getBody()));
        Promise.resolve(SIGNED_OUT.includes(status) && this.keep()).finally(() => reject(refused));
      };
    });
    const goOn = () => this.again();
    addEventListener("online", goOn);
    this.heard(() => this.upload.start());
    const watch = setInterval(() => { if (!this.waiting && Date.now() - this.last > SILENCE) this.again(); }, 5000);
    try {
      await whole;
    } finally {
      removeEventListener("online", goOn);
      clearInterval(watch);
    }
    return this.upload.url.split("/").filter(Boolean).at(-1);
  }

  /** Hand in what is whole; gives the submission's number. Asked again, the site knows it by its key. Throws Refused. */
  async handIn(number, note, rehearsal) {
    const key = newKey();
    const answer = await this.asked(`${this.addresses.handIn}${rehearsal ? "?rehearsal=true" : ""}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf, "Idempotency-Key": key },
      body: JSON.stringify({ upload: number, note }),
    });
    await this.forget();
    return JSON.parse(answer).id;
  }

  /** The new submission's card. */
  card(submission) {
    const address = this.addresses.card.replace(NUMBER, submission);
    return this.asked(`${address}?live`, { headers: { "HX-Request": "true" } });
  }

  /** End it, and delete what was sent. */
  async cancel() {
    this.ended = true;
    await this.upload.abort(true).catch(() => undefined);
    await this.forget();
  }

  /** Another connection: ask how far the site is, and go on from there. */
  async again() {
    if (this.ended || !this.upload.file) return;
    this.page.waits();
    await this.upload.abort();
    this.heard(() => this.upload.start());
  }

  heard(then) {
    this.waiting = false;
    this.last = Date.now();
    if (!this.ended) then();
  }

  passes({ originalRequest: request, originalResponse: answer }) {
    const status = answer?.getStatus() ?? 0;
    const isLater = status === CONFLICT && (request.getMethod() !== "POST" || answer.getHeader("Retry-After"));
    if (!PASSING.includes(status) && !isLater) return false;
    this.waiting = true;
    if (!this.ended) this.page.waits();
    return true;
  }

  async asked(address, request) {
    for (const pause of [...PAUSES, null]) {
      const answer = await fetch(address, request).catch(() => undefined);
      const body = await answer?.text().catch(() => undefined);
      if (answer?.ok && body !== undefined) return body;
      const status = body === undefined ? 0 : answer.status;
      const isLater = status === CONFLICT && answer.headers.has("Retry-After");
      if (!(PASSING.includes(status) || isLater) || pause === null) throw new Refused(words(status, body));
      this.page.waits();
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** tus forgets an upload that its sender may not see; somebody who signs in again may. */
  async keep() {
    const { options } = this.upload;
    if (!this.url || (await this.wasBegun())) return;
    const about = { size: this.file.size, metadata: options.metadata, creationTime: new Date().toString(), uploadUrl: this.url };
    await options.urlStorage.addUpload(await options.fingerprint(this.file, options), about);
  }

  async forget() {
    for (const one of await this.upload.findPreviousUploads()) await this.upload.options.urlStorage.removeUpload(one.urlStorageKey);
  }

  /** The site lets a person have a few unfinished files, so that those that were left behind must go. */
  async giveOldOnesUp() {
    const own = await this.upload.findPreviousUploads();
    const { urlStorage, headers } = this.upload.options;
    const others = (await urlStorage.findAllUploads()).filter((one) => !own.some((mine) => mine.urlStorageKey === one.urlStorageKey));
    others.sort((one, other) => Date.parse(other.creationTime) - Date.parse(one.creationTime));
    for (const [place, one] of others.entries()) {
      if (place < KEPT && isFresh(one)) continue;
      if (isFresh(one)) await window.tus.Upload.terminate(one.uploadUrl, { headers }).catch(() => undefined);
      await urlStorage.removeUpload(one.urlStorageKey);
    }
  }
}

/** The form: what is chosen, how far it is, and what is wrong. */
class Form {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector('input[type="file"]');
    this.drop = form.querySelector(".drop");
    this.problem = form.querySelector("[data-problem]");
    this.sending = form.querySelector("[data-sending]");
    this.text = form.querySelector("[data-sending-text]");
    this.bar = form.querySelector("progress");
    this.cancel = form.querySelector("[data-cancel]");
    this.begun = form.querySelector("[data-begun]");
    this.buttons = form.querySelectorAll("[data-send]:not([disabled])");
    this.chosen = form.querySelector("[data-chosen]");
    this.invitation = this.chosen.innerHTML;
    this.listen();
    this.remind();
  }

  listen() {
    this.input.addEventListener("change", () => this.choose());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.send(event.submitter); });
    this.cancel.addEventListener("click", () => this.stopped());
    for (const name of ["dragenter", "dragover"]) this.drop.addEventListener(name, (event) => this.hover(event, true));
    for (const name of ["dragleave", "drop"]) this.drop.addEventListener(name, (event) => this.hover(event, false));
    this.drop.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length || this.way) return;
      this.input.files = event.dataTransfer.files;
      this.choose();
    });
  }

  hover(event, over) {
    event.preventDefault();
    this.drop.classList.toggle("over", over);
  }

  /** Name a file that did not arrive whole before the page was opened anew. */
  async remind() {
    const all = await window.tus.defaultOptions.urlStorage.findAllUploads();
    const last = all.filter((one) => isFresh(one) && one.urlStorageKey.includes(this.form.dataset.uploads)).at(-1);
    this.hint(last ? `${last.metadata.filename} did not arrive whole. Choose it again, and it goes on from where it broke off.` : "");
  }

  async choose() {
    const file = this.input.files[0];
    this.drop.classList.toggle("chosen", Boolean(file));
    if (!file) { this.chosen.innerHTML = this.invitation; return; }
    this.chosen.textContent = `${file.name} · ${megabytes(file.size)}`;
    this.say(this.fault(file));
    const begun = await new Sending(file, this.form, this).wasBegun();
    if (file === this.input.files[0]) this.hint(begun ? "Part of this file is there already: it goes on from where it broke off." : "");
  }

  /** Why the file would be refused, in words; an empty string when nothing speaks against it. */
  fault(file) {
    const limit = Number(this.form.dataset.maxBytes);
    if (file.size > limit) {
      return `This file has ${megabytes(file.size)}; the limit is ${megabytes(limit)}. Make it smaller: fewer or smaller weights.`;
    }
    if (!file.size) return "This file is empty. Save it again.";
    return "";
  }

  hint(words) {
    this.begun.textContent = words;
    this.begun.hidden = !words;
  }

  say(words) {
    this.problem.textContent = words;
    this.problem.hidden = !words;
  }

  /** Send the file to where the pressed button says: for real, or to be rehearsed. */
  async send(pressed) {
    const file = this.input.files[0];
    if (!file || this.way) return;
    const fault = this.fault(file);
    this.say(fault);
    if (fault) return;
    const way = new Sending(file, this.form, this);
    const { value: note } = this.form.elements.note;
    this.start(way, pressed);
    try {
      const number = await way.toItsEnd();
      if (way.ended) return;
      this.whole();
      const submission = await way.handIn(number, note, Boolean(pressed?.hasAttribute("formaction")));
      this.accepted(await way.card(submission));
    } catch (error) {
      if (!way.ended) this.stop(error instanceof Refused ? error.message : `The file could not be sent: ${error.message}`);
    }
  }

  start(way, pressed) {
    Object.assign(this, { way, pressed, first: undefined, told: "" });
    this.hint("");
    this.busy(true);
    this.cancel.focus();
    this.show(0, "Sending");
    announce(`Sending ${way.file.name}`);
  }

  sent(sent, size) {
    const now = performance.now();
    // What was there before is not counted as speed.
    this.first ??= { sent, now };
    const seconds = (now - this.first.now) / 1000;
    const speed = seconds > 0.5 && sent > this.first.sent ? `, ${megabytes((sent - this.first.sent) / seconds)}/s` : "";
    const percent = size ? Math.floor((100 * sent) / size) : 100;
    this.sending.classList.remove("waiting");
    this.amount = `${megabytes(sent)} of ${megabytes(size)}`;
    this.show(percent, `${this.amount}, ${percent} %${speed}`);
    const quarter = `${25 * Math.floor(percent / 25)} % are sent`;
    if (percent >= 25 && quarter !== this.told) announce(this.told = quarter);
  }

  waits() {
    if (this.sending.classList.contains("waiting")) return;
    this.first = undefined;
    this.sending.classList.add("waiting");
    this.show(this.bar.value, `${this.amount ? `${this.amount}. ` : ""}Waiting for the connection; it will go on by itself`);
    announce("Waiting for the connection. The upload will go on by itself.");
  }

  whole() {
    this.sending.classList.remove("waiting");
    this.amount = "";
    this.cancel.hidden = true;
    this.show(100, "Sent, waiting for the answer");
  }

  show(percent, text) {
    this.bar.value = percent;
    this.text.textContent = text;
  }

  accepted(html) {
    const list = document.getElementById("submissions");
    list.querySelector("[data-none]")?.remove();
    window.htmx.swap(list, html, { swapStyle: "afterbegin", swapDelay: 0, settleDelay: 0 });
    window.htmx.trigger("#excerpt", "catch-up");
    this.form.reset();
    this.choose();
    this.stop("");
    announce("Handed in");
    list.firstElementChild.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  stopped() {
    this.way?.cancel();
    this.stop("Stopped. Nothing was handed in.");
  }

  stop(words) {
    this.way = undefined;
    this.amount = "";
    const held = this.sending.contains(document.activeElement) || document.activeElement === document.body;
    this.busy(false);
    if (held) this.pressed?.focus();
    this.say(words);
  }

  busy(on) {
    this.sending.hidden = !on;
    this.sending.classList.remove("waiting");
    this.cancel.hidden = false;
    this.input.disabled = on;
    for (const button of this.buttons) button.disabled = on;
  }
}

/** What a refusal says: in the site's own words where it has some. */
function words(status, body) {
  if (status === 0) return "The connection did not come back. What was sent is kept: submit again, and it goes on from there.";
  if (SIGNED_OUT.includes(status)) return "The page had grown old, or you were signed out. Reload it and choose the file again: it goes on from there.";
  try {
    const problem = JSON.parse(body);
    if (problem.title) return `${problem.title} ${problem.detail}`;
  } catch {
    // A proxy in between has no such words.
  }
  return `The site answered ${status}. Nothing was counted; try again in a moment.`;
}

/** By it the site knows a request that is sent again. `randomUUID` is there on https and localhost alone. */
function newKey() {
  return crypto.randomUUID?.() ?? String(Math.random());
}

function isFresh(upload) {
  return Date.now() - Date.parse(upload.creationTime) < DAY;
}

/** Say it to a screen reader. */
function announce(text) {
  document.getElementById("announcer").textContent = text;
}

function megabytes(bytes) {
  const value = bytes / MB;
  if (value < 1) return `${bytes ? Math.max(1, Math.round(bytes / 1024)) : 0} kB`;
  return `${value < 99.5 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} MB`;
}

if (window.tus?.isSupported) for (const form of document.querySelectorAll("form[data-upload]")) new Form(form);
