"""What is there: demand cells, sites, communities, outlet types, streets.

Frozen dataclasses over read-only arrays. I cells, G population groups, J sites, T outlet types, K communities,
V street nodes. Polygons are shapely geometries in the metric CRS, held in object arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from siteopt.units import Bools, Floats, Ints, Texts

SpaceKind = Literal["corner_plot", "idle_premises", "renovated_building", "new_building", "existing_outlet"]
SPACE_KINDS: tuple[str, ...] = ("corner_plot", "idle_premises", "renovated_building", "new_building")
"""Kinds of vacant space; ``existing_outlet`` is added for the outlets that stand today."""

ADDS_FLOOR_AREA: frozenset[str] = frozenset({"corner_plot", "new_building"})
"""Kinds whose outlets are newly built floor area: they enlarge the denominator of the commercial-area rule."""

AGE_CLASSES: tuple[str, ...] = ("new", "mature", "old")


@dataclass(frozen=True, eq=False)
class DemandCells:
    """Where people live (or work): one row per cell with its people by group.

    Attributes
    ----------
    cell_id : (I,) str
    xy_m : (I, 2) metres in the metric CRS, a point inside the cell
    people : (I, G) persons, finite, >= 0
    groups : (G,) names; the first is the group that coverage is counted in (all residents)
    community : (I,) index into Communities, -1 none
    geometry : (I,) shapely polygons or points, metric CRS
    file, row : where each cell came from (row as a spreadsheet shows it)
    n_cells : (I,) how many cells of the layer a row stands for, where rows are classes of cells that no plan can
        tell apart (a streamed layer); None where each row is one cell. ``row`` is then the first member's.
    """

    cell_id: Texts
    xy_m: Floats
    people: Floats
    groups: tuple[str, ...]
    community: Ints
    geometry: Texts
    file: str
    row: Texts
    n_cells: Ints | None = None

    def __len__(self) -> int:
        return len(self.cell_id)

    @property
    def counts(self) -> Ints:
        """(I,) cells of the layer that each row stands for."""
        return np.ones(len(self), dtype=np.int64) if self.n_cells is None else self.n_cells

    @property
    def residents(self) -> Floats:
        """(I,) persons of the first group: what "people" means in every coverage figure."""
        return self.people[:, 0]


@dataclass(frozen=True, eq=False)
class Sites:
    """Candidate spaces and, after them, the outlets that stand today (one row each).

    An existing outlet is a site with ``standing[j, t]`` true: it is open before any plan, costs nothing, and
    stays. A candidate space may have a standing outlet too.

    Attributes
    ----------
    site_id : (J,) str, unique
    name : (J,) str, may be empty
    xy_m : (J, 2) metres in the metric CRS
    area_m2 : (J,) m2 of floor area, >= 0
    kind : (J,) str, one of SPACE_KINDS or "existing_outlet"
    tenure, parcel_id, land_use : (J,) str, may be empty
    slots : (J,) int, how many base outlets fit
    community : (J,) index into Communities, -1 none
    allowed : (J, T) bool, a new outlet of this type may open here
    cost : (J, T) money to open, finite, >= 0; 0 where not allowed
    standing : (J, T) bool, an outlet of this type stands here today
    standing_area_m2 : (J,) m2 of the outlets that stand here today (0 when unknown)
    geometry : (J,) shapely polygons or points, metric CRS
    file, row : (J,) where each came from
    """

    site_id: Texts
    name: Texts
    xy_m: Floats
    area_m2: Floats
    kind: Texts
    tenure: Texts
    parcel_id: Texts
    land_use: Texts
    slots: Ints
    community: Ints
    allowed: Bools
    cost: Floats
    standing: Bools
    standing_area_m2: Floats
    geometry: Texts
    file: Texts
    row: Texts

    def __len__(self) -> int:
        return len(self.site_id)

    @property
    def is_candidate(self) -> Bools:
        """(J,) bool: a space that a plan may use, not merely an outlet that stands."""
        return np.asarray(self.kind != "existing_outlet", dtype=np.bool_)

    @property
    def adds_floor_area(self) -> Bools:
        """(J,) bool: an outlet here is newly built floor area rather than a conversion."""
        return np.isin(self.kind.astype(str), sorted(ADDS_FLOOR_AREA))


@dataclass(frozen=True, eq=False)
class Communities:
    """Communities (circles) with their floor areas, for the ratios of planning law.

    Attributes
    ----------
    community_id, name : (K,) str
    age_class : (K,) "new", "mature" or "old"
    tier : (K,) str, may be empty
    floor_area_m2 : (K,) total floor area as approved, m2, includes existing commercial area; nan = not given
    commercial_area_m2 : (K,) existing commercial and comprehensive service area, m2
    sense : (K,) "ge", "le" or "off": the sense of the commercial-area rule here
    share : (K,) the share of the rule, e.g. 0.10; nan = the rule's own
    geometry : (K,) shapely polygons, metric CRS
    """

    community_id: Texts
    name: Texts
    age_class: Texts
    tier: Texts
    floor_area_m2: Floats
    commercial_area_m2: Floats
    sense: Texts
    share: Floats
    geometry: Texts
    file: str
    row: Texts

    def __len__(self) -> int:
        return len(self.community_id)


@dataclass(frozen=True, eq=False)
class OutletTypes:
    """Outlet types are data.

    Attributes
    ----------
    type_id : (T,) str
    name : (T,) dict language -> text
    limit_min : (T,) walking limit in minutes, inclusive
    area_m2 : (T,) floor area of one outlet, m2
    weight : (T,) weight in the objective, >= 0
    category : (T,) "basic" or "quality"
    base : (T,) bool, takes one of a space's slots (an add-on such as a locker does not)
    qualifies : (T,) bool, its floor area counts as commercial and comprehensive service area
    public_interest : (T,) bool
    capacity : (T,) people one outlet serves, nan = unlimited
    illustrative : (T,) bool, a cost or area of this type has no source
    """

    type_id: tuple[str, ...]
    name: tuple[dict[str, str], ...]
    limit_min: Floats
    area_m2: Floats
    weight: Floats
    category: tuple[str, ...]
    base: Bools
    qualifies: Bools
    public_interest: Bools
    capacity: Floats
    illustrative: Bools

    def __len__(self) -> int:
        return len(self.type_id)


@dataclass(frozen=True, eq=False)
class Slopes:
    """What walking the streets up and down costs, in metres on the flat that take as long, at stations along edges.

    Attributes
    ----------
    indptr : (E+1,) CSR over stations; every edge has one at its tail and one at its head
    at_m : (Q,) metres along the edge, ascending, 0 first and the edge's length last
    forth_m : (Q,) from the tail to the station; back_m : (Q,) from the station to the tail
    stretch : float, >= 1; metres of street that one metre on the flat can be worth, at most
    """

    indptr: Ints
    at_m: Floats
    forth_m: Floats
    back_m: Floats
    stretch: float


@dataclass(frozen=True, eq=False)
class Streets:
    """A walking graph: undirected, parallel edges and loops allowed (snapping needs them).

    Attributes
    ----------
    node_xy_m : (V, 2) metres in the metric CRS
    tail, head : (E,) node indices
    length_m : (E,) metres > 0, along the line
    line : (E,) shapely LineStrings from tail to head, metric CRS
    component : (V,) connected-component index, 0 is the longest
    component_length_m : (C,) metres of street in each component
    file : str
    slopes : what going up and down costs, where elevation is known; None = as on the flat
    """

    node_xy_m: Floats
    tail: Ints
    head: Ints
    length_m: Floats
    line: Texts
    component: Ints
    component_length_m: Floats
    file: str
    slopes: Slopes | None = None


@dataclass(frozen=True, eq=False)
class World:
    """Everything that is there before anybody decides anything."""

    cells: DemandCells
    sites: Sites
    communities: Communities
    types: OutletTypes
    crs: str
    currency: str = "CNY"
    illustrative: bool = False
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = field(default_factory=tuple)
    attribution: tuple[str, ...] = field(default_factory=tuple)
