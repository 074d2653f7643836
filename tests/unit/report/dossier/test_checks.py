"""Each geometry check finds what it is for, on plots made wrong by hand."""

from __future__ import annotations

import numpy as np
import pytest

from siteopt.findings import Findings
from siteopt.report.dossier import DEFAULT
from siteopt.report.dossier.checks import check_parcels
from siteopt.report.dossier.plots import Parcels, Plot
from siteopt.report.dossier.records import Record
from tests.unit.report.dossier.run_folder import EAST, NORTH

SQUARE = [(0, 0), (10, 0), (10, -10), (0, -10), (0, 0)]
HOLE = [(2, -2), (2, -4), (4, -4), (4, -2), (2, -2)]


def plot(*rings: list[tuple[float, float]], plot_id: str = "A") -> Plot:
    record = Record(plot_id, "", "", "", "", "", "", "", (), None)
    return Plot(plot_id, record, "1/1", tuple(np.array(r, float) + np.array([EAST, NORTH]) for r in rings), 0.0)


def states(*plots: Plot) -> tuple[dict[str, str], list[str]]:
    findings = Findings()
    checks = check_parcels(Parcels(plots, (), 0), DEFAULT, "run", findings)
    return {c.name: c.state for c in checks}, [f.code for f in findings]


def test_a_good_plot_passes_and_the_administrative_boundary_stays_not_checked() -> None:
    found, codes = states(plot(SQUARE, HOLE))
    assert found.pop("inside_boundary") == "not_checked"
    assert set(found.values()) == {"passed"}
    assert codes == []


def test_without_plots_nothing_is_called_passed() -> None:
    assert set(states()[0].values()) == {"not_checked"}


@pytest.mark.parametrize(
    ("name", "rings"),
    [
        ("closed", [SQUARE[:-1]]),
        ("valid", [[(0, 0), (10, -10), (10, 0), (0, -10), (0, 0)]]),
        ("valid", [SQUARE, [(20, -2), (20, -4), (22, -4), (22, -2), (20, -2)]]),
        ("no_duplicates", [[(0, 0), (10, 0), (10, 0), (10, -10), (0, -10), (0, 0)]]),
        ("oriented", [SQUARE[::-1]]),
        ("oriented", [SQUARE, HOLE[::-1]]),
        ("area_agrees", [SQUARE[::-1]]),
        ("area_agrees", [[(0, 0), (1, 0), (2, 0), (0, 0)]]),
        ("spaced", [[(0, 0), (10, 0), (10, -0.05), (10, -10), (0, -10), (0, 0)]]),
    ],
)
def test_a_fault_is_found_and_warned_of(name: str, rings: list[list[tuple[float, float]]]) -> None:
    found, codes = states(plot(*rings))
    assert found[name] == "problem"
    assert f"dossier_check_{name}" in codes


def test_overlapping_plots_are_named_with_their_common_area() -> None:
    other = [(x + 5, y) for x, y in SQUARE]
    findings = Findings()
    check_parcels(Parcels((plot(SQUARE), plot(other, plot_id="B")), (), 0), DEFAULT, "run", findings)
    finding = next(iter(findings))
    assert (finding.code, finding.value, finding.facts["other"]) == ("dossier_check_overlap", "A", "B")
    assert finding.facts["area_m2"] == pytest.approx(50)


@pytest.mark.parametrize("gap", [10.0, 9.99, 30.0])
def test_a_shared_border_is_no_overlap_even_a_centimetre_off(gap: float) -> None:
    other = [(x + gap, y) for x, y in SQUARE]
    assert states(plot(SQUARE), plot(other, plot_id="B"))[0]["overlap"] == "passed"


def test_one_plot_inside_another_overlaps() -> None:
    inside = [(x / 2 + 1, y / 2 - 1) for x, y in SQUARE]
    assert states(plot(SQUARE), plot(inside, plot_id="B"))[0]["overlap"] == "problem"
