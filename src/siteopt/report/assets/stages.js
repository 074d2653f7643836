// Phases, pilots and goals: shown only where a plan has them.
"use strict";

function phaseTable() {
  const P = F.phases;
  if (!P) return null;
  const limit = t(P.least ? "phases_at_least" : "phases_at_most");
  const asked = P.rows.some((r) => isNumber(r.reached));
  const columns = [
    { title: t("col_phase"), value: (r) => r.name, wide: true },
    P.rows.some((r) => isNumber(r.months)) && { title: t("col_months"), value: (r) => r.months, show: (r) => num(r.months, 1), number: true },
    { title: t("col_cost", { currency: currency() }), value: (r) => r.cost, show: (r) => num(r.cost), number: true },
    { title: t("col_phase_opened"), value: (r) => r.opened, number: true },
    ...(P.sources.length > 1 ? P.sources.map((source) => ({ title: t("col_paid_by", { source, currency: currency() }), number: true,
      value: (r) => r.cost_by_source[source], show: (r) => num(r.cost_by_source[source]) })) : []),
    ...F.types.map((type, k) => ({ title: t("col_within", { type: typeName(k) }), number: true, value: (r) => r.people[type.id], show: (r) => people(r.people[type.id]) })),
  ].filter(Boolean);
  const waiting = [
    { title: t("col_phase"), value: (r) => r.name, wide: true },
    { title: t("col_reached"), value: (r) => r.reached, show: (r) => amount(r.reached, P.unit), number: true },
    { title: limit, value: (r) => r.at_most, show: (r) => amount(r.at_most, P.unit), number: true }];
  return section("phases", "nav_phases", P.waiting && el("p", null, el("strong", null, pick(P.waiting))),
    table(columns, P.rows, { caption: t("nav_phases"), sortable: false }),
    asked && el("h3", null, t("phases_compare")),
    asked && table(waiting, P.rows, { caption: limit, sortable: false }),
    el("p.quiet.small-print", null, t("phases_note", { limit })));
}

function pilotTable() {
  if (!F.pilots.length) return null;
  return section("pilots", "nav_pilots", table([
    { title: t("col_community"), value: (p) => pick(p.community), wide: true },
    { title: t("col_grade"), value: (p) => coded("pilot_grade_", p.grade) },
    { title: t("col_basic_types"), value: (p) => p.basic, number: true },
    { title: t("col_quality_types"), value: (p) => p.quality, number: true }], F.pilots, { caption: t("nav_pilots") }),
    el("p.quiet.small-print", null, t("pilots_note")));
}

/** A goal's name; one that comes a second time carries its number. */
const goalName = (g) => coded("goal_", g.objective) + (g.name === g.objective ? "" : g.name.slice(g.objective.length));

function goalTable() {
  const goals = F.sure.goals;
  if (!F.has_plan || goals.length < 2) return null;
  const taken = goals.some((g) => g.tolerance > 0);
  return section("goals", "nav_goals", table([
    { title: t("col_goal"), value: goalName, wide: true },
    taken && { title: t("col_in_turn"), value: (g) => g.in_turn, show: (g) => amount(g.in_turn, g.counted_as), number: true },
    taken && { title: t("col_tolerance"), value: (g) => g.tolerance, show: (g) => (isNumber(g.tolerance) ? share(g.tolerance) : "—"), number: true },
    { title: t(taken ? "col_at_end" : "col_value"), value: (g) => g.value, show: (g) => amount(g.value, g.counted_as), number: true },
    { title: t("col_bound"), value: (g) => g.bound, show: (g) => amount(g.bound, g.counted_as), number: true },
    { title: t("col_how_sure"), value: (g) => (g.status ? t("status_short_" + g.status) : t(g.part ? "goal_part" : "goal_not_sought")) }].filter(Boolean), goals, { caption: t("nav_goals"), sortable: false }),
    el("p.quiet.small-print", null, t("goals_note", { bound: t("col_bound") })));
}
