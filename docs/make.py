"""Write the pages that follow from the code: ``python docs/make.py``; with ``--check``, say whether they are current.

``docs/rules.md`` comes from the constraint and objective files and ``docs/parts/clauses.yaml``, ``docs/scenario.md``
from the JSON Schema that ``siteopt schema`` prints, ``docs/plan-map.md`` from ``docs/parts/plan-map.yaml``. What no
code knows (how sure a source is, how files are merged) stands in ``docs/parts/``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from inspect import cleandoc, getmodule
from pathlib import Path
from typing import Any

import yaml

from siteopt.commands import schema
from siteopt.model import constraint, objective
from siteopt.scenario.schema import Source

DOCS = Path(__file__).resolve().parent
MARK = "<!-- Made by docs/make.py from the code: change the code or docs/parts/, then run it again. -->"
LAYER = "Any layer"

UNITS = {"amount": "money", "metres": "m", "share": "share, 0 to 1", "min": "outlets", "max": "outlets"}
"""Units of parameters whose name does not end in one."""

SECTIONS = {
    "Travel": "travel",
    "StreetsSpec": "travel.streets",
    "WalkFilter": "travel.streets.walk",
    "MinutesTable": "travel.table",
    "ElevationSpec": "travel.elevation",
    "Demand": "demand",
    "Candidates": "candidates",
    "Conversion": "candidates.conversion.KIND",
    "Existing": "existing[]",
    "CommunitiesSpec": "communities",
    "CommunityValues": "communities.values.ID",
    "Tiers": "communities.tiers",
    "TierThresholds": "communities.tiers.TIER",
    "Zone": "zones.NAME",
    "Phase": "phases[]",
    "MoneySpec": "money",
    "MoneySource": "money.sources[]",
    "Aid": "money.sources[].aid",
    "TypeSpec": "types.ID",
    "Cost": "types.ID.cost",
    "Asks": "Asked of a grade",
    "SolverSpec": "solver",
    "ReportSpec": "report",
    "AcceptanceSpec": "acceptance",
    "Satisfaction": "acceptance.satisfaction",
    "FourSync": "acceptance.four_sync.ID",
    "Progress": "acceptance.progress",
    "ColumnSpec": "A column",
}
"""Part of the schema -> its heading, in the order of the page; a part that is not listed comes last, by its name."""

SCALAR = {"text", "number", "whole number", "true or false"}
"""What one value in a file may be; said in one word."""

Json = Mapping[str, Any]


def rules_page() -> str:
    """Every rule and objective: title, sentence, formula, parameters, and what its file says about its source."""
    known, seeks = constraint.registry(), objective.registry()
    chosen = [rule for rule in known.values() if not rule.always]
    out = [
        *("# Rules and objectives", "", MARK, "", part("rules"), ""),
        *clauses_table(),
        "The fields of a scenario are in [scenario.md](scenario.md), the arithmetic common to all rules in "
        "[conventions.md](conventions.md).",
        *("", "| rule | | |", "|---|---|---|"),
        *(f"| [`{r.name}`](#{r.name}) | {r.title['en']} | {r.title['zh']} |" for r in known.values()),
        *("", "## Rules that a scenario may set", ""),
    ]
    for rule in chosen:
        out += entry(rule, f"rule.{rule.name}", f"- {{rule: {rule.name}, …}}")
    out += ["## Rules that always hold", "", "The physical world; a scenario neither sets nor drops them.", ""]
    for rule in known.values():
        if rule.always:
            out += entry(rule, None, None)
    out += ["## Objectives", ""]
    for seek in seeks.values():
        out += entry(seek, f"objective.{seek.name}", f"objective: {{name: {seek.name}, …}}")
    return "\n".join(out).rstrip() + "\n"


@cache
def clauses() -> dict[str, dict[str, Any]]:
    """Every clause: what it asks, and what the code cannot say about it."""
    said: dict[str, dict[str, Any]] = yaml.safe_load((DOCS / "parts" / "clauses.yaml").read_text(encoding="utf-8"))
    return said


def implemented() -> dict[str, list[str]]:
    """Clause -> names of the rules, then of the objectives, that state it."""
    found: dict[str, list[str]] = {}
    for things in (constraint.registry(), objective.registry()):
        for thing in things.values():
            for clause in thing.clauses:
                found.setdefault(clause, []).append(thing.name)
    return found


def clauses_table() -> Iterator[str]:
    """Every clause of the plan document and of planning law that concerns siting, and what became of it."""
    by = implemented()
    yield from ("## Clauses", "", part("clauses"), "", "| clause | | basis | stated by | |", "|---|---|---|---|---|")
    for clause, said in clauses().items():
        names = ", ".join(f"[`{name}`](#{name})" for name in by.get(clause, ()))
        if "construction" in said:
            names = ", ".join(filter(None, (names, "construction")))
        notes = [_both(said[key]) for key in ("note", "construction", "missing") if key in said]
        cells = (clause, _both(said["gist"]), said["basis"], names or "**not implemented**", "<br>".join(notes))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _both(said: Mapping[str, str]) -> str:
    return f"{said['en']}<br>{said['zh']}"


def entry(rule: Any, definition: str | None, written: str | None) -> Iterator[str]:
    """The section of one rule or objective."""
    yield from (f"### {rule.name}", "", f"**{rule.title['en']} · {rule.title['zh']}**", "")
    yield from (rule.sentence["en"], "", rule.sentence["zh"], "", "```", rule.formula, "```", "")
    if definition is not None and written is not None:
        body = schema()["$defs"][definition]
        needed = {name for name, f in rule.parameters.model_fields.items() if f.is_required()}
        fields = {k: v for k, v in body["properties"].items() if k in rule.parameters.model_fields}
        yield from (f"Written `{written}`.", "")
        yield from (row.replace("](#", "](scenario.md#") for row in table(fields, needed))
        yield ""
    module = getmodule(rule)
    for note in (module.__doc__ if module else None, rule.__doc__):
        yield from (f"> {line}".rstrip() for line in cleandoc(note or "").splitlines())
        yield ""
    if (DOCS / "parts" / f"rule-{rule.name}.md").is_file():
        yield from (part(f"rule-{rule.name}"), "")


@cache
def plan_map() -> dict[int, dict[str, Any]]:
    """Row of the plan document -> what serves it."""
    said: dict[int, dict[str, Any]] = yaml.safe_load((DOCS / "parts" / "plan-map.yaml").read_text(encoding="utf-8"))
    return said


def plan_map_page() -> str:
    """The plan document, sentence by sentence, with what serves each."""
    out = ["# The plan document and what serves it", "", MARK, "", part("plan-map"), ""]
    out += ["| row | in the document | kind | served by | |", "|---|---|---|---|---|"]
    for row, said in plan_map().items():
        served = "<br>".join(_served(kind, said[kind]) for kind in SERVED_BY if said.get(kind))
        missing = f"**not served**: {_both(said['missing'])}" if "missing" in said else ""
        missing = missing.replace("not served", "not served in full") if served and missing else missing
        cells = (str(row), f"{said['place']}: {_both(said['gist'])}", said["kind"], served or "—", missing)
        out.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(out).rstrip() + "\n"


SERVED_BY = ("field", "rule", "objective", "report", "file", "command", "pack")


def _served(kind: str, names: list[str]) -> str:
    """The names of one kind, linked where there is a page about them."""
    known = set(constraint.registry()) | set(objective.registry())
    linked = {
        name: f"[`{name}`](rules.md#{name})" if kind in ("rule", "objective") and name in known else ""
        for name in names
    }
    shown = {"command": "siteopt ", "pack": "policy: "}.get(kind, "")
    return f"{kind} " + ", ".join(linked[name] or f"`{shown}{name}`" for name in names)


def scenario_page() -> str:
    """Every field of a scenario file, part by part."""
    made = schema()
    defs = {k: v for k, v in made["$defs"].items() if "." not in k and k != "rule-changed"}
    layer = Source.model_json_schema()
    out = ["# The scenario file", "", MARK, "", part("scenario"), "", "## The file", ""]
    out += [*table(made["properties"], set(made["then"]["required"])), ""]
    out += [f"## {LAYER}", "", "Fields of `demand`, `candidates`, each of `existing`, and `communities`.", ""]
    common = next(iter(d for d in defs.values() if is_layer(d)))
    out += [*table({k: v for k, v in common["properties"].items() if k in layer["properties"]}, {"file"}), ""]
    for name in [*(n for n in SECTIONS if n in defs), *(n for n in sorted(defs) if n not in SECTIONS)]:
        body = defs[name]
        own = {k: v for k, v in body["properties"].items() if not (is_layer(body) and k in layer["properties"])}
        also = f" And the fields of [any layer](#{anchor(LAYER)})." if is_layer(body) else ""
        out += [f"## {heading(name)}", "", body.get("description", "") + also, ""]
        out += [*table(own, set(body.get("required", ()))), ""]
    return "\n".join(out).rstrip() + "\n"


def is_layer(body: Json) -> bool:
    """Whether a part of the schema has every field of a layer."""
    return set(Source.model_fields) <= set(body.get("properties", ()))


def part(name: str) -> str:
    """A piece of text that stands in ``docs/parts/``."""
    return (DOCS / "parts" / f"{name}.md").read_text(encoding="utf-8").strip()


def table(fields: Mapping[str, Json], needed: set[str]) -> Iterator[str]:
    """One row per field: name, type, unit, default, sentence."""
    yield "| field | type | unit | default | |"
    yield "|---|---|---|---|---|"
    for name, field in fields.items():
        unit = str(field.get("unit", "")).strip() or UNITS.get(name, "")
        default = "**required**" if name in needed else default_of(field)
        cells = (f"`{name}`", type_of(field), unit, default, field.get("description", ""))
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def default_of(field: Json) -> str:
    """A default as YAML shows it; a dash where a field left out means nothing is given."""
    value = field.get("default")
    if value in (None, [], {}, ()):
        return "—"
    if isinstance(value, Mapping) and any("$ref" in p for p in (field, *field.get("anyOf", ()))):
        said = {k: v for k, v in value.items() if v not in (None, [], {}, (), 0, 1)}
        return f"`{plain(said)}`" if len(said) == 1 else "its fields' defaults"
    return f"`{plain(value)}`"


def plain(value: Any) -> str:
    """A value in flow YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {plain(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(plain(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def type_of(part_: Json) -> str:
    """A type in words."""
    if "$ref" in part_:
        name = part_["$ref"].removeprefix("#/$defs/")
        if name.startswith("rule"):
            return "[rule](rules.md)"
        return "[objective](rules.md#objectives)" if "." in name else f"[{heading(name)}](#{anchor(heading(name))})"
    if "const" in part_:
        return f"`{plain(part_['const'])}`"
    if "enum" in part_:
        return " or ".join(f"`{plain(v)}`" for v in part_["enum"])
    for key in ("anyOf", "oneOf"):
        if key in part_:
            words = [type_of(p) for p in part_[key] if p.get("type") != "null"]
            if set(words) >= SCALAR:
                words = ["value", *(w for w in words if w not in SCALAR)]
            return " or ".join(dict.fromkeys(words))
    return _simple(part_)


def _simple(part_: Json) -> str:
    said = part_.get("type", "object")
    word = said if isinstance(said, str) else next(t for t in said if t != "null")
    if word == "array":
        return f"list of {type_of(part_.get('items', {}))}"
    if word == "object":
        inside = part_.get("additionalProperties")
        keys = part_.get("propertyNames", {}).get("enum")
        name = "/".join(keys) if keys else "name"
        return f"table: {name} → {type_of(inside)}" if isinstance(inside, Mapping) else "table"
    if word in ("number", "integer"):
        return ("whole number" if word == "integer" else "number") + _range(part_)
    return {"string": "text", "boolean": "true or false"}[word]


def _range(part_: Json) -> str:
    signs = (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"))
    said = [f"{sign} {part_[key]:g}" for key, sign in signs if key in part_]
    return f" {', '.join(said)}" if said else ""


def heading(name: str) -> str:
    """The heading of a part of the schema."""
    return SECTIONS.get(name, name)


def anchor(text: str) -> str:
    """The anchor that a heading gets on a code host."""
    return "".join(c for c in text.lower().replace(" ", "-") if c.isalnum() or c in "-_")


PAGES = {"rules.md": rules_page, "scenario.md": scenario_page, "plan-map.md": plan_map_page}


def stale() -> list[str]:
    """Pages that do not say what the code says."""
    return [name for name, make in PAGES.items() if _there(DOCS / name) != make()]


def _there(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main() -> int:
    """Write the pages, or check them; 1 when one is stale."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    old = stale()
    if options.parse_args().check:
        for name in old:
            sys.stderr.write(f"docs/{name} is stale: run python docs/make.py\n")
        return 1 if old else 0
    for name in old:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
        sys.stderr.write(f"wrote docs/{name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
