// Comforts over pages that work without script: the search key, copying, and telling a screen reader what changed.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("[data-slash]");
  if (search) { event.preventDefault(); search.focus(); }
});

// <button data-copies="id-of-text" data-copied="word to show">
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(text.value ?? text.textContent);
  } catch {  // no clipboard without https: leave the text selected, so that one key copies it
    text.focus();
    text.select?.();
    return;
  }
  const word = button.querySelector("span");
  const before = word.textContent;
  word.textContent = button.dataset.copied;
  say(button.dataset.copied);
  setTimeout(() => { word.textContent = before; }, 4000);
});

// A list that is chosen from sends its form at once; the button beside it serves where there is no script.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-at-once]");
  if (form) form.requestSubmit();
});

function say(text) {
  const voice = document.getElementById("voz");
  if (voice && text && voice.textContent !== text) voice.textContent = text;
}

// A poll that brings nothing new changes nothing: whoever reads or stands inside with the keyboard is left in peace.
document.addEventListener("htmx:beforeSwap", (event) => {
  const tag = event.detail.xhr.getResponseHeader("ETag");
  const target = event.detail.target;
  if (!tag || !target.hasAttribute("data-etag")) return;
  if (target.dataset.etag === tag) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSettle", (event) => {
  say(event.detail.elt.dataset?.said);
});

document.querySelector("[data-focus]")?.focus();
