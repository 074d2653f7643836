"""Boundary points as the exchange text of the land office: X is north and comes first, Y is east."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from siteopt.findings import Findings
from siteopt.report.dossier.plots import Plot
from siteopt.report.dossier.template import TxtTemplate
from siteopt.report.dossier.words import one_line

_TO_ASCII = str.maketrans("（）【】［］：；！？＝＋－．／　＠，", "()[][]:;!?=+-./  ,")
"""Full-width punctuation that importers trip over, as ASCII; the comma and the at sign separate fields."""


def render(
    plots: Sequence[Plot],
    template: TxtTemplate,
    *,
    zone: int,
    date: str,
    producer: str,
    file: str,
    findings: Findings,
) -> tuple[bytes, ...]:
    """The text, or one text per plot where the template asks for that.

    Parameters
    ----------
    plots : boundaries in the metres to print, rounded to the template's decimals
    zone : number of the 3-degree zone, for the header
    date, producer : for the header
    file : what findings name

    Returns
    -------
    tuple of bytes, in the template's encoding; characters it lacks become ``?`` (with a warning)
    """
    facts = {
        "producer": _plain(producer),
        "date": date,
        "zone": str(zone),
        "precision": f"{10.0**-template.decimals:.{template.decimals}f}",
    }
    head = [line.format(**facts) for line in template.attributes]
    bodies = [list(_plot_lines(plot, template)) for plot in plots]
    _warn_of_changed_names(plots, template, file, findings)
    texts = [head + [line for body in bodies for line in body]] if template.one_file else [head + b for b in bodies]
    end = "\r\n" if template.line_end == "crlf" else "\n"
    return tuple((end.join(lines) + end).encode(template.encoding, errors="replace") for lines in texts)


def stated_ha(plot: Plot, template: TxtTemplate) -> str:
    """The area as the text states it."""
    return f"{plot.plane_m2 / 10_000:.{template.area_decimals}f}"


def _plot_lines(plot: Plot, template: TxtTemplate) -> Iterator[str]:
    """One plot: its line of attributes, then each ring's points, closing point included."""
    use, code = template.planned_use(tuple(outlet.type_id for outlet in plot.record.outlets))
    yield template.plot.format(
        points=plot.n_points,
        area_ha=stated_ha(plot, template),
        site_id=_plain(plot.plot_id),
        name=_plain(plot.record.name),
        sheet="",
        use=_plain(use),
        use_code=_plain(code),
        outlets=_plain(plot.record.outlet_names),
        parcel=_plain(plot.record.parcel_id),
    )
    first = 1
    for ring_number, ring in enumerate(plot.rings, 1):
        last = len(ring) - 1
        for k, (east, north) in enumerate(ring):
            yield template.point.format(
                number=first + k % last,
                ring=ring_number,
                north=f"{north:.{template.decimals}f}",
                east=f"{east:.{template.decimals}f}",
            )
        first = first + last if template.numbers_run_on else 1


def _plain(text: str) -> str:
    """Text that cannot end a field or a line: ASCII punctuation, no comma, no @."""
    ascii_marks = one_line(text).translate(_TO_ASCII)
    return " ".join(ascii_marks.replace(",", " ").replace("@", " ").split())


def _warn_of_changed_names(plots: Sequence[Plot], template: TxtTemplate, file: str, findings: Findings) -> None:
    """Say which ids and names the text cannot carry as they are, and which ids become the same."""
    printed: dict[str, str] = {}
    for plot in plots:
        for text in (plot.plot_id, plot.record.name):
            shown = _plain(text).encode(template.encoding, errors="replace").decode(template.encoding)
            if shown != text:
                findings.warning(
                    "dossier_txt_text_changed", file=file, value=text, shown=shown, encoding=template.encoding
                )
        key = _plain(plot.plot_id).encode(template.encoding, errors="replace").decode(template.encoding)
        if key in printed:
            findings.warning("dossier_ids_collide", file=file, value=plot.plot_id, other=printed[key], shown=key)
        printed.setdefault(key, plot.plot_id)
