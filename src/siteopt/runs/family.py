"""A folder of results about several plans: alternatives, a frontier, an explained run. Whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from siteopt import __version__
from siteopt.findings import Findings
from siteopt.report.safe import json_text, plain, safe_name
from siteopt.runs import layout
from siteopt.runs.place import (
    as_finding,
    check_target,
    check_writable,
    parents_to_make,
    partial_of,
    put_in_place,
    unmake,
)

FAMILY_KIND = "siteopt.family/"
FAMILY_SCHEMA = f"{FAMILY_KIND}1"


def default_family_folder(base: Path, scenario_name: str, variant: str | None, word: str) -> Path:
    """``base/runs/<name>[-<variant>]-<word>``, beside the run of that scenario."""
    run = layout.default_run_folder(base, scenario_name, variant)
    return run.with_name(f"{run.name}-{safe_name(word)}")


def check_family(out: Path, findings: Findings) -> None:
    """Report, before any work is done, that such a folder cannot be written here."""
    check_writable(out, findings, FAMILY_KIND)


def write_family(out: Path, word: str, fill: Callable[[Path], None]) -> Path:
    """Write a folder of several plans; it appears whole or not at all.

    Parameters
    ----------
    out : Path
        An earlier folder of this kind is replaced; any other content is never touched.
    word : str
        What it is about (``alternatives``, ``frontier``, ``explain``), for the manifest.
    fill : callable
        Writes everything into the folder it is given, which has another name until it is whole. Relative paths out of
        it stay right: it stands beside its final place.

    Returns
    -------
    Path
        ``out``, absolute.

    Raises
    ------
    InputError
        The folder cannot be written, is a file, or holds something that siteopt did not write.
    """
    out = Path(os.path.realpath(out))
    findings = Findings()
    check_target(out, findings, FAMILY_KIND)
    findings.raise_errors()
    partial, made = partial_of(out, "new"), parents_to_make(out)
    try:
        with as_finding(out, any_os_error=True):
            partial.mkdir(parents=True)
        with as_finding(out):
            fill(partial)
            (partial / layout.MANIFEST).write_text(json_text(_manifest(partial, word)), encoding="utf-8")
        with as_finding(out, any_os_error=True):
            put_in_place(partial, out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        unmake(made)
    return out


def _manifest(folder: Path, word: str) -> object:
    files = {
        path.relative_to(folder).as_posix(): {"sha256": layout.sha256_of(path), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return plain({"schema": FAMILY_SCHEMA, "siteopt": __version__, "about": word, "files": files})
