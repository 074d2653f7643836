"""All layers side by side: the world that a scenario describes, or every reason why it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely

from siteopt.findings import Findings
from siteopt.layers.communities import read_communities
from siteopt.layers.cross import check_layers, tell_zones_apart
from siteopt.layers.demand import read_demand
from siteopt.layers.files import RASTERS
from siteopt.layers.funds import funds_of
from siteopt.layers.inputs import inputs_of
from siteopt.layers.kinds import unsourced_conversion, with_marks
from siteopt.layers.shift import ShiftCheck
from siteopt.layers.sites import read_sites
from siteopt.layers.tiers import with_tiers
from siteopt.layers.zones import read_zones
from siteopt.scenario.schema import ScenarioSpec
from siteopt.units import Floats
from siteopt.world import Communities, DemandCells, Funds, OutletTypes, Periods, Sites, Streets, World, Zones

__all__ = ["inputs_of", "read_world"]


def read_world(
    spec: ScenarioSpec,
    base: Path,
    crs: str,
    types: OutletTypes,
    streets: Streets | None,
    findings: Findings,
    *,
    file: str = "scenario",
) -> World | None:
    """Read every layer and hold them against each other; never raises for bad input.

    Parameters
    ----------
    spec : ScenarioSpec
    base : Path
        Folder of the scenario file; relative paths start there.
    crs : str
        The metric CRS (see :func:`siteopt.layers.crs.choose_crs`).
    types : OutletTypes
        The outlet types, catalogue entries filled in, in the order of ``spec.types``.
    streets : Streets or None
        For the check of shifted coordinates; None skips it.
    findings : Findings
        Takes every fault of every layer.
    file : str
        The scenario file's name in findings.

    Returns
    -------
    World or None
        None when a layer or the comparison of layers added an error.
    """
    before = len(findings.errors)
    communities = read_communities(spec.communities, base, crs, findings, scenario=file)
    cells = read_demand(spec.demand, base, crs, communities, findings)
    sites = read_sites(spec, base, crs, types, communities, findings, scenario=file)
    zones = read_zones(spec.zones, base, crs, findings, scenario=file)
    check_layers(spec, cells, sites, communities, findings)
    check_zones(spec, zones, sites, streets, crs, findings)
    raster = Path(spec.demand.file).suffix.lower() in RASTERS
    check_shift(spec, None if cells is None else cells.xy_m, sites, streets, crs, findings, raster=raster)
    tell_conversion(spec, findings, file=file)
    funds = funds_of(spec, types, findings, file=file)
    if cells is None or sites is None or communities is None or zones is None or len(findings.errors) > before:
        return None
    return as_world(spec, crs, types, cells, sites, communities, zones, funds, findings)


def as_world(
    spec: ScenarioSpec,
    crs: str,
    types: OutletTypes,
    cells: DemandCells,
    sites: Sites,
    communities: Communities,
    zones: Mapping[str, Zones],
    funds: Funds,
    findings: Findings | None,
) -> World:
    """Layers that hold together, as one noun with what the scenario says about them.

    ``findings`` takes how communities were classified; without it nothing is told, and the cells are taken as not
    read yet, so that communities get the highest tiers that they may get.
    """
    counted = None if findings is None else cells
    communities = with_tiers(communities, spec.communities, counted, sites, findings or Findings())
    language = spec.report.language
    notes = (
        note if isinstance(note, str) else note.get(language) or next(iter(note.values()), "") for note in spec.notes
    )
    layers = (
        spec.demand, spec.candidates, *spec.existing, *((spec.communities,) if spec.communities else ()),
        *spec.zones.values(),
    )  # fmt: skip
    return World(
        cells=cells,
        sites=sites,
        communities=communities,
        types=with_marks(types, sites, spec.candidates),
        crs=crs,
        currency=spec.currency,
        illustrative=spec.illustrative,
        notes=tuple(notes),
        sources=tuple(dict.fromkeys(layer.file for layer in layers)),
        attribution=spec.attribution,
        zones=dict(zones),
        periods=periods_of(spec),
        funds=funds,
    )


def periods_of(spec: ScenarioSpec) -> Periods:
    """The scenario's phases; one period where it has none."""
    if not spec.phases:
        return Periods()
    return Periods(
        name=tuple(phase.name for phase in spec.phases),
        weight=tuple(phase.weight for phase in spec.phases),
        months=tuple(phase.months for phase in spec.phases),
    )


def tell_conversion(spec: ScenarioSpec, findings: Findings, *, file: str) -> None:
    """Warn of conversion costs without a source (``conversion_unsourced``)."""
    for kind in unsourced_conversion(spec.candidates):
        findings.warning("conversion_unsourced", file=file, field=f"candidates.conversion.{kind}", value=kind)


def check_shift(
    spec: ScenarioSpec,
    cells_xy_m: Floats | None,
    sites: Sites | None,
    streets: Streets | None,
    crs: str,
    findings: Findings,
    *,
    raster: bool = False,
) -> None:
    """Ask of each layer whether its positions look shifted; of cells, some from all over the layer are enough."""
    check = ShiftCheck(streets, crs)
    # A raster's pixels lie where its grid lies: web maps do not export one.
    if cells_xy_m is not None and not spec.demand.trust_position and not raster:
        check.tell(spec.demand.file, cells_xy_m, findings)
    if sites is None:
        return
    trusted = {source.file for source in (spec.candidates, *spec.existing) if source.trust_position}
    for file in dict.fromkeys(sites.file):
        if file not in trusted:
            check.tell(file, sites.xy_m[sites.file == file], findings)


def check_zones(
    spec: ScenarioSpec,
    zones: Mapping[str, Zones] | None,
    sites: Sites | None,
    streets: Streets | None,
    crs: str,
    findings: Findings,
) -> None:
    """Whether layers of land lie where the spaces are, and whether their points look shifted."""
    if zones is None:
        return
    tell_zones_apart(zones, sites, findings)
    check = ShiftCheck(streets, crs)
    for name, zone in zones.items():
        points = shapely.get_type_id(zone.geometry) == 0
        if points.any() and not spec.zones[name].trust_position:
            xy_m = np.column_stack([shapely.get_x(zone.geometry[points]), shapely.get_y(zone.geometry[points])])
            check.tell(zone.file, xy_m, findings)
