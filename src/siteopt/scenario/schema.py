"""The scenario file, field by field: a unit, a default and a sentence each. Strict: unknown keys are errors.

Constraints and objectives bring their own parameters (one file each in ``siteopt/model``), so they are checked
against the models that the caller passes in, not here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from siteopt.units import MOST_AREA_M2, MOST_MONEY, MOST_WEIGHT

LANGUAGES = ("zh", "en")
VERSION = 1

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Money = Annotated[float, Field(ge=0, le=MOST_MONEY, allow_inf_nan=False)]
Area = Annotated[float, Field(ge=0, le=MOST_AREA_M2, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Scalar = str | float | int | bool


class Strict(BaseModel):
    """Frozen; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ColumnSpec(Strict):
    """How one column of a layer is read, when its name alone does not say enough."""

    column: str | None = Field(None, description="Name of the column; left out when only `default` is given.")
    default: Scalar | None = Field(None, description="Value where the column is missing or the cell is empty.")
    missing: tuple[Scalar, ...] = Field(
        (), description="Values that mean 'not known' in this file, e.g. [999999999, -1]; they become `default`."
    )
    scale: Positive = Field(1.0, description="Factor to the unit asked for, e.g. 10000 for 万m² or 万元.")
    map: dict[str, str] = Field({}, description="Value in the file -> value meant; other values stay as they are.")

    @model_validator(mode="after")
    def _says_where_from(self) -> ColumnSpec:
        if self.column is None and self.default is None:
            raise PydanticCustomError("column_unsaid", "give `column`, `default` or both")
        return self


Column = str | ColumnSpec
"""A column's name, or how to read it."""


class Source(Strict):
    """A layer's file and how to read it."""

    file: str = Field(description="Path, relative to the scenario file: gpkg, geojson, shp, parquet, csv, tif.")
    layer: str | None = Field(None, description="Layer name, where a file has several.")
    crs: str | None = Field(None, description="CRS of the coordinates where the file does not say, e.g. EPSG:4490.")
    encoding: str | None = Field(None, description="Text encoding; found by itself among UTF-8, BOM and GB18030.")
    x: str | None = Field(None, description="CSV: column of longitude or easting (lon, x and the like are found).")
    y: str | None = Field(None, description="CSV: column of latitude or northing.")
    wkt: str | None = Field(None, description="CSV: column of WKT geometry.")
    where: dict[str, Scalar | tuple[Scalar, ...]] = Field({}, description="Keep rows whose column has the value(s).")
    within: str | None = Field(None, description="Keep what lies within the polygons of this file.")
    trust_position: bool = Field(
        False, description="Skip the check for shifted (GCJ-02) coordinates: their datum was checked by hand."
    )


def _people_said(value: Any) -> str | None:
    """Which way `people` is said: without this a slip in a column's keys would pass for a population group."""
    if isinstance(value, dict):
        return "<column>" if "column" in value or "default" in value else "<groups>"
    if isinstance(value, ColumnSpec):
        return "<column>"
    return "<name>" if isinstance(value, str | int | float) else None


People = Annotated[
    Annotated[str, Tag("<name>")]
    | Annotated[ColumnSpec, Tag("<column>")]
    | Annotated[dict[str, Column], Tag("<groups>")],
    Discriminator(
        _people_said,
        custom_error_type="people_unsaid",
        custom_error_message="give a column, or one column per group",
    ),
]
"""A column of persons, or one column per population group."""


class Demand(Source):
    """Where people are: points, polygons (their inner point is used) or a population raster."""

    id: Column | None = Field(None, description="Column of the cell's id, kept as text; numbered when left out.")
    people: People = Field(
        description="Column of persons, or one column per group {residents: pop, elderly: pop65}; the first group "
        "is the one that coverage is counted in. Raster: {residents: 1} gives the band's number as text."
    )
    community: Column | None = Field(None, description="Column of the community's id; found by position if left out.")
    nodata: float | None = Field(None, description="Raster: value of empty pixels, when the file does not say.")
    streamed: bool = Field(
        False,
        description="Read the layer in batches and merge cells that no plan can tell apart: memory follows the "
        "number of different cells. `file` may then be a folder of parts or a pattern (cells/*.parquet). Same plan, "
        "same numbers; tables and maps show classes of cells.",
    )


class Candidates(Source):
    """Vacant spaces."""

    id: Column = Field("site_id", description="Column of the space's id, kept as text.")
    name: Column | None = Field(None, description="Column of a name.")
    area_m2: Column = Field("area_m2", description="Column of usable floor area, m².")
    kind: Column = Field(
        "kind", description="Column of the kind: corner_plot, idle_premises, renovated_building or new_building."
    )
    allowed: Column | None = Field(
        None, description="Column that lists the allowed types, separated by ';'; all types when left out or empty."
    )
    allowed_by_kind: dict[str, tuple[str, ...]] = Field({}, description="Kind of space -> types allowed there.")
    cost: dict[str, Column] = Field({}, description="Type -> column of the cost of opening it there, money.")
    slots: Column | Annotated[int, Field(ge=0)] = Field(
        1, description="Base outlets that fit in a space (column or number)."
    )
    community: Column | None = Field(None, description="Column of the community's id; found by position if left out.")
    tenure: Column | None = Field(None, description="Column of the tenure.")
    parcel_id: Column | None = Field(None, description="Column of the parcel number (地块编号).")
    land_use: Column | None = Field(None, description="Column of the land-use code.")
    standing: Column | None = Field(None, description="Column of the outlet type that stands here today and stays.")


class Existing(Source):
    """Outlets that exist today; they stay and are counted first."""

    id: Column | None = Field(None, description="Column of the outlet's id, kept as text; numbered if left out.")
    name: Column | None = Field(None, description="Column of a name.")
    type: Column | None = Field(None, description="Column of the kind of outlet; kinds that are no type are ignored.")
    of_type: str | None = Field(None, description="All rows are of this type.")
    area_m2: Column | None = Field(None, description="Column of floor area, m²; 0 when unknown.")
    community: Column | None = Field(None, description="Column of the community's id; found by position if left out.")

    @model_validator(mode="after")
    def _one_way_to_tell_the_type(self) -> Existing:
        if (self.type is None) == (self.of_type is None):
            raise PydanticCustomError("existing_type_once", "give either `type` or `of_type`")
        return self


class CommunityValues(Strict):
    """Values set by hand for one community, over what the file says."""

    name: str | None = Field(None, description="Name.")
    age_class: Literal["new", "mature", "old"] | None = Field(None, description="new, mature or old.")
    tier: str | None = Field(None, description="Form tier, free text.")
    floor_area_m2: Area | None = Field(None, description="Total floor area, m².")
    commercial_area_m2: Area | None = Field(None, description="Existing commercial and service area, m².")
    sense: Literal["ge", "le", "off"] | None = Field(None, description="Sense of the commercial-area rule here.")
    share: Share | None = Field(None, description="Share of the commercial-area rule here, 0 to 1.")


class CommunitiesSpec(Source):
    """Community boundaries and their floor areas."""

    id: Column = Field("community_id", description="Column of the community's id, kept as text.")
    dissolve: bool = Field(False, description="Rows with one id are merged: areas united, numbers added up.")
    name: Column | None = Field(None, description="Column of a name.")
    age_class: Column = Field(ColumnSpec(default="old"), description="Column of new, mature or old; default old.")
    tier: Column | None = Field(None, description="Column of the form tier.")
    floor_area_m2: Column | None = Field(None, description="Column of total floor area as approved, m².")
    commercial_area_m2: Column | None = Field(
        None, description="Column of existing commercial and comprehensive service area, m²; part of the total."
    )
    service_area_m2: Column | None = Field(
        None, description="Column of existing service area, m², when the file keeps it apart; added to the former."
    )
    sense: Column | None = Field(
        None, description="Column of ge, le or off; default ge in new communities, else off."
    )
    share: Column | None = Field(None, description="Column of the rule's share, 0 to 1; default the rule's own.")
    values: dict[str, CommunityValues] = Field({}, description="Community id -> values set by hand.")
    unused: Literal["error", "allow"] = Field(
        "error", description="What to do with a community that no cell, space or outlet refers to."
    )


class WalkFilter(Strict):
    """Which OSM ways a person walks: a table, because local practice differs."""

    exclude_highway: tuple[str, ...] = Field(
        (
            "motorway", "motorway_link", "trunk", "trunk_link", "construction", "proposed", "raceway", "platform",
            "corridor", "elevator", "bus_guideway", "abandoned", "razed", "planned", "services", "rest_area",
        ),
        description="Values of highway=* that nobody walks, unless foot=* allows it.",
    )  # fmt: skip
    foot_allows: tuple[str, ...] = Field(
        ("yes", "designated", "permissive"), description="Values of foot=* that open an excluded or closed way."
    )
    foot_forbids: tuple[str, ...] = Field(
        ("no", "private", "use_sidepath"), description="Values of foot=* that close a way."
    )
    access_forbids: tuple[str, ...] = Field(
        ("no", "private"), description="Values of access=* that close a way, unless foot=* allows it."
    )
    drop_areas: bool = Field(True, description="Leave out ways tagged area=yes (their outline is no path).")


class StreetsSpec(Strict):
    """The street network: an OSM PBF or any line layer."""

    file: str = Field(description="Path, relative to the scenario file: .osm.pbf, or a layer of lines.")
    layer: str | None = Field(None, description="Layer name, where a file has several.")
    crs: str | None = Field(None, description="CRS of a line layer that does not say its own.")
    walk: WalkFilter = Field(WalkFilter(), description="OSM: which ways a person walks.")
    min_component_m: NotNegative = Field(
        2000.0, description="Pieces of network shorter than this (m) are left out and reported."
    )
    join_m: NotNegative = Field(0.05, description="Line layers: ends closer than this (m) are one node.")


class MinutesTable(Strict):
    """Walking minutes that the user brings."""

    file: str = Field(description="CSV or Parquet with one row per reachable pair; absent pairs are out of reach.")
    cell_id: str = Field("cell_id", description="Column of the demand cell's id.")
    site_id: str = Field("site_id", description="Column of the space's or existing outlet's id.")
    minutes: str = Field("minutes", description="Column of walking minutes.")


class ElevationSpec(Strict):
    """Heights, so that walking uphill takes its time (Tobler's function of slope)."""

    file: str = Field(description="GeoTIFF of heights in metres, relative to the scenario file.")
    band: Annotated[int, Field(ge=1)] = Field(1, description="Band that holds the heights.")
    crs: str | None = Field(None, description="CRS of a raster that does not say its own.")
    nodata: float | None = Field(None, description="Value of pixels without a height, when the file does not say.")
    smooth_m: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = Field(
        60.0, description="Heights are smoothed over this distance (m, standard deviation), for rasters are rough."
    )
    step_m: Annotated[float, Field(ge=5, le=500, allow_inf_nan=False)] = Field(
        30.0, description="Slope is measured along streets from one place to the next at most this far (m) on."
    )
    max_slope: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = Field(
        0.35, description="Steeper slopes (rise over run) are taken for flaws of the raster and count as this."
    )


class Travel(Strict):
    """How long a walk takes."""

    mode: Literal["streets", "table", "straight_line"] | None = Field(
        None, description="Found by what is given: streets, table, or straight_line when there is neither."
    )
    streets: StreetsSpec | None = Field(None, description="The street network.")
    table: MinutesTable | None = Field(None, description="A table of minutes.")
    speed_kmh: Annotated[float, Field(ge=0.5, le=12)] = Field(
        4.0, description="Walking speed, km/h; 4.0 is 1,000 m in 15 minutes."
    )
    detour: Annotated[float, Field(ge=1, le=5)] = Field(
        1.3, description="Straight line times this factor, when there is no network."
    )
    max_snap_m: Positive = Field(500.0, description="Points farther than this (m) from a street are not connected.")
    elevation: ElevationSpec | None = Field(
        None, description="Heights: minutes on streets then count the climb from each cell to each outlet."
    )
    cache: bool = Field(
        True,
        description="Keep street networks and minutes that took long to find, for the next run on the same data.",
    )


class Cost(Strict):
    """What opening an outlet costs."""

    fixed: Money = Field(0.0, description="Money per outlet.")
    per_m2: Money | dict[str, Money] = Field(
        0.0, description="Money per m² of the outlet; one figure, or one per kind of space."
    )
    source: str | None = Field(None, description="Where the figures come from; left out = marked illustrative.")


class TypeSpec(Strict):
    """One outlet type; what is left out comes from the catalogue entry of the same id."""

    catalogue: str | None = Field(None, description="Catalogue id, when it differs from the type's own.")
    name: str | dict[Literal["zh", "en"], str] | None = Field(None, description="Name, or one per language.")
    limit_min: Positive | None = Field(None, description="Walking limit, minutes, inclusive; default 15.")
    area_m2: Area | None = Field(None, description="Floor area of one outlet, m².")
    cost: Cost | Money = Field(Cost(), description="Cost of opening, money; a number is per outlet.")
    weight: Annotated[float, Field(ge=0, le=MOST_WEIGHT)] = Field(
        1.0, description="Weight of a covered person in the objective."
    )
    category: Literal["basic", "quality"] | None = Field(None, description="basic or quality class.")
    base: bool = Field(True, description="Takes one of a space's slots; false for add-ons such as lockers.")
    qualifies: bool = Field(True, description="Its area counts as commercial and comprehensive service area.")
    public_interest: bool | None = Field(None, description="Public-interest type.")


class SolverSpec(Strict):
    """Engine and limits."""

    engine: str = Field("highs", description="highs, pulp (CBC) or pulp:SOLVER for any solver that PuLP knows.")
    time_limit_s: Positive = Field(60.0, description="Seconds for the search, all goals together.")
    gap: Share = Field(0.0, description="Relative gap at which the search may stop; 0 = proof.")
    threads: Annotated[int, Field(ge=1, le=256)] = Field(2, description="Threads.")
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Random seed of the engine.")


class ReportSpec(Strict):
    """What the report says and to whom."""

    language: Literal["zh", "en"] = Field("en", description="Language of report and messages.")
    producer: str | None = Field(None, description="Unit that hands over the dossier, e.g. 洪江市商务局.")
    basemap_streets: bool = Field(True, description="Draw the streets under the map.")


class ScenarioSpec(Strict):
    """A scenario: what there is, what may be done, what counts."""

    siteopt: Literal[1] = Field(description="Version of this format.")
    name: str = Field(description="Short name, used for the run folder.", pattern=r"^[\w][\w\-. ]{0,79}$")
    title: str | dict[Literal["zh", "en"], str] | None = Field(None, description="Title of the report.")
    description: str | dict[Literal["zh", "en"], str] | None = Field(None, description="What the scenario asks.")
    illustrative: bool = Field(False, description="The place or its figures are invented; every output says so.")
    notes: tuple[str | dict[Literal["zh", "en"], str], ...] = Field((), description="Notes printed in the report.")
    attribution: tuple[str, ...] = Field((), description="Sources to credit in report and map.")
    currency: str = Field("CNY", description="Currency of all money.", max_length=12)
    crs: str | None = Field(
        None, description="Metric projected CRS to compute in, e.g. EPSG:4546; chosen by position when left out."
    )
    travel: Travel = Field(Travel(), description="Walking minutes.")
    demand: Demand = Field(description="Where people are.")
    candidates: Candidates = Field(description="Vacant spaces.")
    existing: tuple[Existing, ...] = Field((), description="Outlets that exist today.")
    communities: CommunitiesSpec | None = Field(None, description="Communities.")
    types: dict[str, TypeSpec] = Field(description="Outlet types, id -> what it is.", min_length=1)
    objective: dict[str, Any] = Field(
        {"name": "coverage"}, description="What to seek; `name` picks one of the objectives."
    )
    constraints: tuple[dict[str, Any], ...] = Field((), description="Rules; `rule` picks one of the constraints.")
    solver: SolverSpec = Field(SolverSpec(), description="Engine and limits.")
    report: ReportSpec = Field(ReportSpec(), description="Report.")
