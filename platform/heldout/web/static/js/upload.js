// Handing in a file: drag and drop, size checked before a byte is sent, percent and speed, cancel.
// Without this script the form is an ordinary one.

const MB = 1024 * 1024;

class Upload {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector('input[type="file"]');
    this.drop = form.querySelector(".drop");
    this.problem = form.querySelector("[data-problem]");
    this.sending = form.querySelector("[data-sending]");
    this.text = form.querySelector("[data-sending-text]");
    this.bar = form.querySelector("progress");
    this.buttons = form.querySelectorAll("[data-send]:not([disabled])");
    this.chosen = form.querySelector("[data-chosen]");
    this.invitation = this.chosen.innerHTML;
    this.listen();
  }

  listen() {
    this.input.addEventListener("change", () => this.choose());
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.send(event.submitter); });
    this.form.querySelector("[data-cancel]").addEventListener("click", () => this.request?.abort());
    for (const name of ["dragenter", "dragover"]) this.drop.addEventListener(name, (event) => this.hover(event, true));
    for (const name of ["dragleave", "drop"]) this.drop.addEventListener(name, (event) => this.hover(event, false));
    this.drop.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      this.input.files = event.dataTransfer.files;
      this.choose();
    });
  }

  hover(event, over) {
    event.preventDefault();
    this.drop.classList.toggle("over", over);
  }

  choose() {
    const file = this.input.files[0];
    this.drop.classList.toggle("chosen", Boolean(file));
    if (!file) { this.chosen.innerHTML = this.invitation; return; }
    this.chosen.textContent = `${file.name} · ${megabytes(file.size)}`;
    this.say(this.fault(file));
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

  say(words) {
    this.problem.textContent = words;
    this.problem.hidden = !words;
  }

  /** Send the file to where the pressed button says: for real, or to be rehearsed. */
  send(pressed) {
    const file = this.input.files[0];
    if (!file || this.request) return;
    const words = this.fault(file);
    this.say(words);
    if (words) return;
    const request = new XMLHttpRequest();
    this.request = request;
    this.began = performance.now();
    // Not `pressed.formAction`: without the attribute that is the page's own address.
    request.open("POST", pressed?.getAttribute("formaction") ?? this.form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.onprogress = (event) => this.progress(event);
    request.onload = () => this.answer(request);
    request.onerror = () => this.stop("The connection broke before the file was in. Nothing was counted; send it again.");
    request.onabort = () => this.stop("Stopped. Nothing was handed in.");
    this.busy(true);
    request.send(new FormData(this.form));
  }

  progress({ loaded, total }) {
    const seconds = (performance.now() - this.began) / 1000;
    const speed = seconds > 0.3 ? `, ${megabytes(loaded / seconds)}/s` : "";
    this.bar.value = (100 * loaded) / total;
    this.text.textContent = loaded < total ? `Sending, ${Math.floor(this.bar.value)} %${speed}` : "Sent, waiting for the answer";
  }

  answer(request) {
    if (request.status === 201) return this.accepted(request.responseText);
    const words = new DOMParser().parseFromString(request.responseText, "text/html").body.textContent.trim();
    if (request.status === 422) return this.stop(words);
    return this.stop([401, 403].includes(request.status) ? "The page had grown old, or you were signed out. Reload it and send the file again."
      : `The site answered ${request.status}. Nothing was counted; try again in a moment.`);
  }

  accepted(html) {
    const list = document.getElementById("submissions");
    list.querySelector("[data-none]")?.remove();
    window.htmx.swap(list, html, { swapStyle: "afterbegin", swapDelay: 0, settleDelay: 0 });
    window.htmx.trigger("#excerpt", "catch-up");
    this.form.reset();
    this.choose();
    this.stop("");
    list.firstElementChild.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  stop(words) {
    this.request = undefined;
    this.busy(false);
    this.say(words);
  }

  busy(on) {
    this.sending.hidden = !on;
    for (const button of this.buttons) button.disabled = on;
    this.bar.value = 0;
    this.text.textContent = "Sending";
  }
}

function megabytes(bytes) {
  const value = bytes / MB;
  if (value < 1) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  return `${value < 99.5 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} MB`;
}

for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);
