"""A town too large to be proven in a minute, and a way to run the command line in a process of its own."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

X0, Y0 = 390_000.0, 3_010_000.0

SCENARIO = """\
siteopt: 1
name: hard
crs: EPSG:4546
demand: {file: cells.csv, crs: "EPSG:4546", id: id, people: people}
candidates: {file: spaces.csv, crs: "EPSG:4546"}
types:
  market: {name: Market, limit_min: 7, area_m2: 300, cost: {fixed: 100000, per_m2: 733}, category: basic}
  stall: {name: Stall, limit_min: 4, area_m2: 10, cost: 20101, category: basic}
  locker: {name: Locker, limit_min: 5, area_m2: 20, cost: 33333, category: basic}
constraints:
  - {rule: budget, amount: 1500000}
solver: {time_limit_s: 120}
"""


def make_hard(folder: Path, cells: int = 3000, spaces: int = 400) -> Path:
    """Cells and spaces at random, always the same; the scenario's path."""
    r = Random(1)

    def at() -> str:
        return f"{X0 + 4000 * r.random():.1f},{Y0 + 4000 * r.random():.1f}"

    lines = [f"c{i},{at()},{r.randint(1, 97)}" for i in range(cells)]
    (folder / "cells.csv").write_text("\n".join(["id,x,y,people", *lines]) + "\n")
    lines = [f"s{i},{at()},idle_premises,{r.choice([60, 120, 400])}" for i in range(spaces)]
    (folder / "spaces.csv").write_text("\n".join(["site_id,x,y,kind,area_m2", *lines]) + "\n")
    (folder / "scenario.yaml").write_text(SCENARIO)
    return folder / "scenario.yaml"


@dataclass
class Ended:
    """How a process ended."""

    code: int
    stdout: str
    screen: str


def on_a_terminal(
    arguments: list[str],
    *,
    when: Callable[[str], bool] = lambda _: False,
    send: signal.Signals = signal.SIGINT,
    env: dict[str, str] | None = None,
    limit_s: float = 90.0,
) -> Ended:
    """Run with stderr on a terminal and stdout on a pipe; once ``when(screen so far)`` holds, send a signal.

    The signal goes to the whole process group, as a terminal's Ctrl-C does.
    """
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "siteopt.cli", *arguments]
    surroundings = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")} | {"TERM": "xterm"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=theirs, env=surroundings | (env or {}), start_new_session=True
    )
    os.close(theirs)
    screen, sent, began = "", False, time.monotonic()
    try:
        while time.monotonic() - began < limit_s:
            ready, _, _ = select.select([ours], [], [], 0.002)
            if ready:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # the other side is closed
                    break
                if not piece:
                    break
                screen += piece.decode(errors="replace")
            if not sent and when(screen):
                os.killpg(process.pid, send)
                sent = True
        assert process.stdout is not None
        stdout = process.stdout.read().decode()
        return Ended(process.wait(timeout=max(1.0, limit_s - (time.monotonic() - began))), stdout, screen)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)
