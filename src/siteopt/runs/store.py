"""Write a run folder so that a killed run never leaves one that looks whole."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml
from pyogrio.errors import DataLayerError, DataSourceError

from siteopt.findings import Finding, Findings, InputError
from siteopt.plan import Run
from siteopt.report import geo, tables
from siteopt.report.safe import json_text, plain
from siteopt.report.summary import summarise
from siteopt.runs import layout
from siteopt.runs.layout import default_run_folder
from siteopt.runs.manifest import manifest_of
from siteopt.runs.stored import StoredRun, open_run

__all__ = ["StoredRun", "check_writable", "default_run_folder", "open_run", "write_run"]

_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini", "plan.gpkg-wal", "plan.gpkg-shm", "plan.gpkg-journal"}
"""What a desktop or QGIS leaves behind by itself: nobody misses it."""

_DISK = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.ENAMETOOLONG,
}
"""What a disk may say while files are written; anything else there is our bug and stays one."""


def check_writable(out: Path, findings: Findings) -> None:
    """Report, before any work is done, that a run cannot be written to a folder.

    Makes a trial folder beside it and removes it again; leaves everything as it was.
    """
    out = Path(os.path.realpath(out))
    before = len(findings)
    _check_target(out, findings)
    if len(findings) > before:
        return
    partial, made = _partial(out, "try"), _parents_to_make(out)
    try:
        partial.mkdir(parents=True)
        partial.rmdir()
    except OSError as problem:
        findings.error("cannot_write", file=out.name, value=str(out), reason=problem.strerror or str(problem))
    finally:
        _unmake(made)


def write_run(
    run: Run,
    out: Path,
    *,
    html: str,
    map_png: bytes,
    summary: Mapping[str, Any] | None = None,
    more: Callable[[Path], None] | None = None,
) -> Path:
    """Write everything about a run into a folder, which appears whole or not at all.

    All is written into a hidden folder beside ``out``, which is then renamed. An earlier run under that name is
    replaced; any other content is never touched.

    Parameters
    ----------
    run : Run
        With or without a plan: an infeasible run has its diagnosis to share.
    out : Path
        The run folder; its parents are made.
    html, map_png : str, bytes
        ``report.html`` and ``map.png``.
    summary : mapping, optional
        ``summarise(run)``, when the caller has it already.
    more : callable, optional
        Given the folder being written, adds to it (the dossier); what it writes is in the manifest too.

    Returns
    -------
    Path
        ``out``, absolute.

    Raises
    ------
    InputError
        The folder cannot be written, is a file, or holds something that is not an earlier run.
    """
    out = Path(os.path.realpath(out))
    findings = Findings()
    _check_target(out, findings)
    findings.raise_errors()
    partial, made = _partial(out, "new"), _parents_to_make(out)
    try:
        with _as_finding(out, any_os_error=True):
            partial.mkdir(parents=True)
        with _as_finding(out):
            _fill(run, partial, html, map_png, summarise(run) if summary is None else summary, more)
        with _as_finding(out, any_os_error=True):
            _put_in_place(partial, out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        _unmake(made)  # does nothing once the run is there
    return out


def _fill(
    run: Run,
    folder: Path,
    html: str,
    map_png: bytes,
    summary: Mapping[str, Any],
    more: Callable[[Path], None] | None,
) -> None:
    (folder / layout.SUMMARY).write_text(json_text(summary), encoding="utf-8")
    scenario = yaml.safe_dump(plain(run.scenario, 12), allow_unicode=True, sort_keys=False, width=110)
    (folder / layout.SCENARIO).write_text(scenario, encoding="utf-8")
    tables.write_sites(summary, folder / layout.SITES)
    tables.write_coverage(run, folder / layout.COVERAGE)
    tables.write_communities(summary, folder / layout.COMMUNITIES)
    geo.write_gpkg(run, folder / layout.GPKG)
    geo.write_geojson(run, folder / layout.GEOJSON)
    (folder / layout.REPORT).write_text(html, encoding="utf-8", errors="replace")
    (folder / layout.MAP).write_bytes(map_png)
    (folder / layout.LOG).write_text(run.log, encoding="utf-8", errors="replace")
    if more is not None:
        more(folder)
    # The manifest comes last: a folder without one is not a run.
    (folder / layout.MANIFEST).write_text(json_text(manifest_of(run, folder)), encoding="utf-8")


def _put_in_place(partial: Path, out: Path) -> None:
    """Rename the new folder to its name; an old one steps aside first and comes back if that fails."""
    if not out.exists():
        partial.rename(out)
        return
    aside = _partial(out, "old")
    out.rename(aside)
    try:
        partial.rename(out)
    except BaseException:
        aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _check_target(out: Path, findings: Findings) -> None:
    """Report a target that is a file, or a folder with anything that is not a siteopt run."""
    try:
        if not out.exists():
            return
        if not out.is_dir():
            findings.error("out_is_a_file", file=out.name, value=str(out))
            return
        found = sorted(p.name for p in out.iterdir() if p.name not in _LITTER)
        if not found:
            return
        listed = _listed_files(out)
        if listed is None:
            findings.error("out_not_a_run", file=out.name, value=str(out), found=_some(found))
            return
        own = sorted(
            str(path.relative_to(out))
            for path in out.rglob("*")
            if path.is_file()
            and path.name not in _LITTER
            and path.relative_to(out).parts[0] != layout.DOSSIER
            and path.relative_to(out).as_posix() not in listed
        )
        if own:
            findings.error("out_has_own_files", file=out.name, value=str(out), found=_some(own))
    except OSError as problem:
        findings.error("cannot_write", file=out.name, value=str(out), reason=problem.strerror or str(problem))


def _listed_files(folder: Path) -> set[str] | None:
    """The files that a run's manifest lists, itself among them; None when the folder is not a run."""
    try:
        manifest = json.loads((folder / layout.MANIFEST).read_text(encoding="utf-8"))
        if not str(manifest["schema"]).startswith("siteopt.run/"):
            return None
        return {layout.MANIFEST, *manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _some(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def _partial(out: Path, word: str) -> Path:
    """A hidden name beside the folder that no other process has."""
    return out.with_name(f".{out.name[:60]}.{word}-{secrets.token_hex(4)}{layout.PARTIAL}")


def _parents_to_make(out: Path) -> list[Path]:
    """The parents that are not there yet, the deepest first."""
    return [parent for parent in out.parents if not parent.exists()]


def _unmake(parents: list[Path]) -> None:
    """Remove parents that were made in vain and are empty."""
    for parent in parents:
        with suppress(OSError):
            parent.rmdir()


@contextmanager
def _as_finding(out: Path, *, any_os_error: bool = False) -> Iterator[None]:
    """Turn what the disk says into a finding; errors of ours stay errors."""
    try:
        yield
    except (DataSourceError, DataLayerError, sqlite3.OperationalError) as problem:
        raise _cannot_write(out, str(problem)) from problem
    except OSError as problem:
        if not any_os_error and problem.errno not in _DISK:
            raise
        raise _cannot_write(out, problem.strerror or str(problem)) from problem


def _cannot_write(out: Path, reason: str) -> InputError:
    return InputError([Finding("error", "cannot_write", out.name, value=str(out), facts={"reason": reason})])
