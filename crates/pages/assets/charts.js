
// Charts are read with a finger, a mouse or the arrow keys: the words are those of the table below the picture.
function readChart(svg, x) {
  const figure = svg.closest(".chart"), read = figure.querySelector(".read"), pointer = svg.querySelector(".pointer");
  const rows = [...figure.querySelectorAll("tr[data-x]")];
  if (!read || !rows.length) return;
  const far = (row) => Math.abs(row.dataset.x / 10 - x);
  const row = rows.reduce((best, next) => (far(next) < far(best) ? next : best));
  read.textContent = [...row.cells].map((cell) => cell.textContent.trim()).filter(Boolean).join("  ");
  pointer.setAttribute("transform", `translate(${row.dataset.x / 10} 0)`);
  pointer.classList.add("on");
  svg.dataset.at = rows.indexOf(row);
}

// Whoever turns to something else has read it.
function leaveCharts(except) {
  for (const pointer of document.querySelectorAll(".chart .pointer.on")) {
    if (pointer.closest("svg") === except) continue;
    pointer.classList.remove("on");
    pointer.closest(".chart").querySelector(".read").textContent = "";
  }
}
document.addEventListener("focusout", () => leaveCharts(null));

for (const kind of ["pointermove", "pointerdown"]) {
  document.addEventListener(kind, (event) => {
    const svg = event.target.closest?.(".chart svg");
    leaveCharts(svg);
    if (!svg) return;
    const box = svg.getBoundingClientRect();
    readChart(svg, (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width);
  });
}

document.addEventListener("keydown", (event) => {
  const svg = event.target.closest?.(".chart svg");
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!svg || !way) return;
  const rows = svg.closest(".chart").querySelectorAll("tr[data-x]");
  const at = "at" in svg.dataset ? Number(svg.dataset.at) + way : rows.length - 1;
  const row = rows[Math.min(Math.max(at, 0), rows.length - 1)];
  if (row) readChart(svg, row.dataset.x / 10);
  event.preventDefault();
});
