"""Fixtures that every test room shares, and what a machine must have for which tests.

``pytest`` runs what the machine can: browser tests where Chromium is, tests on real cities where ``../shared`` is.
``pytest --everything`` (CI) leaves nothing out; what is missing there fails.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("SITEOPT_CACHE", "")  # tests leave nothing behind in the user's own folders
SHARED = ROOT.parent / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--everything", action="store_true", help="leave no test out; what is missing fails")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker("real")
    if config.getoption("--everything"):
        return
    absent = {name for name, here in (("browser", shutil.which("chromium")), ("real", SHARED.is_dir())) if not here}
    out = [item for item in items if any(item.get_closest_marker(name) for name in absent)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real places beside the checkout."""
    assert SHARED.is_dir(), "tests on real cities need ../shared/data beside the checkout"
    return SHARED
