"""What is there: demand cells, sites, communities, outlet types, streets.

Frozen dataclasses over read-only arrays. I cells, G population groups, J sites, T outlet types, K communities,
V street nodes. Polygons are shapely geometries in the metric CRS, held in object arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from siteopt.units import Bools, Floats, Ints, Texts, read_only

SPACE_KINDS: tuple[str, ...] = ("corner_plot", "idle_premises", "renovated_building", "new_building")
"""Kinds of vacant space; ``existing_outlet`` is added for the outlets that stand today."""

ADDS_FLOOR_AREA: frozenset[str] = frozenset({"corner_plot", "new_building"})
"""Kinds whose outlets are newly built floor area: they enlarge the denominator of the commercial-area rule."""

AGE_CLASSES: tuple[str, ...] = ("new", "mature", "old")

TIERS: tuple[str, ...] = ("block", "centre", "community")
"""Form tiers of the plan: 邻里街区, 邻里中心, 邻里社区; the last is the richest. Not the same as grades."""

GRADES: tuple[str, ...] = ("basic", "enhanced", "quality")
"""Grades of a circle: 基础型, 提升型, 品质型."""

BUILDINGS: tuple[str, ...] = ("residential", "mixed", "commercial", "public")
"""Kinds of building that a space lies in."""

FORMS: tuple[str, ...] = ("detached", "terraced", "attached")
"""How a commercial building stands: by itself (独栋), in a row (连栋), or in or on a residential building."""

SECTORS: tuple[str, ...] = ("shopping", "catering", "other")
"""Sectors of the commercial mix."""

SERVICES: tuple[str, ...] = ("community_service", "elderly_care")
"""Norms of service area that an outlet's floor area may count for; elderly care counts for both."""

UNSAID: Any = None
"""Default of a field that data need not have: filled with what stands for "not said" in the full length."""


def _say(noun: Any, **unsaid: Any) -> None:
    """Fill the fields that were left out, so that nobody has to ask whether they are there."""
    for name, value in unsaid.items():
        if getattr(noun, name) is None:
            kind = object if isinstance(value, str) else np.asarray(value).dtype
            object.__setattr__(noun, name, read_only(np.full(len(noun), value, dtype=kind)))


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
    chain : (J,) bool, the outlets that stand here are run by a chain; an independent when not said
    flue : (J,) int, a dedicated flue: 1 there is one, 0 none, -1 not said
    building : (J,) str, one of BUILDINGS: what kind of building the space lies in; "" not said
    form : (J,) str, one of FORMS: how a commercial building stands; "" not said
    plot_m2 : (J,) m2 of the plot; nan = not said
    locked : (J,) bool, an essential outlet: its use may not change
    compartments : (J,) parcel compartments of the outlets that stand here; nan = none or not said
    months : (J,) months from the start of the plan until an outlet can open here; 0 at once, or not said
    capacity : (J, T) people that an outlet of the type serves here, if its type has a capacity; nan = the type's own
    cost_per_m2 : (J, T) money for each m2 beyond the type's least area, which ``cost`` pays for
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
    chain: Bools = UNSAID
    flue: Ints = UNSAID
    building: Texts = UNSAID
    form: Texts = UNSAID
    plot_m2: Floats = UNSAID
    locked: Bools = UNSAID
    compartments: Floats = UNSAID
    months: Floats = UNSAID
    capacity: Floats = UNSAID
    cost_per_m2: Floats = UNSAID

    def __post_init__(self) -> None:
        _say(self, chain=False, flue=-1, building="", form="", plot_m2=np.nan, locked=False)
        _say(self, compartments=np.nan, months=0.0)
        for name, unsaid in ("cost_per_m2", 0.0), ("capacity", np.nan):
            if getattr(self, name) is None:
                object.__setattr__(self, name, read_only(np.full(np.shape(self.cost), unsaid)))

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
    tier : (K,) str, one of TIERS, or free text as the file has it; may be empty
    floor_area_m2 : (K,) total floor area as approved, m2, includes existing commercial area; nan = not given
    commercial_area_m2 : (K,) existing commercial and comprehensive service area, m2
    sense : (K,) "ge", "le" or "off": the sense of the commercial-area rule here
    share : (K,) the share of the rule, e.g. 0.10; nan = the rule's own
    geometry : (K,) shapely polygons, metric CRS
    households : (K,) number; nan = not said
    residential_m2 : (K,) licensed residential floor area, m2; nan = not said
    service_m2, elderly_m2 : (K,) service area and elderly-care area that stand today, m2; nan = not said
    pilot : (K,) bool, chosen by hand as a pilot
    grade : (K,) str, one of GRADES as set by hand; "" not said
    tier_reason : (K,) str, why the tier is set by hand; "" not said, or found by thresholds
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
    households: Floats = UNSAID
    residential_m2: Floats = UNSAID
    service_m2: Floats = UNSAID
    elderly_m2: Floats = UNSAID
    pilot: Bools = UNSAID
    grade: Texts = UNSAID
    tier_reason: Texts = UNSAID

    def __post_init__(self) -> None:
        nan = np.nan
        _say(self, households=nan, residential_m2=nan, service_m2=nan, elderly_m2=nan, pilot=False, grade="")
        _say(self, tier_reason="")

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
    capacity : (T,) people one outlet of the type's own area serves, nan = unlimited
    capacity_per_m2 : (T,) people by which it is more or less for each m2 of another area; 0 = the same for any area
    illustrative : (T,) bool, a cost or area of this type has no source
    area_max_m2 : (T,) largest floor area of one outlet, m2; the same as area_m2 where areas are not chosen
    area_step_m2 : (T,) areas are chosen in steps of this, m2, from area_m2 up
    months : (T,) months from the start of the plan until an outlet of the type can be open
    chain : (T,) bool, new outlets of the type are run by chains
    sector : (T,) str, one of SECTORS for the commercial mix; "" not said
    theme, owner : (T,) str, convenience circle and responsible bureau; "" not said
    cooks : (T,) bool, its kitchen smokes: a dedicated flue is asked for
    yearly_cost : (T,) money a year that running one outlet costs the public purse (negative: it yields)
    compartments : (T,) parcel compartments of one outlet; nan = none or not said
    service : (T,) str, one of SERVICES: which norm of service area the outlet counts for; "" none
    unverified : (T,) names of the figures in use that nobody verified
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
    area_max_m2: Floats = UNSAID
    chain: Bools = UNSAID
    sector: Texts = UNSAID
    theme: Texts = UNSAID
    owner: Texts = UNSAID
    cooks: Bools = UNSAID
    yearly_cost: Floats = UNSAID
    compartments: Floats = UNSAID
    service: Texts = UNSAID
    unverified: tuple[tuple[str, ...], ...] = ()
    area_step_m2: Floats = UNSAID
    months: Floats = UNSAID
    capacity_per_m2: Floats = UNSAID

    def __post_init__(self) -> None:
        _say(self, area_max_m2=np.nan, chain=False, sector="", theme="", owner="", cooks=False)
        _say(self, yearly_cost=0.0, compartments=np.nan, service="", area_step_m2=1.0, months=0.0)
        _say(self, capacity_per_m2=0.0)
        largest = np.where(np.isnan(self.area_max_m2), self.area_m2, self.area_max_m2)
        object.__setattr__(self, "area_max_m2", read_only(largest))
        if not self.unverified:
            object.__setattr__(self, "unverified", ((),) * len(self))

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
class Zones:
    """A layer of land that rules look at: school gates, control lines, farmland, noise-sensitive buildings ...

    Attributes
    ----------
    name : (Z,) str, may be empty
    geometry : (Z,) shapely points, lines or polygons, metric CRS
    file, row : where each came from
    """

    name: Texts
    geometry: Texts
    file: str
    row: Texts

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, eq=False)
class Periods:
    """The periods in which outlets open, in order; what opens stays open.

    Attributes
    ----------
    name : (P,) as the planner knows them
    weight : (P,) what one person within reach at the end of each period is worth in the objective
    months : (P,) months from the start of the plan to the end of each period, ascending; inf = no calendar
    past : names of phases that the first period takes in besides its own, where earlier ones were merged into it
    """

    name: tuple[str, ...] = ("1",)
    weight: tuple[float, ...] = (1.0,)
    months: tuple[float, ...] = (np.inf,)
    past: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.name)

    def until(self, period: int) -> Periods:
        """One period that takes in all up to the end of a given one (0-based): as if nothing had to wait."""
        return Periods((self.name[period],), (1.0,), (self.months[period],), (*self.past, *self.name[:period]))

    def index(self, phase: str) -> int | None:
        """The period (0-based) that a phase is part of; None when it is none of them."""
        if phase in self.past:
            return 0
        return self.name.index(phase) if phase in self.name else None


@dataclass(frozen=True, eq=False)
class Funds:
    """Who may pay for an outlet, and how much of it each fund bears.

    Attributes
    ----------
    name : (F,) sources of money; a plan names one of them for each outlet
    aided_by : (F,) index of the source that pays a part of what this one opens; -1 none
    aid_share, aid_ceiling : (F,) that part: a share of the cost at the chosen area, at most so much money per outlet
    may_pay : (F, T) bool, the source may open this type; None = every source every type
    """

    name: tuple[str, ...] = ("budget",)
    may_pay: Bools | None = None
    aided_by: Ints = UNSAID
    aid_share: Floats = UNSAID
    aid_ceiling: Floats = UNSAID

    def __post_init__(self) -> None:
        _say(self, aided_by=-1, aid_share=0.0, aid_ceiling=np.inf)

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, eq=False)
class World:
    """Everything that is there before anybody decides anything.

    ``zones`` has a layer by each name that the scenario gives; a rule whose layer is absent says "not
    checked".
    """

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
    zones: Mapping[str, Zones] = field(default_factory=dict)
    periods: Periods = Periods()
    funds: Funds = Funds()

    @property
    def open_to(self) -> Bools:
        """(J, T) bool, a new outlet may open: in a space that allows it, or, an add-on, in an outlet that stands."""
        return self.sites.allowed & (self.sites.is_candidate[:, None] | ~self.types.base)
