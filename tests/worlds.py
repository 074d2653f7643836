"""Small worlds, built by hand or at random, for tests of any room."""

from __future__ import annotations

import numpy as np
import shapely

from siteopt.problem import TravelTimes
from siteopt.world import Communities, DemandCells, OutletTypes, Sites, World


def texts(values: object) -> np.ndarray:
    """An object array of str."""
    out = np.empty(len(values), dtype=object)  # type: ignore[arg-type]
    out[:] = [str(v) for v in values]  # type: ignore[attr-defined]
    return out


def geometries(values: list[object]) -> np.ndarray:
    """An object array of geometries."""
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def make_types(limits: list[float], **over: object) -> OutletTypes:
    """Types t0, t1, ... with the given limits."""
    n = len(limits)
    base = {
        "type_id": tuple(f"t{t}" for t in range(n)),
        "name": tuple({"en": f"Type {t}", "zh": f"类型{t}"} for t in range(n)),
        "limit_min": np.asarray(limits, dtype=float),
        "area_m2": np.full(n, 50.0),
        "weight": np.ones(n),
        "category": ("basic",) * n,
        "base": np.ones(n, dtype=bool),
        "qualifies": np.ones(n, dtype=bool),
        "public_interest": np.zeros(n, dtype=bool),
        "capacity": np.full(n, np.nan),
        "illustrative": np.ones(n, dtype=bool),
    }
    return OutletTypes(**(base | over))  # type: ignore[arg-type]


def make_world(
    *,
    cell_xy: np.ndarray,
    people: np.ndarray,
    site_xy: np.ndarray,
    types: OutletTypes,
    cost: np.ndarray | None = None,
    area: np.ndarray | None = None,
    kind: list[str] | None = None,
    allowed: np.ndarray | None = None,
    standing: np.ndarray | None = None,
    slots: np.ndarray | None = None,
    cell_community: np.ndarray | None = None,
    site_community: np.ndarray | None = None,
    communities: Communities | None = None,
    groups: tuple[str, ...] = ("residents",),
    crs: str = "EPSG:4546",
) -> World:
    """A world in metres; ids are c000.. and s000.. in the order given."""
    cell_xy, site_xy = np.asarray(cell_xy, float), np.asarray(site_xy, float)
    people = np.asarray(people, float).reshape(len(cell_xy), len(groups))
    n_cells, n_sites, n_types = len(cell_xy), len(site_xy), len(types)
    standing = np.zeros((n_sites, n_types), bool) if standing is None else np.asarray(standing, bool)
    allowed = np.ones((n_sites, n_types), bool) if allowed is None else np.asarray(allowed, bool)
    kind = ["idle_premises"] * n_sites if kind is None else kind
    return World(
        cells=DemandCells(
            cell_id=texts([f"c{i:03d}" for i in range(n_cells)]),
            xy_m=cell_xy,
            people=people,
            groups=groups,
            community=np.full(n_cells, -1) if cell_community is None else np.asarray(cell_community),
            geometry=geometries(list(shapely.box(*(cell_xy - 50).T, *(cell_xy + 50).T))),
            file="cells.csv",
            row=texts(range(2, n_cells + 2)),
        ),
        sites=Sites(
            site_id=texts([f"s{j:03d}" for j in range(n_sites)]),
            name=texts([""] * n_sites),
            xy_m=site_xy,
            area_m2=np.full(n_sites, 200.0) if area is None else np.asarray(area, float),
            kind=texts(kind),
            tenure=texts([""] * n_sites),
            parcel_id=texts([""] * n_sites),
            land_use=texts([""] * n_sites),
            slots=np.ones(n_sites, int) if slots is None else np.asarray(slots),
            community=np.full(n_sites, -1) if site_community is None else np.asarray(site_community),
            allowed=allowed,
            cost=np.where(allowed, 1.0 if cost is None else np.asarray(cost, float), 0.0),
            standing=standing,
            standing_area_m2=np.zeros(n_sites),
            geometry=geometries(list(shapely.box(*(site_xy - 10).T, *(site_xy + 10).T))),
            file=texts(["sites.csv"] * n_sites),
            row=texts(range(2, n_sites + 2)),
        ),
        communities=communities if communities is not None else make_communities([]),
        types=types,
        crs=crs,
        illustrative=True,
    )


def make_communities(rows: list[dict[str, object]]) -> Communities:
    """Communities from dicts: id, age_class, floor_area_m2, commercial_area_m2, sense, share."""
    return Communities(
        community_id=texts([r.get("id", f"k{k}") for k, r in enumerate(rows)]),
        name=texts([r.get("name", r.get("id", f"k{k}")) for k, r in enumerate(rows)]),
        age_class=texts([r.get("age_class", "new") for r in rows]),
        tier=texts([""] * len(rows)),
        floor_area_m2=np.asarray([r.get("floor_area_m2", np.nan) for r in rows], float),
        commercial_area_m2=np.asarray([r.get("commercial_area_m2", 0.0) for r in rows], float),
        sense=texts([r.get("sense", "ge") for r in rows]),
        share=np.asarray([r.get("share", np.nan) for r in rows], float),
        geometry=geometries([r.get("geometry", shapely.box(0, 0, 1, 1)) for r in rows]),
        file="communities.gpkg",
        row=texts([f"fid {k + 1}" for k in range(len(rows))]),
    )


def straight_times(world: World, cutoff_min: float, speed_m_min: float = 80.0) -> TravelTimes:
    """Minutes of the straight line, all pairs within the cutoff; for small worlds only."""
    d = np.hypot(*(world.cells.xy_m[:, None, :] - world.sites.xy_m[None, :, :]).transpose(2, 0, 1)) / speed_m_min
    return times_from(d, cutoff_min)


def times_from(minutes: np.ndarray, cutoff_min: float) -> TravelTimes:
    """TravelTimes from a dense (I, J) table; inf is out of reach."""
    cell, site = np.nonzero(minutes <= cutoff_min + 1e-6)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(minutes)))])
    return TravelTimes(indptr, site, minutes[cell, site], cutoff_min, "table", 4.8)
