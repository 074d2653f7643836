"""The scenario in a run folder is complete: solved where it lies, it gives the same run."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from siteopt.cli import cli

ROOT = Path(__file__).resolve().parents[2]


def test_the_resolved_scenario_can_be_solved_from_the_run_folder(tmp_path: Path) -> None:
    quickstart = ROOT / "scenarios" / "quickstart" / "scenario.yaml"
    for scenario, out in ((quickstart, tmp_path / "a"), (tmp_path / "a" / "scenario.resolved.yaml", tmp_path / "b")):
        result = CliRunner().invoke(cli, ["solve", str(scenario), "--out", str(out), "--quiet"])
        assert result.exit_code == 0, result.stderr
    first, second = (json.loads((tmp_path / run / "summary.json").read_text(encoding="utf-8")) for run in "ab")
    for key in ("timings_s", "peak_rss_mb"):
        del first[key], second[key]
    assert first == second
