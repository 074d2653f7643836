"""README.txt of the dossier: which file is what, in which units, and what nobody has checked; in both languages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from siteopt.report.dossier.records import Handover
from siteopt.report.dossier.shapes import PLOTS, POINTS, fields
from siteopt.report.dossier.survey import Survey, label
from siteopt.report.dossier.template import TxtTemplate
from siteopt.report.dossier.words import Words
from siteopt.text import LANGUAGES, topic

NAME = "README.txt"


def readme(handover: Handover, survey: Survey, template: TxtTemplate, folder: Path, names: Sequence[str]) -> str:
    """The text, Chinese and then English.

    Parameters
    ----------
    folder : where the files were written
    names : the files to list
    """
    blocks = [_block(handover, survey, template, names, Words(language)) for language in LANGUAGES]
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" for name in names]
    return ("\n" + "-" * 72 + "\n").join([*blocks, "SHA-256\n" + "\n".join(sums) + "\n"])


def _block(handover: Handover, survey: Survey, template: TxtTemplate, names: Sequence[str], words: Words) -> str:
    layers = [layer for layer in (PLOTS, POINTS) if f"{layer}.shp" in names]
    columns = dict.fromkeys(field for layer in layers for field in fields(layer))
    lines = [
        words("readme_title", title=handover.title or handover.run, run=handover.run, date=handover.date),
        words("illustrative") if handover.illustrative else words("not_illustrative"),
        "",
        words("readme_files"),
        *(f"  {name}  {_what(name, words)}" for name in names if not _sidecar(name)),
        "",
        words("readme_crs", asked=f"{label(survey.asked)} {survey.asked.name}", points=label(survey.metres)),
        words("readme_units"),
        words("readme_txt", encoding=template.encoding.upper(), decimals=template.decimals)
        if any(name.startswith("boundary") for name in names)
        else words("readme_no_txt"),
        "",
        words("readme_fields"),
        *(f"  {field}  {words(f'field_{field}')}" for field in columns),
        "",
        words("readme_not_checked"),
        *(f"  {words(key)}" for key in words.keys("check_")),
        words("readme_unknown"),
        "",
    ]
    return "\n".join(lines)


def _sidecar(name: str) -> bool:
    return Path(name).suffix in (".shx", ".dbf", ".prj", ".cpg")


def _what(name: str, words: Words) -> str:
    """One sentence for a file; texts split per plot share one."""
    stem = Path(name).name if not name.startswith("boundary") else "boundary.txt"
    key = f"file_{stem.replace('.', '_')}"
    return words(key) if key in topic("dossier") else ""
