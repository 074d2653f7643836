"""What is measured: scenarios of the repository, each from its raw files to its report."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"

INSTANCES: dict[str, str] = {
    "porto": "benchmarks/scenarios/porto.yaml",
    "sao-paulo": "benchmarks/scenarios/sao-paulo.yaml",
    "qiancheng": "scenarios/qiancheng/scenario.yaml",
    "quickstart": "scenarios/quickstart/scenario.yaml",
}
"""Name -> scenario file. The two cities need ``../shared/data`` beside the checkout."""
