"""Fixtures that every test room shares."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real places beside the checkout; a test that asks for them fails without them where CI has them."""
    return ROOT.parent / "shared" / "data"
