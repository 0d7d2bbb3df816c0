// Says that a page is old: a copy that nobody writes any more, or a tab that has lost its server, shows no present state.
"use strict";
(() => {
  const root = document.documentElement;
  const age = document.getElementById("age");
  const made = Date.parse(root.dataset.made);
  const until = Date.parse(root.dataset.until);
  if (!age || Number.isNaN(made) || Number.isNaN(until)) return;
  const look = () => {
    const minutes = Math.floor((Date.now() - made) / 60000);
    root.classList.toggle("stale", Date.now() > until);
    age.textContent = age.dataset.ago.replace("#", minutes);
  };
  look();
  setInterval(look, 5000);
})();
