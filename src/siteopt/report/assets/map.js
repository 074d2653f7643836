// The map: cells coloured by what is within reach, outlets by shape, communities by outline.
"use strict";

const view = {
  colour: F.has_plan ? "after" : "before", type: -1, center: null, zoom: null,
  layers: { chosen: true, labels: F.outlets.length <= 25, existing: true, candidates: false, communities: true, streets: true },
};
const SHAPES = { cells: cellShapes(GEO.cells), streets: GEO.streets ? unpack(GEO.streets.map((line) => [line]), 10) : null };
const CHOSEN = groupChosen();
let map = null, cellLayer = null;

function groupChosen() {
  const bySite = new Map();
  F.outlets.forEach((outlet, k) => {
    if (!bySite.has(outlet.site)) bySite.set(outlet.site, []);
    bySite.get(outlet.site).push({ ...outlet, n: k + 1 });
  });
  return bySite;
}
const siteLatLng = (j) => latLng(GEO.sites.xy[2 * j], GEO.sites.xy[2 * j + 1]);
const sitePlace = (j) => communityName(GEO.sites.community[j]);

// --- colours ---

const letters = (s) => GEO.cells.reach.map((text) => text[s]);
function typesWithin(s, after) {
  return letters(s).filter((c) => c === "1" || (after && c === "2")).length;
}
const typesGained = (s) => letters(s).filter((c) => c === "2").length;
const PEOPLE_STEPS = peopleSteps();
/** Four edges between five classes of head counts, rounded to numbers that a person would choose. */
function peopleSteps() {
  const sorted = [...GEO.cells.people].sort((a, b) => a - b);
  const edges = [0.2, 0.4, 0.6, 0.8].map((q) => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] || 1;
    const unit = Math.pow(10, Math.floor(Math.log10(Math.max(value, 1)))) / (value >= 10 ? 2 : 1);
    return Math.max(1, Math.round(value / unit) * unit);
  });
  return edges.filter((edge, k) => k === 0 || edge > edges[k - 1]);
}
const peopleClass = (s) => PEOPLE_STEPS.filter((edge) => GEO.cells.people[s] >= edge).length;
const peopleColour = (k) => F.colours.people[PEOPLE_STEPS.length ? Math.round((k * 4) / PEOPLE_STEPS.length) : 4];

function colourOf(s) {
  const C = F.colours;
  if (view.colour === "none") return null;
  if (view.colour === "people") return peopleColour(peopleClass(s));
  if (view.type >= 0) {
    const letter = GEO.cells.reach[view.type][s];
    if (letter === "1") return view.colour === "gain" ? C.no_gain : C.today;
    if (letter === "2" && view.colour !== "before") return C.gained;
    return view.colour === "gain" ? C.no_gain : C.missing;
  }
  if (view.colour === "gain") {
    const gained = typesGained(s);
    return gained ? C.gain[gained - 1] : C.no_gain;
  }
  const n = typesWithin(s, view.colour === "after");
  return n ? C.count[n - 1] : C.missing;
}

// --- popups ---

function facts(rows) {
  return el("dl.facts", null, rows.filter((r) => r && r[1] !== "" && r[1] !== null).map(([k, v]) => [el("dt", null, k), el("dd", null, v)]));
}
function cellPopup(s) {
  const C = GEO.cells, after = F.has_plan;
  const minutes = (list, t_, s_) => {
    const letter = C.reach[t_][s_], within = letter === "1" || (list === "after" && letter === "2");
    if (!within) return el("span.no", null, t("pop_no"));
    return C[list] ? t("pop_minutes", { m: (C[list][t_][s_] / 10).toFixed(1) }) : t("pop_yes");
  };
  const rows = F.types.map((type, k) => el("tr", C.reach[k][s] === "2" ? { class: "gained" } : null,
    el("th", { scope: "row" }, symbol(k, { size: 13 }), " ", typeName(k)),
    el("td", null, minutes("before", k, s)),
    after && el("td", null, minutes("after", k, s)),
    after && C.by && el("td", null, C.by[k][s] >= 0 ? siteName(C.by[k][s]) : "")));
  return el("div.popup", null,
    el("h4", null, C.tile_m ? t("pop_tile", { m: num(C.tile_m) }) : t("pop_cell", { id: C.id[s] })),
    facts([[t("pop_people"), people(C.people[s])], C.community[s] >= 0 ? [t("pop_community"), communityName(C.community[s])] : null]),
    el("table", null,
      el("thead", null, el("tr", null, el("th", null, t("pop_type")), el("th", null, t("col_before")),
        after && el("th", null, t("col_after")), after && C.by && el("th", null, t("pop_nearest")))),
      el("tbody", null, rows)));
}
function spaceFacts(j) {
  const S = GEO.sites;
  return [[t("col_id"), S.id[j]], [t("col_kind"), coded("kind_", S.kind[j])],
    S.area[j] ? [t("col_space_area"), num(S.area[j])] : null,
    [t("col_tenure"), S.tenure[j]], [t("col_parcel"), S.parcel[j]],
    S.community[j] >= 0 ? [t("col_community"), sitePlace(j)] : null];
}
function chosenPopup(j) {
  return el("div.popup", null, el("h4", null, siteName(j)), facts(spaceFacts(j)),
    CHOSEN.get(j).map((o) => [
      el("h5", null, symbol(o.type, { size: 20, label: o.n }), " ", t("pop_new_outlet", { n: o.n }), ": ", typeName(o.type)),
      facts([[t("pop_cost"), money(o.cost)], [t("col_outlet_area"), num(o.area, 1)], [t("col_newly"), people(o.newly)],
        [t("col_only"), people(o.only)], o.period ? [t("col_period"), o.period] : null])]));
}
function sitePopup(j) {
  const standing = GEO.sites.standing[j];
  return el("div.popup", null, el("h4", null, siteName(j)),
    el("p.quiet", null, standing.length ? [t("pop_existing"), ": ", standing.map(typeName).join(t("list_comma"))] : t("pop_candidate")),
    facts(spaceFacts(j)));
}
function communityPopup(k) {
  const c = F.communities[k];
  return el("div.popup", null, el("h4", null, communityName(k)),
    facts([[t("col_id"), c.id], [t("col_age"), coded("age_", c.age_class)], [t("col_people"), people(c.people[F.groups[0]])],
      [t("nav_communities") + " · " + t("col_commercial_share_before"), share(c.commercial_share_before, 2)],
      [t("col_commercial_share_after"), share(c.commercial_share_after, 2)],
      [t("col_required"), isNumber(c.required) ? t("sense_" + c.sense) + " " + share(c.required, 2) : t("not_bound")]]),
    el("table", null,
      el("thead", null, el("tr", null, el("th", null, t("pop_type")), el("th", null, t("col_share_before")), el("th", null, t("col_share_after")))),
      el("tbody", null, F.types.map((type, i) => el("tr", null, el("th", { scope: "row" }, symbol(i, { size: 13 }), " ", typeName(i)),
        el("td", null, share(c.coverage[type.id].share_before)), el("td", null, share(c.coverage[type.id].share_after)))))));
}
const POPUP = { maxWidth: 340, minWidth: 200, autoPanPaddingTopLeft: [62, 20], autoPanPaddingBottomRight: [20, 20] };
function openAt(where, content) {
  L.popup(POPUP).setLatLng(where).setContent(content).openOn(map);
}

// --- layers ---

function badge(element, options) {
  const icon = L.divIcon({ html: element, className: "badge", iconSize: [0, 0] });
  return L.marker(options.at, { icon, keyboard: options.keyboard ?? true, interactive: true, zIndexOffset: options.above || 0, title: options.title, riseOnHover: true });
}
function redraw() {
  if (cellLayer) cellLayer.off();
  map.eachLayer((layer) => layer instanceof L.Renderer || map.removeLayer(layer));
  const small = map.getSize().x < 600; // a phone
  const on = view.layers, shown = (t_) => view.type < 0 || view.type === t_;
  cellLayer = new ManyShapes(SHAPES.cells, { opacity: 0.86 }).paint(colourOf).addTo(map);
  cellLayer.on("click", (e) => {
    const s = cellLayer.shapeAt(map.latLngToLayerPoint(e.latlng));
    if (s >= 0) openAt(e.latlng, cellPopup(s));
  });
  if (on.streets && SHAPES.streets)
    new ManyShapes(SHAPES.streets, { interactive: false, closed: false, weight: 0.7, opacity: 0.42 }).paint(() => "#4d4a45").addTo(map);
  if (on.communities) F.communities.forEach((c, k) => {
    const rings = communityRings(k);
    L.polygon(rings, { fill: false, color: "#fff", weight: 4, opacity: 0.8, interactive: false }).addTo(map);
    L.polygon(rings, { fill: false, color: "#3b3733", weight: 1.6, dashArray: "7 4", interactive: false }).addTo(map);
    const tag = el("div.community-tag", { "aria-label": communityName(k) }, el("span", null, communityName(k)),
      isNumber(c.commercial_share_after) && isNumber(c.required) && el("small", null, share(c.commercial_share_after, 1)));
    badge(tag, { at: latLng(GEO.communities.label[2 * k], GEO.communities.label[2 * k + 1]), keyboard: false })
      .on("click", (e) => openAt(e.latlng, communityPopup(k))).addTo(map);
  });
  GEO.sites.id.forEach((_, j) => {
    if (on.candidates && GEO.sites.kind[j] !== "existing_outlet" && !CHOSEN.has(j))
      L.circleMarker(siteLatLng(j), { radius: 3.5, color: "#37332f", weight: 1.2, fillColor: "#fff", fillOpacity: 0.9 })
        .on("click", (e) => { L.DomEvent.stop(e); openAt(siteLatLng(j), sitePopup(j)); }).addTo(map);
  });
  if (on.existing) GEO.sites.standing.forEach((types, j) => types.filter(shown).forEach((k) => {
    new ShapeMarker(siteLatLng(j), { shape: F.types[k].shape, radius: small ? 3 : 4.6, color: F.types[k].colour, weight: small ? 1.3 : 1.8, fillColor: "#fff", fillOpacity: 1 })
      .on("click", (e) => { L.DomEvent.stop(e); openAt(siteLatLng(j), sitePopup(j)); }).addTo(map);
  }));
  if (on.chosen) for (const [j, all] of CHOSEN) {
    const outlets = all.filter((o) => shown(o.type));
    if (!outlets.length) continue;
    const label = outlets.map((o) => o.n + " " + typeName(o.type)).join(t("list_comma"));
    const mark = el("div.outlet-mark", { "aria-label": siteName(j) + ": " + label },
      el("div.symbols", null, outlets.map((o) => symbol(o.type, { size: small ? 22 : 27, label: o.n }))),
      on.labels && el("div.outlet-label", null, outlets.map((o) => typeName(o.type)).join(t("list_comma"))));
    badge(mark, { at: siteLatLng(j), above: 1000, title: siteName(j) })
      .on("click", () => openAt(siteLatLng(j), chosenPopup(j)))
      .on("keypress", (e) => e.originalEvent.key === "Enter" && openAt(siteLatLng(j), chosenPopup(j))).addTo(map);
  }
  spreadLabels();
}
/** Names that would run into each other step aside: below the symbol, else above it, else not at all. */
function spreadLabels() {
  const box = (node) => node.getBoundingClientRect();
  const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const pane = map.getPane("markerPane"), taken = [...pane.querySelectorAll(".symbols")].map((n) => ({ node: n, box: box(n) }));
  const free = (node) => {
    const mine = box(node), own = node.parentNode.querySelector(".symbols");
    return !taken.some((other) => other.node !== own && meets(mine, other.box));
  };
  for (const label of pane.querySelectorAll(".outlet-label, .community-tag")) label.classList.remove("above", "crowded");
  for (const label of pane.querySelectorAll(".outlet-label")) {
    if (!free(label)) { label.classList.add("above"); if (!free(label)) label.classList.add("crowded"); }
    if (!label.classList.contains("crowded")) taken.push({ node: label, box: box(label) });
  }
  for (const tag of pane.querySelectorAll(".community-tag")) {
    if (free(tag)) taken.push({ node: tag, box: box(tag) }); else tag.classList.add("crowded");
  }
}
function communityRings(k) {
  return GEO.communities.rings[k].map((steps) => {
    const ring = [];
    for (let i = 0, x = 0, y = 0; i < steps.length; i += 2) ring.push(latLng((x += steps[i]), (y += steps[i + 1])));
    return ring;
  });
}

// --- frame, controls, legend ---

function wholeArea() {
  const bounds = L.latLngBounds([]);
  const { xy } = SHAPES.cells;
  let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
  for (let k = 0; k < xy.length; k += 2) {
    if (xy[k] < x0) x0 = xy[k]; if (xy[k] > x1) x1 = xy[k];
    if (xy[k + 1] < y0) y0 = xy[k + 1]; if (xy[k + 1] > y1) y1 = xy[k + 1];
  }
  const back = (x, y) => [(Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, (x - 0.5) * 360];
  if (x1 >= x0) bounds.extend(back(x0, y0)).extend(back(x1, y1));
  for (const j of CHOSEN.keys()) bounds.extend(siteLatLng(j));
  if (!bounds.isValid()) GEO.sites.id.forEach((_, j) => bounds.extend(siteLatLng(j)));
  return bounds.isValid() ? bounds : L.latLngBounds(latLng(-1e4, -1e4), latLng(1e4, 1e4));
}
function drawMap(holder) {
  if (map) { view.center = map.getCenter(); view.zoom = map.getZoom(); map.remove(); }
  map = L.map(holder, { renderer: L.canvas({ padding: 0.3, tolerance: 4 }), attributionControl: false, zoomControl: false,
    zoomSnap: 0.25, zoomDelta: 0.75, maxZoom: 20, minZoom: 3, scrollWheelZoom: false, boxZoom: true });
  L.control.zoom({ zoomInTitle: t("map_zoom_in"), zoomOutTitle: t("map_zoom_out") }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  map.on("popupopen", (e) => {
    const close = e.popup.getElement().querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", t("map_close"));
  });
  // The wheel scrolls the page until the reader has clicked into the map.
  map.on("click focus", () => map.scrollWheelZoom.enable());
  map.on("mouseout blur", () => map.scrollWheelZoom.disable());
  if (view.center) map.setView(view.center, view.zoom, { animate: false });
  else map.fitBounds(wholeArea(), { padding: [18, 18], animate: false });
  map.on("zoomend", spreadLabels);
  map.setMaxBounds(wholeArea().pad(1.5));
  redraw();
}

/** Paper is narrower than the screen: the map is drawn anew at the paper's width, showing the same ground. */
function resizeMap(className, on) {
  const bounds = map.getBounds();
  map.getContainer().classList.toggle(className, on);
  map.invalidateSize({ animate: false });
  map.fitBounds(bounds, { animate: false });
}
function mapSection() {
  const holder = el("div.map", { role: "region", "aria-label": t("map_label"), id: "map" });
  const legend = el("div.legend", { "aria-live": "polite" });
  const update = () => { redraw(); legend.replaceChildren(...legendParts()); };
  const colours = [["after", "map_view_after"], ["before", "map_view_before"], ["gain", "map_view_gain"], ["people", "map_view_people"], ["none", "map_view_none"]]
    .filter(([key]) => F.has_plan || (key !== "after" && key !== "gain"));
  const radios = colours.map(([key, word]) => el("label.choice", null,
    el("input", { type: "radio", name: "colour", value: key, checked: view.colour === key, onchange: () => { view.colour = key; update(); } }),
    el("span", null, t(word))));
  const select = el("select", { id: "which", onchange: (e) => { view.type = Number(e.target.value); update(); } },
    el("option", { value: -1, selected: view.type < 0 }, t("map_all_types")),
    F.types.map((_, k) => el("option", { value: k, selected: view.type === k }, typeName(k))));
  const layers = Object.keys(view.layers)
    .filter((key) => (key !== "streets" || SHAPES.streets) && (key !== "communities" || F.communities.length) && (F.outlets.length || (key !== "chosen" && key !== "labels")))
    .map((key) => el("label.choice", null,
      el("input", { type: "checkbox", name: "layer-" + key, checked: view.layers[key], onchange: (e) => { view.layers[key] = e.target.checked; update(); } }),
      el("span", null, t("layer_" + key))));
  const panel = el("div.map-panel", null,
    el("fieldset", null, el("legend", null, t("map_colour")), radios),
    el("label.which", { for: "which" }, el("span", null, t("map_which")), select),
    el("fieldset", null, el("legend", null, t("map_layers")), layers),
    el("button.small", { type: "button", onclick: () => map.fitBounds(wholeArea(), { padding: [18, 18] }) }, t("map_whole")));
  legend.append(...legendParts());
  const section = el("section", { id: "s-map", "aria-labelledby": "h-map" }, el("h2", { id: "h-map" }, t("nav_map")),
    el("p.quiet", null, F.outlets.length ? t("map_hint") : t("map_empty_cells")),
    el("div.map-frame", null, holder, panel), legend,
    el("p.quiet.small-print", null, GEO.cells.tile_m ? t("map_tiles_note", { m: num(GEO.cells.tile_m) }) + " " : "", F.outlets.length ? t("map_empty_cells") + " " : "",
      F.attribution.length ? t("map_attribution", { sources: F.attribution.join("; ") }) : ""));
  return { section, start: () => drawMap(holder) };
}

function swatch(colour, text) {
  const box = svg("svg", { width: 18, height: 14, "aria-hidden": "true" }, svg("rect", { x: 0.5, y: 0.5, width: 17, height: 13, rx: 2, fill: colour, stroke: "#0003" }));
  return el("span.key", null, box, text);
}
function cellLegend() {
  const C = F.colours, n = F.types.length;
  if (view.colour === "none") return null;
  if (view.colour === "people") {
    const edges = [0, ...PEOPLE_STEPS];
    return [t("legend_people"), edges.map((low, k) => swatch(peopleColour(k), k === 0 ? `< ${num(edges[1] ?? 1)}` : k < edges.length - 1 ? `${num(low)}–${num(edges[k + 1])}` : `≥ ${num(low)}`))];
  }
  if (view.type >= 0) {
    const limit = num(F.types[view.type].limit, 1);
    const keys = view.colour === "gain" ? [[C.gained, "legend_gained"], [C.no_gain, "no_change"]]
      : view.colour === "before" ? [[C.today, "legend_today"], [C.missing, "legend_missing"]]
      : [[C.today, "legend_today"], [C.gained, "legend_gained"], [C.missing, "legend_missing"]];
    return [typeName(view.type) + " · " + t("card_within", { limit }), keys.map(([colour, word]) => swatch(colour, t(word)))];
  }
  if (view.colour === "gain")
    return [t("legend_types_gained"), [swatch(C.no_gain, t("no_change")), C.gain.map((c, k) => swatch(c, "+" + (k + 1)))]];
  return [t("legend_types_within"), [swatch(C.missing, t("legend_none")),
    C.count.map((c, k) => swatch(c, k + 1 === n ? t("legend_all", { n }) : k + 1))]];
}
function legendParts() {
  const groups = [cellLegend()];
  if (F.outlets.length && view.layers.chosen)
    groups.push([t("legend_new"), F.types.map((type, k) => type.opened && (view.type < 0 || view.type === k) ? el("span.key", null, symbol(k, { size: 18 }), typeName(k)) : null)]);
  if (view.layers.existing && F.types.some((type) => type.standing))
    groups.push([t("legend_existing"), F.types.map((type, k) => type.standing && (view.type < 0 || view.type === k) ? el("span.key", null, symbol(k, { size: 15, hollow: true }), typeName(k)) : null)]);
  const lines = [];
  if (view.layers.candidates)
    lines.push(el("span.key", null, svg("svg", { width: 12, height: 12, "aria-hidden": "true" }, svg("circle", { cx: 6, cy: 6, r: 4, fill: "#fff", stroke: "#37332f", "stroke-width": 1.3 })), t("legend_candidate")));
  if (view.layers.communities && F.communities.length)
    lines.push(el("span.key", null, svg("svg", { width: 26, height: 10, "aria-hidden": "true" }, svg("line", { x1: 0, x2: 26, y1: 5, y2: 5, stroke: "#3b3733", "stroke-width": 1.8, "stroke-dasharray": "7 4" })), t("legend_community")));
  if (lines.length) groups.push(["", lines]);
  return groups.filter(Boolean).map(([title, keys]) => el("div.legend-group", null, title && el("strong", null, title), keys));
}
