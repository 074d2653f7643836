"""The benchmark command runs, and the page says what the JSON says. No second is asserted: machines differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.instances import INSTANCES, PAGE, RESULTS, ROOT
from benchmarks.measure import OTHER, RunFailed, measure
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
    assert {result["name"] for result in results(RESULTS)} <= INSTANCES.keys()
    assert PAGE.read_text(encoding="utf-8") == page(results(RESULTS))
