"""Put a folder in its place: whole or not at all, and never over anything that siteopt did not write itself."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pyogrio.errors import DataLayerError, DataSourceError

from siteopt.findings import Finding, Findings, InputError
from siteopt.runs import layout

LITTER = {".DS_Store", "Thumbs.db", "desktop.ini", "plan.gpkg-wal", "plan.gpkg-shm", "plan.gpkg-journal"}
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


def check_writable(out: Path, findings: Findings, kind: str = layout.MANIFEST_KIND) -> None:
    """Report, before any work is done, that a folder (of a run, unless another kind is named) cannot be written.

    Makes a trial folder beside it and removes it again; leaves everything as it was.
    """
    out = Path(os.path.realpath(out))
    before = len(findings)
    check_target(out, findings, kind)
    if len(findings) > before:
        return
    partial, made = partial_of(out, "try"), parents_to_make(out)
    try:
        partial.mkdir(parents=True)
        partial.rmdir()
    except OSError as problem:
        findings.error("cannot_write", file=out.name, value=str(out), reason=problem.strerror or str(problem))
    finally:
        unmake(made)


def put_in_place(partial: Path, out: Path) -> None:
    """Rename the new folder to its name; an old one steps aside first and comes back if that fails."""
    if not out.exists():
        partial.rename(out)
        return
    aside = partial_of(out, "old")
    out.rename(aside)
    try:
        partial.rename(out)
    except BaseException:
        aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def check_target(out: Path, findings: Findings, kind: str) -> None:
    """Report a target that is a file, or a folder with anything that siteopt did not write as this kind of folder."""
    try:
        if not out.exists():
            return
        if not out.is_dir():
            findings.error("out_is_a_file", file=out.name, value=str(out))
            return
        found = sorted(p.name for p in out.iterdir() if p.name not in LITTER)
        if not found:
            return
        listed = listed_files(out, kind)
        if listed is None:
            findings.error("out_not_a_run", file=out.name, value=str(out), found=_some(found))
            return
        own = sorted(
            str(path.relative_to(out))
            for path in out.rglob("*")
            if path.is_file()
            and path.name not in LITTER
            and path.relative_to(out).parts[0] != layout.DOSSIER
            and path.relative_to(out).as_posix() not in listed
        )
        if own:
            findings.error("out_has_own_files", file=out.name, value=str(out), found=_some(own))
    except OSError as problem:
        findings.error("cannot_write", file=out.name, value=str(out), reason=problem.strerror or str(problem))


def listed_files(folder: Path, kind: str) -> set[str] | None:
    """The files that a folder's manifest lists, itself among them; None when it is not of this kind."""
    try:
        manifest = json.loads((folder / layout.MANIFEST).read_text(encoding="utf-8"))
        if not str(manifest["schema"]).startswith(kind):
            return None
        return {layout.MANIFEST, *manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _some(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def partial_of(out: Path, word: str) -> Path:
    """A hidden name beside the folder that no other process has."""
    return out.with_name(f".{out.name[:60]}.{word}-{secrets.token_hex(4)}{layout.PARTIAL}")


def parents_to_make(out: Path) -> list[Path]:
    """The parents that are not there yet, the deepest first."""
    return [parent for parent in out.parents if not parent.exists()]


def unmake(parents: list[Path]) -> None:
    """Remove parents that were made in vain and are empty."""
    for parent in parents:
        with suppress(OSError):
            parent.rmdir()


@contextmanager
def as_finding(out: Path, *, any_os_error: bool = False) -> Iterator[None]:
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
