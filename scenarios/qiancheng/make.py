"""Make the data of the illustrative town 黔城示例: ``python make.py [--out FOLDER]``.

Nothing here is real: rivers, streets, communities, outlets and spaces are invented, and placed near Hongjiang so
that coordinate systems and distances are those of a real planning office. Only the shares of children and elderly
are measured (census of 2020). The seed is fixed: the same files come out every time.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from pyproj import Transformer

sys.path.insert(0, str(Path(__file__).resolve().parent))
from generator import facts, people, places, plan, shapes, streets

DATE = "2024-05-30T00:00:00Z"
"""Written into the GeoPackages, which otherwise carry the time of writing."""


LAND = ("school_gates", "development_boundary", "permanent_basic_farmland", "ecological_red_line")
"""Layers that land rules look at: all in land.gpkg."""


def community_table(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Communities with floor areas: about 40 m² a person, more in new ones."""
    areas = shapes.communities()
    centre = shapely.centroid(cells.geometry.to_numpy())
    rows, counts = [], []
    for c in plan.COMMUNITIES:
        residents = int(cells["residents"].to_numpy()[shapely.intersects(areas[c.id], centre)].sum())
        counts.append(residents)
        total = round(residents * c.m2_per_person / 100) * 100
        rows.append(
            {
                "community_id": c.id,
                "name": c.name,
                "age_class": c.age_class,
                "tier": {"old": "邻里中心", "mature": "邻里街区", "new": "邻里社区"}[c.age_class],
                "floor_area_m2": total,
                "commercial_area_m2": round(total * c.commercial / 10) * 10,
                "geometry": areas[c.id],
            }
        )
    return facts.of_communities(gpd.GeoDataFrame(rows, geometry="geometry"), counts)


def town() -> dict[str, gpd.GeoDataFrame]:
    """Every layer, in EPSG:4546."""
    areas = shapes.communities()
    lines = streets.network(areas)
    cells = people.cells(areas, lines)
    front = places.frontage(lines, areas, cells)
    layers = {
        "streets": lines,
        "demand": cells,
        "communities": community_table(cells),
        "candidates": facts.of_spaces(places.spaces(front, lines, areas)),
        "existing": facts.of_outlets(places.outlets(front)),
        **facts.land(),
    }
    return {name: _placed(layer) for name, layer in layers.items()}


def _placed(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The layer at its place on earth, coordinates to the centimetre."""
    geometry = shapely.transform(layer.geometry.to_numpy(), lambda xy: np.round(xy + np.array(plan.ORIGIN), 2))
    return layer.set_geometry(gpd.GeoSeries(geometry, crs=plan.CRS))


def write(layers: dict[str, gpd.GeoDataFrame], out: Path) -> None:
    """GeoPackages and one CSV (UTF-8 with BOM, so that a spreadsheet opens the Chinese names)."""
    out.mkdir(parents=True, exist_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": DATE})
    for name, layer in layers.items():
        if name == "existing":
            continue
        path = out / ("land.gpkg" if name in LAND else f"{name}.gpkg")
        if name not in LAND[1:]:
            path.unlink(missing_ok=True)
        pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG", layer_options={"SPATIAL_INDEX": "NO"})
    existing = layers["existing"]
    xy = shapely.get_coordinates(existing.geometry.to_numpy())
    lon, lat = Transformer.from_crs(plan.CRS, "EPSG:4490", always_xy=True).transform(xy[:, 0], xy[:, 1])
    with (out / "existing.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["outlet_id", "name", "type", "area_m2", "lon", "lat", "chain"])
        plain = existing[["outlet_id", "name", "type", "area_m2", "chain"]].itertuples(index=False)
        for (*row, chain), x, y in zip(plain, lon, lat, strict=True):
            table.writerow([*row, f"{x:.7f}", f"{y:.7f}", chain])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "data")
    folder = parser.parse_args().out
    layers = town()
    write(layers, folder)
    for name, layer in layers.items():
        print(f"{name}: {len(layer)}")


if __name__ == "__main__":
    main()
