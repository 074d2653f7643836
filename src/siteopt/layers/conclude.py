"""What only a whole layer shows, told after its last batch: the checks of a layer read in one piece."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from siteopt.findings import Findings
from siteopt.layers.batches import CellReader, Sight, label_of
from siteopt.layers.columns import as_spec, read_ids
from siteopt.layers.datum import middle
from siteopt.layers.files import RASTERS
from siteopt.layers.part_tables import ROLE, FirstLook, tables
from siteopt.layers.parts import Part
from siteopt.layers.place import STRAY_M, within_area_of_use
from siteopt.layers.table import said_where
from siteopt.layers.twice import Hashes, among, hashes_of
from siteopt.layers.words import shown
from siteopt.scenario.schema import Demand


def conclude(
    sight: Sight,
    parts: tuple[Part, ...],
    reader: CellReader,
    look: FirstLook | None,
    twice: Hashes,
    findings: Findings,
) -> None:
    """Tell what was found in a layer's rows, and what the rows together show.

    Parameters
    ----------
    sight : Sight
        Of all parts.
    parts, reader, look
        The layer.
    twice : hashes of ids that may have come twice
    findings : Findings
        Takes ``empty_layer``, ``nothing_left``, ``nothing_within``, ``no_people``, ``duplicate_id``,
        ``axes_swapped``, ``metres_where_degrees``, ``outside_degrees``, ``degrees_where_metres``,
        ``outside_crs_area`` and ``stray_feature``, as for a layer read in one piece.
    """
    spec = reader.spec
    findings.extend(sight.findings)
    before = len(findings.errors)
    if len(twice):
        _tell_twice(parts, spec, twice, findings)
    if before or not parts:
        return
    if not sight.read:
        findings.error("empty_layer", file=spec.file)
    elif not sight.left:
        findings.error("nothing_left", file=spec.file, field=f"{ROLE}.where", value=said_where(spec))
    elif not sight.inside and spec.within:
        findings.error("nothing_within", file=spec.file, field=f"{ROLE}.within", value=spec.within)
    elif _plausible(sight, spec, look, findings):
        if not sight.people_seen:
            findings.error("no_people", file=spec.file, field=next(iter(reader.groups)))
        elif parts[0].suffix not in RASTERS:
            _tell_strays(sight, parts, reader, findings)


def _plausible(sight: Sight, spec: Demand, look: FirstLook | None, findings: Findings) -> bool:
    """Whether the coordinates can be what they claim to be."""
    if look is None or not np.isfinite(sight.low).all():
        return True  # a raster, whose grid says where it lies
    low, high = sight.low, sight.high
    if sight.not_degrees:
        _, _, value = sight.some[0]
        if (np.abs([low, high]) <= (90, 180)).all():
            findings.error("axes_swapped", file=spec.file, value=value, crs=look.crs.name)
        elif sight.not_degrees * 2 >= sight.inside:
            findings.error("metres_where_degrees", file=spec.file, value=value, crs=look.crs.name)
        else:
            for file, row, value in sight.some:
                findings.error("outside_degrees", file=file, row=row, value=value)
        return False
    if not look.crs.is_geographic and (np.abs([low, high]) <= (180, 90)).all():
        x, y = look.xy
        findings.error("degrees_where_metres", file=spec.file, value=f"{x:.6g}, {y:.6g}", crs=look.crs.name)
        return False
    return within_area_of_use(spec.file, look.crs, look.xy.reshape(1, 2), findings)


def _tell_strays(sight: Sight, parts: tuple[Part, ...], reader: CellReader, findings: Findings) -> None:
    """Tell cells far from all others; the layer is read again only where its extent says that there may be some."""
    if sight.cells < 3:
        return
    centre = middle(sight.spread_xy_m())[0]
    if np.hypot(*np.maximum(centre - sight.low_m, sight.high_m - centre)) <= STRAY_M:
        return
    count = 0
    some: list[tuple[int, float]] = []
    for part in parts:
        for batch in reader.batches(part, Sight()):
            away_m = np.hypot(*(batch.xy_m - centre).T)
            far = np.flatnonzero(away_m > STRAY_M)
            count += len(far)
            some += [(int(batch.rank[i]), float(away_m[i])) for i in far[: 100 - len(some)]]
    if count * 20 <= sight.cells or count == 1:  # many of them: the layer is simply large
        for rank, away in some:
            file, row = label_of(parts, rank)
            findings.warning("stray_feature", file=file, row=row, km=away / 1000)


def _tell_twice(parts: Iterable[Part], spec: Demand, twice: Hashes, findings: Findings) -> None:
    """Read the ids again and compare those themselves whose hashes are the same."""
    if spec.id is None:
        return
    first: dict[str, tuple[str, int | str]] = {}
    for part in parts:
        for table in tables(part, spec, Findings(), batch_rows=65_536):
            ids = read_ids(table, spec.id, Findings(), field=f"{ROLE}.id", unique=False)
            for i in [] if ids is None else np.flatnonzero(among(hashes_of(ids), twice)):
                here = (table.file, table.label(i))
                before = first.setdefault(ids[i], here)  # type: ignore[index]
                if before != here:
                    findings.error(
                        "duplicate_id", file=here[0], row=here[1], field=as_spec(spec.id).column,
                        value=shown(ids[i]), first=before[1], first_file=before[0],  # type: ignore[index]
                    )  # fmt: skip
