// The page itself, section by section; drawn again from nothing when the language changes.
"use strict";

const section = (id, word, ...children) =>
  el("section", { id: "s-" + id, "aria-labelledby": "h-" + id }, el("h2", { id: "h-" + id }, t(word)), children);

// --- 1 the answer ---

function statusWord() {
  const s = F.sure;
  if (s.status === "proven") return s.exact ? t("status_proven") : t("status_proven_within", { gap: s.gap });
  if (s.status === "best_found") return isNumber(s.bound) ? t("status_best_found", { gap: s.gap }) : t("status_best_found_no_bound");
  return t("status_" + s.status);
}
function head() {
  const tools = el("div.tools", null,
    el("button", { type: "button", id: "language", lang: page.language === "zh" ? "en" : "zh-CN", "aria-label": t("switch_language_label"), onclick: switchLanguage }, t("switch_language")),
    el("button", { type: "button", onclick: () => window.print() }, t("print")));
  return el("header.top", null, el("div.top-line", null, el("span.kicker", null, t("report_kicker")), tools),
    el("h1", null, pick(F.title)),
    F.banners.map((b) => el("p.banner." + b.kind, { role: "note" }, pick(b.text))));
}
function answer() {
  const failed = !F.has_plan;
  return el("div.answer" + (failed ? ".failed" : ""), { id: "answer" },
    el("p.lead", null, pick(F.headline)),
    F.second_line && el("p.second", null, pick(F.second_line)),
    el("p.proof", null, el("span.status." + F.sure.status, null, statusWord()), " ", pick(F.proof_sentence)),
    F.diagnosis && diagnosis(F.diagnosis));
}
function diagnosis(d) {
  const list = (title, entries, kind) => entries.length > 0 && [el("p", null, el("strong", null, title)),
    el(kind, null, entries.map((s) => el("li", null, pick(s))))];
  return el("div.diagnosis", null,
    list(t("audit_title"), d.outlooks, "ul"),
    d.rules.length ? [el("p", null, el("strong", null, pick(d.intro))),
      el("ul", null, d.rules.map((r) => el("li", null, el("strong", null, pick(r.title)), " ", el("span.quiet", null, pick(r.sentence)))))] : el("p", null, t("clash_unknown")),
    d.none_alone && el("p", null, pick(d.none_alone)),
    list(t("repairs_title"), d.repairs, "ol"),
    d.not_all_tried && el("p.quiet", null, pick(d.not_all_tried)),
    list(t("clash_ways"), d.shortfalls, "ul"),
    d.notes.map((s) => el("p.quiet", null, pick(s))));
}

// --- 2 key figures ---

function bars(before, after, total) {
  const width = (v) => Math.max(0, Math.min(100, total > 0 ? (100 * v) / total : 0));
  const bar = (label, value, className) => el("div.bar-line", null, el("span.bar-label", null, label),
    el("span.bar", null, barFill(width(value), className)), el("span.bar-value", null, people(value), el("small", null, " " + share(total > 0 ? value / total : null))));
  return el("div.bars", null, bar(t("today"), before, "before"), F.has_plan && bar(t("planned"), after, "after"));
}
function barFill(percent, className) {
  const node = el("span.fill." + className);
  node.style.width = percent.toFixed(2) + "%";
  return node;
}
function change(before, after, lessIsBetter) {
  if (!F.has_plan) return null;
  const d = Math.floor(after + 0.5) - Math.floor(before + 0.5);
  if (!d) return el("span.change", null, t("no_change"));
  return el("span.change" + ((d > 0) !== !!lessIsBetter ? ".good" : ".bad"), null, (d > 0 ? "+" : "−") + num(Math.abs(d)));
}
function peopleCard(title, note, before, after, lessIsBetter, mark) {
  return el("article.card" + (lessIsBetter ? ".less" : ""), null, el("h3", null, mark, title, change(before, after, lessIsBetter)),
    bars(before, after, F.figures.total[0]), el("p.quiet", null, note));
}
function plainCard(title, big, ...notes) {
  return el("article.card.plain", null, el("h3", null, title), el("p.big", null, big), notes.filter(Boolean).map((n) => el("p.quiet", null, n)));
}
function keyFigures() {
  const G = F.figures, S = F.sure;
  const top = [];
  if (F.has_plan) {
    top.push(plainCard(t("card_opened"), num(G.opened), t("card_opened_note", { sites: num(G.spaces) })));
    const budgetBar = isNumber(G.budget) && G.budget > 0 && el("span.bar.budget", null, barFill(Math.min(100, (100 * G.cost) / G.budget), "money"));
    top.push(plainCard(t("card_money"), money(G.cost), budgetBar,
      isNumber(G.budget) ? [t("card_money_of", { budget: money(G.budget) }), " · ", t("card_money_left", { left: money(G.budget - G.cost) })] : t("card_money_no_budget")));
  }
  top.push(plainCard(t("card_certainty"), statusWord(), F.has_plan && S.engine));
  if (G.checks) top.push(plainCard(t("card_rules"), G.failing ? t("card_rules_some", { bad: G.failing, n: G.checks }) : G.checks === G.unchecked ? t("not_checked") : t("card_rules_all", { n: G.checks - G.unchecked }),
    G.unchecked > 0 && t("card_rules_unchecked", { n: G.unchecked })));
  const reach = [], whole = [];
  if (G.basic) whole.push(peopleCard(t("card_complete"), t("card_complete_note", { n: G.basic }) + " · " + t("of_total", { total: people(G.total[0]) }), G.complete.before[0], G.complete.after[0], false));
  whole.push(peopleCard(t("card_nothing"), t("card_nothing_note") + " · " + t("of_total", { total: people(G.total[0]) }), G.nothing.before[0], G.nothing.after[0], true));
  F.types.forEach((type, k) => reach.push(peopleCard(typeName(k),
    t("card_within", { limit: num(type.limit, 1) }) + " · " + t("of_total", { total: people(G.total[0]) }), type.before[0], type.after[0], false, symbol(k, { size: 17 }))));
  return section("figures", "nav_figures", el("div.cards.few", null, top), el("div.cards.whole", null, whole), el("div.cards", null, reach));
}

// --- 4 tables ---

function outletTable() {
  if (!F.has_plan) return null;
  const rows = F.outlets.map((o, k) => ({ ...o, n: k + 1 }));
  const periods = rows.some((r) => r.period), places = rows.some((r) => GEO.sites.community[r.site] >= 0);
  const columns = [
    { title: t("col_n"), value: (r) => r.n, show: (r) => el("span.numbered", null, symbol(r.type, { size: 30, label: r.n })) },
    { title: t("col_space"), value: (r) => siteName(r.site), show: (r) => [siteName(r.site), GEO.sites.name[r.site] && el("small", null, GEO.sites.id[r.site])], wide: true },
    { title: t("col_kind"), value: (r) => coded("kind_", GEO.sites.kind[r.site]) },
    { title: t("col_outlet"), value: (r) => typeName(r.type) },
    places && { title: t("col_community"), value: (r) => communityName(GEO.sites.community[r.site]) },
    periods && { title: t("col_period"), value: (r) => r.period },
    { title: t("col_outlet_area"), value: (r) => r.area, show: (r) => num(r.area, 1), number: true },
    { title: t("col_cost", { currency: currency() }), value: (r) => r.cost, show: (r) => num(r.cost), number: true },
    { title: t("col_newly"), value: (r) => r.newly, show: (r) => people(r.newly), number: true },
    { title: t("col_only"), value: (r) => r.only, show: (r) => people(r.only), number: true },
  ].filter(Boolean);
  const foot = columns.map((c, k) => (k === 0 ? t("sum") : c.title === t("col_cost", { currency: currency() }) ? num(F.figures.cost)
    : c.title === t("col_outlet_area") ? num(rows.reduce((a, r) => a + r.area, 0), 1) : ""));
  return section("outlets", "nav_outlets", rows.length
    ? [table(columns, rows, { caption: t("nav_outlets"), foot }), el("p.quiet.small-print", null, t("sort_hint") + " " + t("outlets_note"))]
    : el("p", null, t("no_outlets")));
}

function coverageColumns(first) {
  return [...first,
    { title: t("col_total"), value: (r) => r.total, show: (r) => people(r.total), number: true },
    { title: t("col_before"), value: (r) => r.before, show: (r) => people(r.before), number: true },
    { title: t("col_share_before"), value: (r) => r.before / r.total, show: (r) => share(r.total ? r.before / r.total : null), number: true },
    ...(F.has_plan ? [
      { title: t("col_after"), value: (r) => r.after, show: (r) => people(r.after), number: true },
      { title: t("col_share_after"), value: (r) => r.after / r.total, show: (r) => share(r.total ? r.after / r.total : null), number: true },
      { title: t("col_gain"), value: (r) => r.after - r.before, show: (r) => signed(r.after - r.before), number: true }] : [])];
}
const signed = (v) => { const n = Math.floor(Math.abs(v) + 0.5); return n ? (v > 0 ? "+" : "−") + num(n) : "0"; };
function coverageRows(g) {
  const G = F.figures, total = G.total[g];
  const rows = F.types.map((type, k) => ({ name: typeName(k), type: k, limit: type.limit, opened: type.opened, standing: type.standing, total, before: type.before[g], after: type.after[g] }));
  if (G.basic) rows.push({ name: t("complete_row"), total, before: G.complete.before[g], after: G.complete.after[g] });
  rows.push({ name: t("nothing_row"), total, before: G.nothing.before[g], after: G.nothing.after[g] });
  return rows.map((r) => ({ ...r, group: F.groups[g] }));
}
function coverage() {
  const name = { title: t("col_type"), value: (r) => r.name, show: (r) => [r.type !== undefined && symbol(r.type, { size: 15 }), " ", r.name], wide: true };
  const byType = table(coverageColumns([name,
    { title: t("col_limit"), value: (r) => r.limit ?? null, show: (r) => (r.limit ? num(r.limit, 1) : ""), number: true },
    { title: t("col_standing"), value: (r) => r.standing ?? null, show: (r) => (r.standing === undefined ? "" : num(r.standing)), number: true },
    ...(F.has_plan ? [{ title: t("col_opened"), value: (r) => r.opened ?? null, show: (r) => (r.opened === undefined ? "" : num(r.opened)), number: true }] : [])]),
    coverageRows(0), { caption: t("coverage_by_type") });
  const parts = [el("p.quiet", null, t("coverage_note")), el("h3", null, t("coverage_by_type")), byType];
  if (F.groups.length > 1) {
    const group = { title: t("col_group"), value: (r) => groupName(r.group) };
    parts.push(el("h3", null, t("coverage_by_group")),
      table(coverageColumns([name, group]), coverageRows(0).flatMap((_, k) => F.groups.map((_g, g) => coverageRows(g)[k])), { caption: t("coverage_by_group") }));
  }
  if (F.communities.length) {
    const columns = [{ title: t("col_community"), value: (c) => c.name || c.id, wide: true },
      { title: t("col_people"), value: (c) => c.people[F.groups[0]], show: (c) => people(c.people[F.groups[0]]), number: true },
      ...F.types.map((type, k) => ({ title: typeName(k), number: true, value: (c) => c.coverage[type.id].share_after,
        show: (c) => { const x = c.coverage[type.id]; return F.has_plan ? [el("small", null, share(x.share_before, 0) + " → "), share(x.share_after, 0)] : share(x.share_before, 0); } }))];
    parts.push(el("h3", null, t("coverage_by_community")), table(columns, F.communities, { caption: t("coverage_by_community") }));
  }
  return section("coverage", "nav_coverage", parts);
}

function communities() {
  if (!F.communities.length) return null;
  const afterwards = [t("col_commercial_added"), t("col_commercial_share_after")];
  const columns = [
    { title: t("col_community"), value: (c) => c.name || c.id, show: (c) => [c.name || c.id, c.name && c.name !== c.id && el("small", null, c.id)], wide: true },
    { title: t("col_age"), value: (c) => coded("age_", c.age_class) },
    { title: t("col_commercial_before"), value: (c) => c.commercial_area_before_m2, show: (c) => num(c.commercial_area_before_m2), number: true },
    { title: t("col_commercial_added"), value: (c) => c.commercial_area_after_m2 - c.commercial_area_before_m2, show: (c) => num(c.commercial_area_after_m2 - c.commercial_area_before_m2), number: true },
    { title: t(F.has_plan ? "col_floor" : "col_floor_today"), value: (c) => c.floor_area_after_m2, show: (c) => (isNumber(c.floor_area_after_m2) ? num(c.floor_area_after_m2) : t("not_known")), number: true },
    { title: t("col_commercial_share_before"), value: (c) => c.commercial_share_before, show: (c) => share(c.commercial_share_before, 2), number: true },
    { title: t("col_commercial_share_after"), value: (c) => c.commercial_share_after, show: (c) => share(c.commercial_share_after, 2), number: true },
    { title: t("col_required"), value: (c) => c.required, show: (c) => (isNumber(c.required) ? t("sense_" + c.sense) + " " + share(c.required, 2) : t("none")), number: true },
    { title: t("col_verdict"), value: verdictRank, show: verdictOf },
  ].filter((c) => F.has_plan || !afterwards.includes(c.title));
  return section("communities", "nav_communities",
    table(columns, F.communities, { caption: t("nav_communities") }),
    F.definitions && el("div.box", null, el("h3", null, t("definitions")), F.definitions.lines.map((line) => el("p", null, pick(line))),
      F.definitions.rules.map((rule) => [el("p", null, el("strong", null, pick(rule.title)), " — ", pick(rule.sentence)), ruleFormula(rule)])));
}
const verdictRank = (c) => (!isNumber(c.required) ? 3 : !isNumber(c.shortfall_m2) ? 1 : c.shortfall_m2 > 0 ? 0 : 2);
function verdictOf(c) {
  if (!isNumber(c.required)) return el("span.quiet.mark", null, t("not_bound"));
  return c.shortfall_m2 > 0
    ? [mark("fails"), el("small", null, " " + (c.sense === "le" ? "+" : "−") + num(c.shortfall_m2, 1) + " m²")]
    : mark(isNumber(c.shortfall_m2) ? "holds" : "not_checked");
}
const SIGNS = { holds: ["✓ ", ".good"], fails: ["✗ ", ".bad"], not_checked: ["? ", ".unknown"] };
/** An outcome in words; a check that could not be made is neither kept nor broken. */
const mark = (outcome) => el("span.mark" + SIGNS[outcome][1], null, SIGNS[outcome][0] + t(outcome));
function ruleFormula(rule) {
  return el("p.formula", null, rule.formula && [el("span.quiet", null, t("rule_formula") + ": "), el("code", null, rule.formula), " "],
    rule.params.length > 0 && [el("span.quiet", null, t("rule_params") + ": "), el("code", null, rule.params.map(([k, v]) => k + " = " + v).join("; "))]);
}

function rules() {
  if (!F.rules.length) return section("rules", "nav_rules", el("p", null, t("rules_none")));
  return section("rules", "nav_rules", F.has_plan && el("p.quiet", null, t("rules_intro")), F.rules.map((rule) => {
    const columns = [
      { title: t("col_subject"), value: (v) => pick(v.subject), wide: true },
      { title: t("col_need"), value: (v) => v.need, show: (v) => (isNumber(v.need) ? t("sense_" + v.sense) + " " + amount(v.need, v.unit) : t("none")), number: true },
      { title: t("col_got"), value: (v) => v.got, show: (v) => (v.outcome === "not_checked" ? t("none") : amount(v.got, v.unit)), number: true },
      { title: t("col_verdict"), value: (v) => Object.keys(SIGNS).indexOf(v.outcome), show: (v) => mark(v.outcome) },
      rule.checks.some((v) => v.why) && { title: t("acc_note"), value: (v) => pick(v.why), wide: true }].filter(Boolean);
    const state = !F.has_plan && !rule.n ? null : !rule.n ? el("span.quiet", null, t("rule_no_checks"))
      : rule.failing ? el("span.mark.bad", null, "✗ " + t("rule_count_bad", { bad: rule.failing, n: rule.n }))
      : rule.unchecked ? el("span.mark.unknown", null, "? " + (rule.n === 1 ? t("not_checked") : t("rule_count_unchecked", { bad: rule.unchecked, n: rule.n })))
      : el("span.mark.good", null, "✓ " + (rule.n === 1 ? t("holds") : t("rule_count", { n: rule.n })));
    const only = rule.n === 1 && !rule.failing && !rule.unchecked ? rule.checks[0] : null;
    return el("details.rule", { open: rule.failing + rule.unchecked > 0 }, el("summary", null, el("strong", null, pick(rule.title)),
      pick(rule.about) && el("span.quiet.only", null, pick(rule.about)), " ", state,
      only && el("span.quiet.only", null, amount(only.got, only.unit) + " · " + t("sense_" + only.sense) + " " + amount(only.need, only.unit))),
      el("p", null, pick(rule.sentence)), ruleFormula(rule),
      rule.checks.length > 0 && table(columns, rule.checks, { caption: pick(rule.title) }),
      rule.n > rule.checks.length && el("p.quiet", null, t("rule_more", { n: num(rule.n - rule.checks.length) })));
  }));
}

function remarks() {
  const columns = [
    { title: t("col_severity"), value: (f) => ["error", "warning", "info"].indexOf(f.severity), show: (f) => t("severity_" + f.severity) },
    { title: t("col_finding"), value: (f) => pick(f.text), wide: true },
    { title: t("col_where"), value: (f) => f.where }];
  return section("notes", "nav_notes",
    F.notes.length > 0 && el("div.box", null, el("h3", null, t("scenario_notes")), el("ul", null, F.notes.map((n) => el("li", null, pick(n))))),
    F.findings.length ? [el("p.quiet", null, t("notes_intro")), table(columns, F.findings, { caption: t("nav_notes") })] : el("p", null, t("notes_none")),
    F.inputs.length > 0 && el("details", null, el("summary", null, t("inputs_title")), table([
      { title: t("col_file"), value: (i) => i.file, wide: true }, { title: t("col_rows"), value: (i) => i.rows, show: (i) => num(i.rows), number: true },
      { title: "SHA-256", value: (i) => i.sha256, show: (i) => el("code", null, String(i.sha256 || "").slice(0, 16)) }], F.inputs, { caption: t("inputs_title") })));
}

// --- 5 how sure ---

function sure() {
  const S = F.sure, unit = S.unit;
  const rows = [[t("sure_question"), [pick(S.question), S.formula && el("p.formula", null, el("code", null, S.formula))]], [t("sure_answer"), [el("span.status." + S.status, null, statusWord()), " ", pick(F.proof_sentence)]]];
  if (F.has_plan) {
    rows.push([t("sure_value"), [amount(S.value, unit), S.services && el("p.quiet", null, pick(S.services)), S.group_weights && el("p.quiet", null, pick(S.group_weights))]]);
    if (isNumber(S.bound)) {
      rows.push([t(S.least ? "sure_bound_min" : "sure_bound"), amount(S.bound, unit)]);
      rows.push([t("sure_gap"), S.exact ? t("sure_gap_none") : pick(S.gap_amount) + " (" + S.gap + ")"]);
    }
  }
  if (S.engine) rows.push([t("sure_engine"), S.engine], [t("sure_seconds"), isNumber(S.seconds) ? t("sure_seconds_value", { s: num(S.seconds, 2) }) : ""]);
  if (S.stopped) rows.push([t("sure_stopped"), coded("stopped_", S.stopped)]);
  rows.push([t("sure_minutes"), [pick(S.walking), " ", t("sure_crs", { crs: F.sure.crs })]], ["", t("sure_edge")], ["", t("sure_people")],
    [t("sure_illustrative"), S.illustrative ? pick(S.illustrative) : t("sure_illustrative_none")], [t("sure_audit"), t("sure_audit_text")]);
  return section("sure", "nav_sure", el("dl.sure", null, rows.filter(([, v]) => v !== "").map(([k, v]) => [el("dt", null, k), el("dd", null, v)])));
}

// --- all of it ---

function draw() {
  document.documentElement.lang = page.language === "zh" ? "zh-CN" : "en";
  document.title = pick(F.title);
  const { section: mapPart, start } = mapSection();
  const parts = [keyFigures(), mapPart, outletTable(), phaseTable(), pilotTable(), coverage(), communities(), rules(), acceptanceSheet(), remarks(), sure(), goalTable()].filter(Boolean);
  const nav = el("nav", { "aria-label": t("report_kicker") }, el("ul", null, parts.map((s) => el("li", null, el("a", { href: "#" + s.id }, s.querySelector("h2").textContent)))));
  document.getElementById("page").replaceChildren(el("a.skip", { href: "#answer" }, t("skip")), head(), el("main", null, answer(), nav, parts),
    el("footer", null, t("made_by", { version: F.version })));
  start();
}
function switchLanguage() {
  page.language = page.language === "zh" ? "en" : "zh";
  draw();
  document.getElementById("language").focus();
}
window.addEventListener("beforeprint", () => {
  document.querySelectorAll("details").forEach((d) => d.setAttribute("open", ""));
  resizeMap("printing", true);
});
window.addEventListener("afterprint", () => resizeMap("printing", false));
draw();
document.documentElement.dataset.ready = "yes";
