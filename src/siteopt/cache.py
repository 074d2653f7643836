"""What took long to find, kept in files for the next run: found again by what it was made from, or not at all.

A key is a hash of everything that went in: data, parameters, the code itself and the libraries under it. So nothing
in here is ever out of date, and a folder that is lost, damaged or filled with other files only costs time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

MOST_BYTES = 2_000_000_000
ENDING = ".siteopt.npz"
_LIBRARIES = ("numpy", "scipy", "shapely", "pyproj", "osmium")
_KEY = "key"

Arrays = Mapping[str, "np.ndarray[Any, Any]"]


@dataclass(frozen=True)
class Cache:
    """A folder of results.

    Attributes
    ----------
    folder : Path
        Made when something is first kept; a folder that cannot be written is no fault, nothing is kept then.
    most_bytes : int
        The results that were not used for longest leave beyond this.
    """

    folder: Path
    most_bytes: int = MOST_BYTES

    def get(self, key: str) -> dict[str, np.ndarray[Any, Any]] | None:
        """The arrays kept under a key; None when there are none, or not whole."""
        path = self._path(key)
        try:
            with np.load(path, allow_pickle=False) as held:  # each member's checksum is tested as it is read
                found = {name: held[name] for name in held.files}
            if str(found.pop(_KEY)) != key:
                return None
            os.utime(path)
        except Exception:  # a damaged or foreign file can fail in any way its reader knows
            return None
        return found

    def put(self, key: str, arrays: Arrays) -> bool:
        """Keep arrays under a key, whole or not at all; say whether they were."""
        if sum(a.nbytes for a in arrays.values()) > self.most_bytes:
            return False
        scratch = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".writing-", suffix=".tmp", dir=self.folder)
            scratch = Path(name)
            with os.fdopen(handle, "wb") as out:
                members: dict[str, Any] = {_KEY: np.array(key), **arrays}
                np.savez(out, **members)
            scratch.replace(self._path(key))
            scratch = None
            self._make_room()
        except OSError:  # no right to write, a full disk
            return False
        finally:
            if scratch is not None:
                with contextlib.suppress(OSError):
                    scratch.unlink()
        return True

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{ENDING}"

    def _make_room(self) -> None:
        """Let the results go that were not used for longest, and what a broken run left half written."""
        kept = sorted((p.stat().st_mtime_ns, p.stat().st_size, p) for p in self.folder.glob(f"*{ENDING}"))
        total = sum(size for _, size, _ in kept)
        for _, size, path in kept[:-1]:
            if total <= self.most_bytes:
                break
            path.unlink(missing_ok=True)
            total -= size
        now = max((when for when, _, _ in kept), default=0)
        for path in self.folder.glob(".writing-*.tmp"):
            if now - path.stat().st_mtime_ns > 86_400 * 10**9:
                path.unlink(missing_ok=True)


def default_cache() -> Cache | None:
    """The folder named by ``SITEOPT_CACHE``, else the platform's own; None when ``SITEOPT_CACHE`` is set empty."""
    said = os.environ.get("SITEOPT_CACHE")
    if said is not None:
        return Cache(Path(said).expanduser()) if said.strip() else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "darwin":
        return Cache(home / "Library" / "Caches" / "siteopt")
    if sys.platform == "win32":
        return Cache(Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "siteopt" / "cache")
    return Cache(Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "siteopt")


def key_of(kind: str, *parts: Any) -> str:
    """A name for a result: 64 hexadecimal digits from all that it is made of.

    Parameters
    ----------
    kind : what it is
    *parts : arrays count with type, shape and bytes, everything else as its text; None counts too
    """
    said = hashlib.sha256(f"{kind}\0{_code()}".encode())
    for part in parts:
        if isinstance(part, np.ndarray):
            said.update(f"\0{part.dtype.str}{part.shape}\0".encode())
            said.update(np.ascontiguousarray(part).data)
        else:
            text = repr(part).encode("utf-8", errors="surrogatepass")
            said.update(f"\0text{len(text)}\0".encode() + text)
    return said.hexdigest()


def file_hash(path: Path) -> str:
    """Hexadecimal digits of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _code() -> str:
    """The code that results come from, and the libraries under it."""
    here = Path(__file__).parent
    said = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    for path in (*sorted(here.glob("access/*.py")), *sorted(here.glob("layers/*.py")), here / "kept.py"):
        said.update(path.read_bytes())
    return said.hexdigest()
