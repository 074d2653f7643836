// Facts, words, numbers, elements. Everything that comes from data enters the page as textContent.
"use strict";
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const F = read("facts");
const WORDS = read("words");
const GEO = read("map-data");

const page = { language: F.language === "zh" ? "zh" : "en" };

/** A fixed phrase, its {fields} filled. */
function t(key, facts) {
  const text = WORDS[page.language][key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (all, name) => (facts && name in facts ? String(facts[name]) : all));
}
const hasWord = (key) => key in WORDS[page.language];

/** A fact that comes in both languages. */
const pick = (both) => (both ? both[page.language] || both.en || both.zh || "" : "");
/** A code in words ("kind_" + "corner_plot"); the code itself when nobody has words for it. */
const coded = (prefix, code) => (hasWord(prefix + code) ? t(prefix + code) : String(code));

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

function num(value, digits = 0) {
  if (!isNumber(value)) return t("none");
  const text = value.toLocaleString("en-US", { maximumFractionDigits: digits });
  return text === "-0" ? "0" : text;
}
const people = (value) => num(isNumber(value) ? Math.floor(value + 0.5) : value);
const share = (value, digits = 1) => (isNumber(value) ? num(value * 100, digits) + "%" : t("none"));

function money(value) {
  if (!isNumber(value)) return t("none");
  if (page.language === "zh" && F.currency === "CNY")
    return Math.abs(value) >= 1e4 ? t("money_wan", { value: num(value / 1e4, 2) }) : t("money_yuan", { value: num(value) });
  return num(value) + " " + F.currency;
}
const currency = () => (hasWord("currency_" + F.currency) ? t("currency_" + F.currency) : F.currency);

/** A number with its unit: m2, share, people, outlets, m, minutes, services, money. */
function amount(value, unit) {
  if (!isNumber(value)) return t("none");
  if (unit === "share") return share(value, 2);
  if (unit === "money" || unit === F.currency) return money(value);
  const key = "amount_" + unit;
  const digits = unit === "points" ? 2 : unit.startsWith("m2") || unit === "minutes" || (unit === "services" && Math.abs(value) < 1000) ? 1 : 0;
  const shown = unit === "people" ? people(value) : num(value, digits);
  if (hasWord(key)) return t(shown === "1" && hasWord(key + "_one") ? key + "_one" : key, { value: shown });
  return (num(value, 2) + " " + unit).trim();
}

const typeName = (index) => pick(F.types[index].name);
const groupName = (group) => coded("group_", group);
const siteName = (j) => GEO.sites.name[j] || GEO.sites.id[j];
const communityName = (k) => (k >= 0 && F.communities[k] ? F.communities[k].name || F.communities[k].id : t("none"));

/** el("p.lead", {lang: "zh"}, child, "text", [more]) */
function el(spec, attributes, ...children) {
  const [tag, ...classes] = spec.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  return add(node, children);
}
function add(node, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

// --- symbols of outlet types: the same outlines on the map's canvas and in SVG ---

/** Corner points of a shape in a circle of radius 1; empty means the circle itself. */
function shapePoints(shape) {
  const turn = (n, start, radii = [1]) =>
    Array.from({ length: n }, (_, k) => {
      const angle = start + (2 * Math.PI * k) / n;
      const r = radii[k % radii.length];
      return [r * Math.cos(angle), r * Math.sin(angle)];
    });
  const up = -Math.PI / 2;
  switch (shape) {
    case "square": return turn(4, Math.PI / 4, [1.2]);
    case "diamond": return turn(4, up, [1.25]);
    case "triangle": return turn(3, up, [1.4]).map(([x, y]) => [x, y + 0.2]);
    case "down": return turn(3, -up, [1.4]).map(([x, y]) => [x, y - 0.2]);
    case "hexagon": return turn(6, 0, [1.12]);
    case "pentagon": return turn(5, up, [1.15]);
    case "octagon": return turn(8, Math.PI / 8, [1.1]);
    case "star": return turn(10, up, [1.45, 0.78]);
    case "plus":
      return [[-0.45, -1.15], [0.45, -1.15], [0.45, -0.45], [1.15, -0.45], [1.15, 0.45], [0.45, 0.45],
              [0.45, 1.15], [-0.45, 1.15], [-0.45, 0.45], [-1.15, 0.45], [-1.15, -0.45], [-0.45, -0.45]];
    default: return [];
  }
}
const SVG = "http://www.w3.org/2000/svg";
function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return add(node, children);
}
/** The symbol of a type as SVG: filled with a label for new outlets, hollow for existing ones. */
function symbol(type, { size = 18, label = "", hollow = false } = {}) {
  const { colour, shape } = F.types[type];
  const paint = { fill: hollow ? "#fff" : colour, stroke: hollow ? colour : "#fff", "stroke-width": hollow ? 0.4 : 0.18, "stroke-linejoin": "round" };
  const points = shapePoints(shape);
  const outline = points.length
    ? svg("polygon", { points: points.map((p) => p.map((v) => v.toFixed(3)).join(",")).join(" "), ...paint })
    : svg("circle", { r: 1.05, ...paint });
  const node = svg("svg", { viewBox: "-1.55 -1.55 3.1 3.1", width: size, height: size, "aria-hidden": "true", class: "symbol" }, outline);
  if (label !== "")
    node.append(svg("text", { x: 0, y: shape === "triangle" ? 0.62 : shape === "down" ? 0.16 : 0.37,
      "text-anchor": "middle", "font-size": String(label).length > 2 ? 0.8 : 1.02, "font-weight": 700, fill: "#fff" }, label));
  return node;
}
