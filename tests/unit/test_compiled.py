"""Compiled where that is possible, interpreted where it is not, with the same results."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siteopt.compiled import available, compiled

ROOT = Path(__file__).parents[2]
LOOPS = ROOT / "src" / "siteopt"


def total(values: np.ndarray) -> float:
    """A loop."""
    out = 0.0
    for i in range(len(values)):
        out += values[i]
    return out


def run(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    whole = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, "-c", code], env=whole, capture_output=True, text=True, check=True).stdout


def test_switched_off_a_loop_stays_the_function_that_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITEOPT_COMPILED", "0")
    assert not available() and compiled(total) is total


def test_without_numba_a_loop_stays_the_function_that_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SITEOPT_COMPILED", raising=False)
    monkeypatch.setitem(sys.modules, "numba", None)
    assert not available() and compiled(total) is total


def test_any_other_setting_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITEOPT_COMPILED", "1")
    loop: Any = compiled(total)
    assert available() and loop is not total and loop.py_func is total


def test_where_no_folder_can_be_written_a_loop_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    monkeypatch.delenv("SITEOPT_COMPILED", raising=False)
    warm: Any = numba.njit(total)
    warm(np.zeros(1))  # numba's own loops are loaded before its compiler is replaced
    real, asked = numba.njit, []

    def njit(**how: bool) -> Callable[..., Any]:
        asked.append(how)
        if how.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**how)  # type: ignore[no-any-return]

    monkeypatch.setattr(numba, "njit", njit)
    loop: Any = compiled(total)
    assert asked == [{"cache": True, "nogil": True}, {"nogil": True}]
    assert loop(np.array([1.0, 2.5])) == 3.5 and loop.py_func is total


SOLVED = """
import sys
import numpy as np
from siteopt.compiled import available
from siteopt.solve.lagrange import relaxed
from siteopt.solve.search import Search
from tests.random_programs import random_program
from tests.small_covers import form_of
for seed in (1, 5, 9):
    form = form_of(random_program(seed, sites=4, classes=20))
    bound = relaxed(form, steps=30)
    search = Search(form, seed=3)
    found = search.start()
    print(repr(float(bound.value)), bound.reduced.tolist(), bound.share.tolist(), search.value, search.best)
print(available(), "numba" in sys.modules, file=sys.stderr)
"""


def test_a_bound_and_a_plan_are_the_same_to_the_last_digit_interpreted() -> None:
    assert run(SOLVED, SITEOPT_COMPILED="0") == run(SOLVED, SITEOPT_COMPILED="1")


def test_small_runs_do_not_load_numba() -> None:
    code = "import sys, siteopt.pipeline, siteopt.solve.strategy; print('numba' in sys.modules)"
    assert run(code).strip() == "False"


def test_compiled_loops_live_in_files_that_are_named_so() -> None:
    users = [p for p in LOOPS.rglob("*.py") if "@compiled" in p.read_text(encoding="utf-8")]
    assert users and all(p.stem.endswith("_kernel") for p in users), users
