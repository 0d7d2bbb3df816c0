
// The palette: to anything by a word. It shows what the page /find shows; without a script that page is opened.
const palette = document.getElementById("palette");
if (palette) {
  const field = palette.querySelector("input"), results = palette.querySelector(".results");
  let asked = 0;

  const look = async () => {
    const number = ++asked;
    const answer = await fetch(`/find?q=${encodeURIComponent(field.value)}`, { headers: { Accept: "text/html" } });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
    // An answer that was overtaken, or none because the session is over: then the form still leads there.
    if (number === asked && found) results.replaceChildren(document.adoptNode(found));
  };
  const open = () => {
    if (palette.open) return;
    field.value = "";
    palette.showModal();
    look();
  };
  const move = (way) => {
    const links = [...results.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement) + way;
    (at < 0 ? field : links[Math.min(at, links.length - 1)])?.focus();
  };

  let waits;
  field.addEventListener("input", () => { clearTimeout(waits); waits = setTimeout(look, 120); });
  palette.querySelector("form").addEventListener("submit", (event) => {
    const first = results.querySelector("a");
    if (!first) return;
    event.preventDefault();
    // What was written last may not have been looked up yet.
    clearTimeout(waits);
    look().then(() => results.querySelector("a")?.click());
  });
  palette.addEventListener("keydown", (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way) { event.preventDefault(); move(way); }
  });
  palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
  document.querySelector(".top .find")?.addEventListener("click", (event) => { event.preventDefault(); open(); });
  document.addEventListener("keydown", (event) => {
    const isWriting = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    const isChord = (event.ctrlKey || event.metaKey) && event.key === "k";
    // Among alerts it goes to the one above.
    const isFree = event.key === "k" && !isWriting && !document.querySelector("[data-row]");
    const isAlone = isFree && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isChord && !isAlone || dialog.open) return;
    event.preventDefault();
    open();
  });
}

// The menu closes when one turns to something else.
const more = document.getElementById("more");
document.addEventListener("click", (event) => { if (more?.open && !more.contains(event.target)) more.open = false; });
