// What makes a page live: clocks go on counting, parts that the server renders anew are swapped in, keys press buttons.
// Every page works without it; it holds no state and builds no text from outside.
"use strict";

const japanese = document.documentElement.lang === "ja";

// The same words as `when.rs`.
function length(seconds) {
  const unit = (count, ja, en) => (japanese ? count + ja : `${count} ${en}`);
  const pair = (a, b) => (japanese ? a + b : `${a} ${b}`);
  const s = Math.floor(seconds), days = Math.floor(s / 86400), hours = Math.floor(s / 3600) % 24;
  const minutes = Math.floor(s / 60) % 60;
  if (days) return pair(unit(days, "日", "d"), unit(hours, "時間", "h"));
  if (hours) return pair(unit(hours, "時間", "h"), unit(minutes, "分", "min"));
  if (minutes >= 10) return unit(minutes, "分", "min");
  if (minutes) return pair(unit(minutes, "分", "min"), unit(s % 60, "秒", "s"));
  return unit(s, "秒", "s");
}

function tick() {
  for (const clock of document.querySelectorAll("time[data-since], time[data-until]")) {
    const ago = (Date.now() - Date.parse(clock.dateTime)) / 1000;
    if ("since" in clock.dataset) {
      clock.textContent = length(Math.max(0, ago));
    } else {
      clock.textContent = (ago > 0 ? "−" : "") + length(Math.abs(ago));
      clock.classList.toggle("past", ago > 0);
      clock.classList.toggle("near", ago <= 0 && ago > -300);
    }
  }
}
setInterval(tick, 1000);

// Whether somebody writes in a part, has written in it, or reads a chart of it: then it stays as it is.
function isInUse(part) {
  if (part.querySelector(".pointer.on")) return true;
  const fields = part.querySelectorAll("input:not([type=hidden]), textarea, select");
  return [...fields].some((field) => field === document.activeElement || field.value !== field.defaultValue && field.type !== "radio");
}

// Compares without what the clock has written meanwhile.
function essence(part) {
  const copy = part.cloneNode(true);
  copy.querySelectorAll("time[data-since], time[data-until]").forEach((time) => {
    time.textContent = "";
    time.removeAttribute("class");
  });
  copy.querySelectorAll("details").forEach((details) => details.removeAttribute("open"));
  return copy.innerHTML;
}

function swap(html) {
  const next = new DOMParser().parseFromString(html, "text/html");
  for (const fresh of next.querySelectorAll("[data-part]")) {
    const old = document.getElementById(fresh.id);
    if (!old || isInUse(old) || essence(old) === essence(fresh)) continue;
    for (const details of fresh.querySelectorAll("details[id]")) {
      const before = document.getElementById(details.id);
      if (before) details.open = before.open;
    }
    const focus = old.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    old.replaceWith(document.adoptNode(fresh));
    if (focus) fresh.querySelector(`[data-key="${focus}"]`)?.focus();
  }
  tick();
}

const main = document.querySelector("main[data-live]");
if (main) {
  const lost = document.getElementById("lost");
  const events = new EventSource(main.dataset.live);
  events.addEventListener("page", (event) => { lost.hidden = true; swap(event.data); });
  events.addEventListener("open", () => { lost.hidden = true; });
  events.addEventListener("error", () => { lost.hidden = false; });
  // The session is over, or what is shown here is gone: the server says where to go on.
  events.addEventListener("over", () => { events.close(); location.reload(); });
}

// Lists: `j` and `k` go from row to row. What has a `data-press` in the row is pressed at once: the same key takes it back.
const rows = [...document.querySelectorAll("[data-row]")];
rows.find((row) => row.id && `#${row.id}` === location.hash)?.focus();

function inRows(key) {
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  if ((key === "j" || key === "k") && rows.length) {
    const to = key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0);
    rows[to].focus();
    return true;
  }
  const button = at >= 0 && rows[at].querySelector(`[data-press="${CSS.escape(key)}"]`);
  if (button) button.click();
  return Boolean(button);
}

// Keys: whatever has a `data-key` is pressed by it; `?` lists them, those of rows as well.
const hint = document.querySelector(".keys");
if (hint) hint.hidden = false;
const dialog = document.getElementById("keys");
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "?" && !document.querySelector("dialog[open]")) {
    const list = dialog.querySelector("dl");
    list.replaceChildren();
    const inRow = rows.length ? rows[0].querySelectorAll("[data-press]") : [];
    for (const thing of [...document.querySelectorAll("[data-key]"), ...inRow]) {
      const key = document.createElement("kbd"), name = document.createElement("dd"), term = document.createElement("dt");
      key.textContent = thing.dataset.key || thing.dataset.press;
      term.append(key);
      name.textContent = thing.placeholder || thing.textContent;
      list.append(term, name);
    }
    dialog.showModal();
    return;
  }
  const isBusy = document.querySelector("dialog[open]");
  if (!isBusy && inRows(event.key)) { event.preventDefault(); return; }
  const thing = !isBusy && document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!thing) return;
  event.preventDefault();
  // A link is followed; a button is only aimed at: nobody approves with a slip of a finger.
  if (thing.tagName === "A") thing.click();
  else { thing.scrollIntoView({ block: "center" }); thing.focus(); }
});
