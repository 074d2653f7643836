"""What was read: each input file with its hash, size and number of rows, for the manifest."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyogrio

from siteopt.findings import Findings
from siteopt.layers.files import GDAL_LAYERS, PARQUET, TEXT_TABLES, parts_of
from siteopt.layers.heard import READER_ERRORS, heard
from siteopt.layers.parts import files_of, part_name
from siteopt.layers.text_batches import text_batches
from siteopt.scenario.schema import ScenarioSpec

_CHUNK = 1 << 20


def inputs_of(spec: ScenarioSpec, base: Path) -> list[dict[str, Any]]:
    """Every input file once, in the order in which the scenario names them.

    Parameters
    ----------
    spec : ScenarioSpec
    base : Path
        Folder of the scenario file.

    Returns
    -------
    list of {"file", "sha256", "rows", "bytes"}
        ``file`` as the scenario writes it; of a Shapefile all parts are hashed and counted together; ``rows`` is
        None for a raster or an OSM extract. A file that is not there is left out.
    """
    named: dict[str, tuple[str | None, str | None]] = {}
    layers = [
        spec.demand, spec.candidates, *spec.existing, *([spec.communities] if spec.communities else []),
        *spec.zones.values(),
    ]  # fmt: skip
    for source in layers:
        named.setdefault(source.file, (source.layer, source.encoding))
        if source.within:
            named.setdefault(source.within, (None, None))
    if spec.travel.streets:
        named.setdefault(spec.travel.streets.file, (spec.travel.streets.layer, None))
    if spec.travel.table:
        named.setdefault(spec.travel.table.file, (None, None))
    if spec.demand.streamed and (many := files_of(spec.demand.file, base)) is not None:
        about = named.pop(spec.demand.file)
        named = {part_name(spec.demand.file, base, path): about for path in many} | named
    out = []
    for file, (layer, encoding) in named.items():
        parts = [p for p in parts_of(base / file) if p.is_file()]
        if parts:
            out.append(
                {
                    "file": file,
                    "sha256": _sha256(parts),
                    "rows": _rows(base / file, layer, encoding),
                    "bytes": sum(p.stat().st_size for p in parts),
                }
            )
    return out


def _sha256(parts: list[Path]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _rows(path: Path, layer: str | None, encoding: str | None) -> int | None:
    suffix = path.suffix.lower()
    try:
        if suffix in TEXT_TABLES:
            batches = text_batches(path, path.name, Findings(), encoding=encoding, keep=lambda names: set())
            return sum(len(text.row) for text in batches)
        if suffix in PARQUET:
            return int(pq.read_metadata(path).num_rows)
        if suffix in GDAL_LAYERS:
            with heard(path.name, Findings()):
                return int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"])
    except (*READER_ERRORS, csv.Error):
        return None
    return None
