"""The benchmark command runs, and the page says what the JSON says. No second is asserted: machines differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.claims import Claim, yes
from benchmarks.instances import INSTANCES, PAGE, RESULTS, ROOT, ROWS
from benchmarks.measure import OTHER, RunFailed, measure
from benchmarks.one import figures
from benchmarks.table import page, results


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """The quickstart, run once through the command: its JSON and the page."""
    folder = tmp_path_factory.mktemp("benchmarks")
    out = folder / "page.md"
    said = CliRunner().invoke(
        main, ["quickstart", "--repeats", "1", "--results", str(folder / "results"), "--page", str(out)]
    )
    assert said.exit_code == 0, said.output
    return json.loads((folder / "results" / "quickstart.json").read_text(encoding="utf-8")), out.read_text("utf-8")


def test_a_measured_run_has_seconds_and_memory_of_the_whole_and_of_every_stage(
    measured: tuple[dict[str, Any], str],
) -> None:
    result, _ = measured
    (run,) = result["runs"]
    assert run["wall_s"] > 0 and run["cpu_s"] > 0 and run["peak_mb"] > 0
    assert {"scenario", "layers", "minutes", "problem", "solve", "audit", "report", OTHER} <= run["stages"].keys()
    assert sum(stage["wall_s"] for stage in run["stages"].values()) == pytest.approx(run["wall_s"], abs=0.02)
    peaks = [stage["peak_mb"] for stage in run["stages"].values()]
    assert min(peaks) > 0 and max(peaks) == run["peak_mb"]


def test_a_measurement_says_on_what_machine_with_what_and_what_came_out(
    measured: tuple[dict[str, Any], str],
) -> None:
    result, _ = measured
    assert result["schema"] == "siteopt.benchmark/1"
    assert result["machine"]["cores"] >= 1 and result["machine"]["memory_gb"] > 0 and result["machine"]["cpu"]
    assert result["engine"]["version"] and {"numpy", "scipy"} <= result["libraries"].keys()
    assert result["size"]["cells"] == 10 and result["size"]["candidates"] == 4
    assert result["answer"]["status"] == "proven" and result["answer"]["verdicts_hold"]


def test_the_page_has_a_row_for_every_stage(measured: tuple[dict[str, Any], str]) -> None:
    result, text = measured
    assert "## quickstart" in text
    for stage in result["runs"][0]["stages"]:
        assert f"| {stage} |" in text
    assert result["machine"]["cpu"] in text and "proven" in text


def test_the_page_gives_the_median_and_the_range_of_several_runs(measured: tuple[dict[str, Any], str]) -> None:
    result, _ = measured
    run = result["runs"][0]
    several = result | {"runs": [run | {"wall_s": wall_s} for wall_s in (4.0, 2.0, 3.0)]}
    assert "| **whole process** | 3.00 (2.00–4.00) |" in page([several])


def test_a_run_that_fails_is_told_with_its_words_and_leaves_no_figures(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="exit code 3"):
        measure("nowhere", str(tmp_path / "nowhere.yaml"), 1)


def test_every_instance_is_a_scenario_of_this_repository() -> None:
    for scenario in INSTANCES.values():
        assert (ROOT / scenario).is_file()


def test_the_page_in_docs_is_made_from_the_results_that_are_kept() -> None:
    assert {result["name"] for result in results(RESULTS)} <= INSTANCES.keys() | ROWS.keys()
    assert PAGE.read_text(encoding="utf-8") == page(results(RESULTS))


def _different_rows() -> list[Any]:
    """One row of each function and size: rows that differ in seconds alone are one."""
    found: dict[str, str] = {}
    for name, row in ROWS.items():
        found.setdefault(f"{row.call} {sorted((k, v) for k, v in row.tiny.items() if k != 'limit_s')}", name)
    return [pytest.param(name, marks=pytest.mark.real if ROWS[name].needs else ()) for name in found.values()]


@pytest.mark.parametrize("name", _different_rows())
def test_every_row_runs_at_the_size_of_a_test_and_has_every_figure_it_is_judged_by(name: str) -> None:
    found = figures(name, tiny=True)
    json.dumps(found, allow_nan=False)
    for claim in ROWS[name].claims:
        if claim.key not in found:  # memory is the process's; a peer that is not installed here leaves no figure
            assert claim.key == "peak_mb" or claim.key.startswith(("pandana", "spopt"))
        elif not claim.unit:  # what must be true is true at any size
            assert found[claim.key] is True, claim.what


def test_a_row_is_measured_in_a_process_of_its_own_and_the_page_says_what_it_had_to_show(tmp_path: Path) -> None:
    out = tmp_path / "page.md"
    said = CliRunner().invoke(
        main, ["small", "--tiny", "--repeats", "1", "--results", str(tmp_path / "results"), "--page", str(out)]
    )
    assert said.exit_code == 0, said.output
    result = json.loads((tmp_path / "results" / "small.json").read_text(encoding="utf-8"))
    assert result["schema"] == "siteopt.figures/1" and result["tiny"]
    assert result["runs"][0]["peak_mb"] > 0 and {"numpy", "highspy"} <= result["libraries"].keys()
    text = out.read_text(encoding="utf-8")
    assert "same optimum everywhere | yes |  | yes | must |" in text and "says nothing of speed" in text


def test_names_are_chosen_by_pattern_and_an_unknown_one_is_told() -> None:
    listed = CliRunner().invoke(main, ["city-*-rules", "small", "--list"])
    assert listed.output.split() == ["city-10k-rules", "city-50k-rules", "city-200k-rules", "small"]
    assert CliRunner().invoke(main, ["no-such-row", "--list"]).exit_code == 2


def test_a_figure_at_its_limit_keeps_it() -> None:
    gap = Claim("gap", "gap_pct", "%", must=1.0, aim=0.3)
    assert [gap.meets(v) for v in (0.3, 1.0, 1.01, None)] == ["aim", "must", "no", "unknown"]
    ratio = Claim("times faster", "ratio", "×", aim=30.0, least=True)
    assert [ratio.meets(v) for v in (30.0, 29.9)] == ["aim", "short"]
    assert [yes("equal", "equal").meets(v) for v in (1.0, 0.0)] == ["must", "no"]
