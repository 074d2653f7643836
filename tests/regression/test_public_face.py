"""``siteopt.solve`` is a function, whatever has been imported before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CODE = """
import siteopt
scenario = siteopt.load("scenarios/quickstart/scenario.yaml")
run = siteopt.solve(scenario)
assert run.proof.status == "proven", run.proof
assert siteopt.check("scenarios/quickstart/scenario.yaml") == ()
from siteopt.solve.engines import engine
assert callable(siteopt.solve)
"""


def test_load_then_solve_from_python() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
