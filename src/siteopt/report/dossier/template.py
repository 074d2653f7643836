"""The template of the boundary-coordinate text: read strictly, because an office imports what it prints."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic.dataclasses import dataclass

from siteopt.findings import Findings

FIELDS: dict[str, frozenset[str]] = {
    "attributes": frozenset({"producer", "date", "zone", "precision"}),
    "plot": frozenset({"points", "area_ha", "site_id", "name", "sheet", "use", "use_code", "outlets", "parcel"}),
    "point": frozenset({"number", "ring", "north", "east"}),
}
"""What each line of a template may ask for."""


Encoding = Literal["utf-8", "utf-8-sig", "gbk", "gb18030"]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class TxtTemplate:
    """How one office wants its boundary-coordinate text; the packaged ``boundary_txt.yaml`` tells each field."""

    attributes: tuple[str, ...]
    plot: str
    point: str
    encoding: Encoding = "utf-8"
    line_end: Literal["crlf", "lf"] = "crlf"
    decimals: Annotated[int, Field(ge=0, le=4)] = 2
    area_decimals: Annotated[int, Field(ge=2, le=8)] = 4
    numbers_run_on: bool = True
    one_file: bool = True
    uses: Mapping[str, tuple[str, str]] = Field(default_factory=dict)

    @field_validator("attributes", "plot", "point")
    @classmethod
    def _only_known_fields(cls, value: Any, info: Any) -> Any:
        known = FIELDS[info.field_name]
        for line in (value,) if isinstance(value, str) else value:
            for _, name, spec, conversion in Formatter().parse(line):
                if name is not None and (name not in known or spec or conversion):
                    raise ValueError(f"{{{name}}}: " + ", ".join(f"{{{k}}}" for k in sorted(known)))
        return value

    def planned_use(self, types: tuple[str, ...]) -> tuple[str, str]:
        """Planned use and its code, only where the template gives one and the same for all outlets of a plot."""
        found = {self.uses.get(type_id, ("", "")) for type_id in types}
        return found.pop() if len(found) == 1 else ("", "")


def read_template(path: Path, findings: Findings) -> TxtTemplate | None:
    """Read an office's template.

    Parameters
    ----------
    path : YAML like the packaged ``boundary_txt.yaml``
    findings : gets an error per faulty field

    Returns
    -------
    TxtTemplate or None
    """
    try:
        return _validated(yaml.safe_load(path.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as problem:
        if not isinstance(problem, ValidationError):
            findings.error("dossier_template_unreadable", file=str(path), value=path.name, why=str(problem))
            return None
        for fault in problem.errors():
            where = ".".join(str(part) for part in fault["loc"]) or None
            findings.error(
                "dossier_template_field", file=str(path), field=where, value=fault["input"], why=fault["msg"]
            )
        return None


def _validated(value: Any) -> TxtTemplate:
    return TypeAdapter(TxtTemplate).validate_python(value)


DEFAULT = _validated(yaml.safe_load(files(__package__).joinpath("boundary_txt.yaml").read_text(encoding="utf-8")))
"""The commonest form: nine fields, UTF-8, one file."""
