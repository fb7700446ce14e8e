"use strict";

// One pair on screen, one key per answer. The server renders; this script sends answers and swaps the pair.

const work = document.getElementById("work");
const message = document.getElementById("message");
const note = document.getElementById("note");
const help = document.getElementById("help");
const keysOn = document.getElementById("keys-on");
const csrfToken = document.querySelector("meta[name=csrf-token]").content;
const KEYS = {
  m: () => answer("same"),
  n: () => answer("different"),
  u: () => answer("unsure"),
  s: () => act("skip"),
  z: () => act("undo"),
  c: () => note.focus(),
  "?": () => help.showModal(),
};

let isSending = false;
let shownAt = performance.now();
let undoKey = null; // kept until the server answered: an undo sent twice is one undo

function section() {
  return work.querySelector("[data-shown]");
}

function say(text, isProblem = false) {
  message.classList.toggle("problem", isProblem);
  message.textContent = text;
}

async function send(address, body) {
  if (isSending) return;
  isSending = true;
  document.body.classList.add("sending");
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrfToken },
      body: JSON.stringify(body),
    });
    const reply = await response.json();
    if (!response.ok) {
      say(`Not done: ${reply.message}`, true);
      return;
    }
    undoKey = null;
    swap(reply);
  } catch {
    say("Not done: the server does not answer. If it was stopped, start it again; otherwise try once more.", true);
  } finally {
    isSending = false;
    document.body.classList.remove("sending");
  }
}

function swap(reply) {
  // The reply is rendered with every value escaped, and the content policy runs no inline script.
  work.replaceChildren(document.createRange().createContextualFragment(reply.html));
  note.value = "";
  window.scrollTo(0, 0);
  shownAt = performance.now();
  refresh();
  const names = section().dataset.names;
  say(reply.message);
  announce(names ? `Next: ${names}.` : work.querySelector("h1").textContent);
}

function announce(text) {
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.textContent = ` ${text}`;
  message.append(spoken);
}

function refresh() {
  const hasPair = section().dataset.shown !== "";
  for (const button of document.querySelectorAll("[data-answer], [data-act=skip]")) button.disabled = !hasPair;
  note.disabled = !hasPair;
}

function answer(judgement) {
  const shown = section().dataset.shown;
  if (!shown) return;
  send("/judgement", {
    shown,
    judgement,
    note: note.value,
    ms_on_screen: Math.round(performance.now() - shownAt),
  });
}

function act(name) {
  if (name === "undo") {
    undoKey = undoKey ?? crypto.randomUUID();
    send("/undo", { key: undoKey });
  } else if (name === "unskip") {
    send("/unskip", {});
  } else if (section().dataset.shown) {
    send("/skip", { shown: section().dataset.shown });
  }
}

function isTyping(target) {
  return target instanceof Element && target.closest("textarea, select, input:not([type=checkbox]), [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.activeElement === note) {
    note.blur();
    return;
  }
  if (!keysOn.checked || help.open || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  // On a Cyrillic or Greek layout the key says another letter; its place on the keyboard still counts.
  const isLatin = /^[ -~]$/.test(event.key);
  const key = isLatin ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
  if (!Object.hasOwn(KEYS, key)) return;
  event.preventDefault();
  KEYS[key]();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.answer) answer(button.dataset.answer);
  if (button.dataset.act) act(button.dataset.act);
  if (button.id === "help-button") help.showModal();
  if (button.id === "help-close") help.close();
});

keysOn.checked = localStorage.getItem("keys") !== "off";
keysOn.addEventListener("change", () => localStorage.setItem("keys", keysOn.checked ? "on" : "off"));
refresh();
