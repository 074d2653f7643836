"""Minutes made as ``../shared/data/*/README.md`` describe, independently of siteopt's own network search.

Snap to the nearest node of the largest component, Dijkstra along the streets, 80 m a minute:
``snap_m(cell) + path + snap_m(site)``. siteopt gets the result as a table of minutes that the user brings.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siteopt import pipeline
from siteopt.model import constraint
from siteopt.pipeline import Ready
from siteopt.plan import Run

M_PER_MIN = 80.0
"""4.8 km/h."""
FARTHEST_M = 1200.0
"""15 minutes, the widest limit that the tables use."""
MARKET = "vegetable_market"
NO_LIMIT_S = 600


def city(folder: Path, work: Path, *, limit_min: float, markets: bool) -> Ready:
    """A city of the reference tables, read and checked: one type, unit cost, any space, its own minutes table.

    Parameters
    ----------
    folder : Path
        The city's folder in ``../shared/data``.
    work : Path
        An empty folder for the table and the scenario.
    limit_min : float
    markets : bool
        Count the vegetable markets of today first.
    """
    minutes(folder, markets=markets).to_csv(work / "minutes.csv", index=False)
    scenario = {
        "siteopt": 1,
        "name": f"{folder.name}-reference",
        "travel": {"table": {"file": "minutes.csv"}, "speed_kmh": 4.8},
        "demand": {
            "file": str(folder / "demand.csv"),
            "crs": "EPSG:4326",
            "id": "id",
            "people": {"residents": "population"},
        },
        "candidates": {
            "file": str(folder / "candidates.csv"),
            "crs": "EPSG:4326",
            "id": "candidate_id",
            "area_m2": {"default": 0},
            "kind": {"default": "idle_premises"},
        },
        "types": {MARKET: {"limit_min": limit_min, "area_m2": 0, "cost": 1}},
        "constraints": [{"rule": "budget", "amount": 1}],
        "solver": {"time_limit_s": NO_LIMIT_S},
    }
    if markets:
        scenario["existing"] = [
            {
                "file": str(folder / "outlets.csv"),
                "crs": "EPSG:4326",
                "id": "outlet_id",
                "type": "kind",
                "where": {"kind": MARKET},
            }
        ]
    return checked(scenario, work)


def checked(scenario: dict[str, object], work: Path) -> Ready:
    """Write a scenario (JSON is YAML) and read it back through siteopt."""
    path = work / "scenario.yaml"
    path.write_text(json.dumps(scenario, indent=1), encoding="utf-8")
    return pipeline.check(path)


def solved(ready: Ready, outlets: int) -> Run:
    """The best plan with so many outlets: the budget, at unit cost."""
    budget = constraint.registry()["budget"]
    kept = tuple(rule for rule in ready.rules if rule.name != "budget")
    limit = budget(budget.parameters.model_validate({"amount": outlets}), "budget")
    return pipeline.solve(replace(ready, rules=(*kept, limit)))


def minutes(folder: Path, *, markets: bool) -> pd.DataFrame:
    """Walking minutes of every pair within 15 minutes: ``cell_id``, ``site_id``, ``minutes``."""
    cells = _ends(folder / "demand.csv", "id")
    sites = _ends(folder / "candidates.csv", "candidate_id")
    if markets:
        outlets = _ends(folder / "outlets.csv", "outlet_id")
        sites = pd.concat([sites, outlets[outlets["kind"] == MARKET]], ignore_index=True)
    node, streets = walk_graph(folder)
    cell_node, site_node = (np.searchsorted(node, ends["snap_node"]) for ends in (cells, sites))
    for at, ends in ((cell_node, cells), (site_node, sites)):
        assert (node[at] == ends["snap_node"]).all(), "snapped to a node that the network does not have"
    start, start_of_site = np.unique(site_node, return_inverse=True)
    path_m = dijkstra(streets, directed=False, indices=start, limit=FARTHEST_M + 1)[:, cell_node][start_of_site]
    walk_m = path_m + sites["snap_m"].to_numpy()[:, None] + cells["snap_m"].to_numpy()[None, :]
    site, cell = np.nonzero(walk_m <= FARTHEST_M + 1)
    return pd.DataFrame(
        {
            "cell_id": cells["id"].to_numpy()[cell],
            "site_id": sites["id"].to_numpy()[site],
            "minutes": walk_m[site, cell] / M_PER_MIN,
        }
    )


def walk_graph(folder: Path) -> tuple[np.ndarray, csr_array]:
    """Node ids in ascending order, and the largest component's streets in metres, the shortest of parallel ones.

    (scipy adds up what comes twice, and a loop has no use.)
    """
    nodes = pd.read_csv(folder / "network_nodes.csv")
    edges = pd.read_csv(folder / "network_edges.csv", usecols=["u", "v", "length_m", "in_lcc"])
    node = np.sort(nodes.loc[nodes["in_lcc"], "node"].to_numpy())
    edges = edges[edges["in_lcc"] & (edges["u"] != edges["v"])]
    low, high = np.sort(edges[["u", "v"]].to_numpy(), axis=1).T
    shortest = edges["length_m"].groupby([low, high]).min()
    u, v = (np.searchsorted(node, shortest.index.get_level_values(k)) for k in (0, 1))
    return node, csr_array((shortest.to_numpy(), (u, v)), shape=(len(node), len(node)))


def _ends(path: Path, key: str) -> pd.DataFrame:
    """Points with the node that they snap to; ids are text, node ids whole."""
    return pd.read_csv(path, dtype={key: str, "snap_node": np.int64}).rename(columns={key: "id"})
