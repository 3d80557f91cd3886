"use strict";
(() => {
  const root = document.documentElement;
  function speak(lang) {
    root.lang = document.querySelector(`[data-speak="${lang}"]`).lang;
    for (const element of document.querySelectorAll("[data-en]")) {
      element.textContent = element.dataset[lang];
    }
    for (const element of document.querySelectorAll("[data-en-label]")) {
      const words = element.dataset[lang + "Label"];
      element.setAttribute("aria-label", words);
    }
    for (const element of document.querySelectorAll("[data-en-hint]")) {
      element.title = element.dataset[lang + "Hint"];
    }
    for (const button of document.querySelectorAll("[data-speak]")) {
      button.setAttribute("aria-pressed", String(button.dataset.speak === lang));
    }
    hintAll();
  }

  for (const button of document.querySelectorAll("[data-speak]")) {
    button.addEventListener("click", () => speak(button.dataset.speak));
  }

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });

  // Says of what scrolls that there is more, as long as there is.
  function hintAt(scroll) {
    const rest = scroll.scrollHeight - scroll.clientHeight - scroll.scrollTop;
    const beside = scroll.scrollWidth - scroll.clientWidth - scroll.scrollLeft;
    const hints = scroll.parentElement.querySelectorAll(":scope > .more");
    if (hints.length !== 2) return;
    hints[0].hidden = rest < 4;
    hints[1].hidden = beside < 4;
  }
  function hintAll() {
    for (const scroll of document.querySelectorAll(".scroll")) hintAt(scroll);
  }
  for (const scroll of document.querySelectorAll(".scroll")) {
    scroll.addEventListener("scroll", () => hintAt(scroll), { passive: true });
  }
  window.addEventListener("resize", hintAll);
  hintAll();

  function compare(one, other, isNumber) {
    if (!isNumber) return one.localeCompare(other);
    // What is not shown stands last.
    const value = (text) => (text === "" ? -Infinity : Number(text));
    return value(one) - value(other);
  }

  function sort(table, column, heading) {
    const isNumber = heading.classList.contains("number");
    const before = heading.getAttribute("aria-sort");
    const first = isNumber ? "descending" : "ascending";
    const second = isNumber ? "ascending" : "descending";
    const order = before === first ? second : first;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const key = (row) => row.cells[column].dataset.order ?? row.cells[column].textContent;
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => sign * compare(key(a), key(b), isNumber));
    table.tBodies[0].append(...rows);
  }

  for (const table of document.querySelectorAll("table.sheet")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      heading.querySelector("button").addEventListener("click", () => {
        sort(table, column, heading);
      });
    });
  }

  for (const input of document.querySelectorAll("input[type=search]")) {
    const table = document.getElementById(input.dataset.table);
    const count = document.getElementById(input.dataset.table + "-count");
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted);
        if (!row.hidden) shown += 1;
      }
      count.textContent = String(shown);
      hintAll();
    });
  }
})();
