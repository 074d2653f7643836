// The acceptance sheet: item by item, the worst line first.
"use strict";

const ACC_SIGNS = { not_met: ["✗ ", ".bad"], not_checked: ["? ", ".unknown"], met: ["✓ ", ".good"], not_asked: ["", ".quiet"] };
const accMark = (verdict) => el("span.mark" + ACC_SIGNS[verdict][1], null, ACC_SIGNS[verdict][0] + t("acc_" + verdict));

/** What an item comes to, in a few words. */
function accState(item) {
  if (!item.asked) return el("span.quiet", null, t("acc_measured_only"));
  if (item.asked === 1) return accMark(item.verdict);
  const count = { n: item.asked, met: item.met, open: item.not_checked, bad: item.not_met };
  const key = item.not_met ? "acc_count_bad" : item.not_checked ? "acc_count_unchecked" : "acc_count";
  return el("span.mark" + ACC_SIGNS[item.verdict][1], null, ACC_SIGNS[item.verdict][0] + t(key, count));
}
function accTable(item) {
  const target = (l) => (isNumber(l.target) ? t("sense_" + l.sense) + " " + amount(l.target, l.unit) : "");
  const columns = [
    { title: t("acc_subject"), value: (l) => pick(l.subject), wide: true },
    { title: t("acc_value"), value: (l) => l.value, show: (l) => amount(l.value, l.unit), number: true },
    item.asked > 0 && { title: t("acc_target"), value: (l) => l.target, show: target, number: true },
    { title: t("acc_verdict"), value: (l) => Object.keys(ACC_SIGNS).indexOf(l.verdict), show: (l) => accMark(l.verdict) },
    { title: t("acc_source"), value: (l) => pick(l.source), wide: true },
    item.lines.some((l) => pick(l.note)) && { title: t("acc_note"), value: (l) => pick(l.note), wide: true },
  ].filter(Boolean);
  return table(columns, item.lines, { caption: pick(item.title) });
}
function acceptanceSheet() {
  if (!F.acceptance.length) return null;
  const shown = F.acceptance.filter((item) => item.n), silent = F.acceptance.filter((item) => !item.n);
  return section("acceptance", "nav_acceptance",
    el("p.quiet", null, t("acc_intro"), " ", t(F.has_plan ? "acc_workbook" : "acc_today")),
    shown.map((item) => el("details.rule", { open: item.not_met + item.not_checked > 0 },
      el("summary", null, el("strong", null, item.id + " " + pick(item.title)), " ", accState(item)),
      el("p.quiet", null, t("acc_basis") + ": " + pick(item.basis)), accTable(item),
      item.n > item.lines.length && el("p.quiet", null, t("acc_workbook")))),
    silent.length > 0 && el("p.quiet", null, t("acc_not_asked_items", { items: silent.map((item) => item.id + " " + pick(item.title)).join(t("list_comma")) })));
}
