// Tables that sort by a click (or Enter) on a heading; head and totals repeat in print.
"use strict";

/**
 * columns: {title, value(row) for sorting, show(row) to print (default: value), number, wide}
 * rows: the data; foot: cells of a last line that stays last.
 */
function table(columns, rows, { caption = "", foot = null, rowClass = null, sortable = true } = {}) {
  const body = el("tbody");
  const order = { column: -1, down: false };
  const buttons = [];
  const fillBody = () => {
    const sorted = [...rows];
    if (order.column >= 0) {
      const of = columns[order.column].value, sign = order.down ? -1 : 1;
      sorted.sort((a, b) => sign * compare(of(a), of(b)));
    }
    body.replaceChildren(...sorted.map((row) => el("tr", { class: rowClass ? rowClass(row) : null },
      columns.map((c, k) => el(k === 0 && c.head !== false ? "th" : "td", { class: cellClass(c), scope: k === 0 && c.head !== false ? "row" : null }, (c.show || c.value)(row))))));
  };
  const sortBy = (k) => {
    order.down = order.column === k ? !order.down : !!columns[k].number;
    order.column = k;
    buttons.forEach((b, i) => b.parentNode.setAttribute("aria-sort", i !== k ? "none" : order.down ? "descending" : "ascending"));
    fillBody();
  };
  const head = columns.map((c, k) => {
    if (!sortable || rows.length < 2) return el("th", { scope: "col", class: cellClass(c) }, c.title);
    const button = el("button", { type: "button", onclick: () => sortBy(k) }, c.title);
    buttons.push(button);
    return el("th", { scope: "col", class: cellClass(c), "aria-sort": "none" }, button);
  });
  fillBody();
  return el("div.table-scroll" + (rows.length > 60 ? ".long" : ""), { tabindex: 0, role: "group", "aria-label": caption || null },
    el("table.data", null, caption && el("caption", null, caption), el("thead", null, el("tr", null, head)), body,
      foot && el("tfoot", null, el("tr", null, foot.map((cell, k) => el("td", { class: cellClass(columns[k]) }, cell))))));
}
const cellClass = (c) => [c.number && "number", c.wide && "wide"].filter(Boolean).join(" ") || null;
function compare(a, b) {
  const empty = (v) => v === null || v === undefined || (typeof v === "number" && !Number.isFinite(v));
  if (empty(a) || empty(b)) return empty(a) - empty(b);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), page.language, { numeric: true });
}
