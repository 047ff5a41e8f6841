// Sorting and searching in tables: a help on top of a page that is whole without it. Controls are made here and nowhere
// else, so that none is dead where no script runs. Nothing is stored, loaded or written as markup.
"use strict";
(() => {
  const words = document.currentScript.dataset;
  const language = `${document.documentElement.lang}-u-nu-latn`;
  const numbers = new Intl.NumberFormat(language);
  const order = new Intl.Collator(language, { numeric: true }).compare;
  const point = numbers.formatToParts(1.5).find((part) => part.type === "decimal").value;
  const FEW = 5;
  const MANY = 15;

  const make = (tag, attributes, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };

  // The rows of a body, each with the rows that belong to it; the heading of a group isn't one.
  const units = (body) => {
    const found = [];
    for (const row of body.rows) {
      if (row.querySelector(":scope > th[scope=row]")) found.push([row]);
      else if (found.length) found.at(-1).push(row);
    }
    return found;
  };

  // What a cell is sorted by: `data-v`, or its text; as a number, unless its head says that it holds text. A status
  // is a word with a number beside it. What is undefined comes last.
  const value = (cell, kind) => {
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    const text = cell.textContent.trim();
    if (kind === "text") return text === "–" || text === "" ? undefined : text;
    const digits = text.match(/\d[\d.,'’\u00a0\u202f]*/);
    if (!digits) return undefined;
    const plain = [...digits[0]].filter((sign) => /\d/.test(sign) || sign === point).join("");
    return Number(plain.replace(point, ".")) * (/^\D*[-−]/.test(text) ? -1 : 1);
  };

  const sort = (table, head) => {
    const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of table.tHead.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const compare = ([one], [other]) => {
      if (one === undefined || other === undefined) return (one === undefined) - (other === undefined);
      return sign * (typeof one === "number" ? one - other : order(one, other));
    };
    for (const body of table.tBodies) {
      const keyed = units(body).map((rows) => [value(rows[0].cells[head.cellIndex], head.dataset.sort), rows]);
      body.append(...keyed.sort(compare).flatMap(([, rows]) => rows));
    }
  };

  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  // What a row is found by: its words, and not its figures.
  const wordsOf = (row) => {
    const heads = row.closest("table").tHead.rows[0].cells;
    return [...row.cells].filter((cell) => /text|status/.test(heads[cell.cellIndex].dataset.sort));
  };

  const search = (box, bodies) => {
    let rows;
    const read = (own) => [own, folded(wordsOf(own[0]).map((cell) => cell.textContent).join(" "))];
    const field = make("input", { type: "search", autocomplete: "off" });
    const said = make("span", { role: "status" });
    const look = () => {
      rows ??= bodies.flatMap(units).map(read);
      const asked = folded(field.value).split(/\s+/).filter(Boolean);
      let hits = 0;
      for (const [own, text] of rows) {
        const shown = asked.every((word) => text.includes(word));
        for (const row of own) row.hidden = !shown;
        hits += shown;
      }
      for (const body of bodies) body.hidden = units(body).every(([row]) => row.hidden);
      const told = { count: numbers.format(hits), total: numbers.format(rows.length) };
      said.textContent = asked.length ? words.found.replace(/\{(\w+)\}/g, (_, name) => told[name]) : "";
    };
    field.addEventListener("input", look);
    return [make("p", { class: "find" }, make("label", {}, `${box.dataset.find} `, field), said), field, look];
  };

  for (const box of document.querySelectorAll("[data-find]")) {
    const tables = [...box.querySelectorAll("table")].filter((table) => table.tHead?.querySelector("[data-sort]"));
    const bodies = tables.flatMap((table) => [...table.tBodies]);
    for (const table of tables) {
      if ([...table.tBodies].flatMap(units).length <= FEW) continue;
      table.classList.add("sorts");
      for (const head of table.tHead.querySelectorAll("[data-sort]")) {
        const button = make("button", { type: "button" }, ...head.childNodes);
        button.addEventListener("click", () => sort(table, head));
        head.append(button);
      }
    }
    const whole = box.matches(".all");
    if (!whole && bodies.flatMap(units).length <= MANY) continue;
    const [line, field, look] = search(box, bodies);
    (tables[0].closest(".scroll") ?? tables[0]).before(line);
    const asked = whole && new URLSearchParams(location.hash.slice(1)).get("find");
    if (asked) {
      field.value = asked;
      look();
    }
  }

  // On the overview of a site: a field that leads to the page where all KPIs and members are listed.
  const way = document.querySelector("nav a[href$='find.html']");
  if (way) {
    const field = make("input", { type: "search", autocomplete: "off" });
    const button = make("button", { type: "button" }, words.search);
    const go = () => location.assign(`${way.getAttribute("href")}#${new URLSearchParams({ find: field.value })}`);
    button.addEventListener("click", go);
    field.addEventListener("keydown", (event) => event.key === "Enter" && go());
    way.parentElement.hidden = true;
    way.closest("nav").after(make("p", { class: "find" }, make("label", {}, `${way.textContent} `, field), button));
  }
})();
