"""The scenario file, field by field: a unit, a default and a sentence each. Strict: unknown keys are errors.

Constraints and objectives bring their own parameters (one file each in ``siteopt/model``), so they are checked
against the models that the caller passes in, not here.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from siteopt.units import MOST_AREA_M2, MOST_MONEY, MOST_MONTHS, MOST_PEOPLE, MOST_WEIGHT

LANGUAGES = ("zh", "en")

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Money = Annotated[float, Field(ge=0, le=MOST_MONEY, allow_inf_nan=False)]
Area = Annotated[float, Field(ge=0, le=MOST_AREA_M2, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[float, Field(ge=0, le=MOST_PEOPLE, allow_inf_nan=False)]
Months = Annotated[float, Field(ge=0, le=MOST_MONTHS, allow_inf_nan=False)]
Scalar = str | float | int | bool

DATE = r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$"


def _day_or_month(text: str) -> str:
    """A month or a day that there is."""
    try:
        if not re.fullmatch(DATE, text):
            raise ValueError(text)
        datetime.date.fromisoformat(text if len(text) > len("2026-05") else f"{text}-01")
    except ValueError:
        raise PydanticCustomError("date_unknown", "write YYYY-MM or YYYY-MM-DD") from None
    return text


Date = Annotated[str, AfterValidator(_day_or_month), Field(json_schema_extra={"pattern": DATE})]


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


class Conversion(Strict):
    """What it costs to make a kind of space fit for an outlet, on top of the cost of opening."""

    fixed: Money = Field(0.0, description="Money per outlet that opens there.")
    per_m2: Money = Field(0.0, description="Money per m² of the outlet's floor area.")
    source: str | None = Field(None, description="Where the figures come from; left out = marked illustrative.")


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
    capacity: dict[str, Column] = Field(
        {}, description="Type -> column of people that an outlet of it serves there, in place of the type's own "
        "`capacity`; an empty cell leaves the type's.",
    )  # fmt: skip
    slots: Column | Annotated[int, Field(ge=0)] = Field(
        1, description="Base outlets that fit in a space (column or number)."
    )
    community: Column | None = Field(None, description="Column of the community's id; found by position if left out.")
    tenure: Column | None = Field(None, description="Column of the tenure.")
    parcel_id: Column | None = Field(None, description="Column of the parcel number (地块编号).")
    land_use: Column | None = Field(None, description="Column of the land-use code.")
    standing: Column | None = Field(None, description="Column of the outlet type that stands here today and stays.")
    standing_chain: Column | None = Field(
        None, description="Column of yes or no (是, 否): the outlet that stands here is run by a chain; default no."
    )
    flue: Column | None = Field(
        None, description="Column of yes or no (有, 无): the space has a dedicated flue. An empty cell is not said."
    )
    building: Column | None = Field(
        None,
        description="Column of the building's kind: residential 住宅, mixed 商住, commercial 商业 or public 公建.",
    )
    form: Column | None = Field(
        None, description="Column of how the building stands: detached 独栋, terraced 连栋 or attached 附建."
    )
    plot_m2: Column | None = Field(None, description="Column of the area of the plot, m².")
    locked: Column | None = Field(
        None, description="Column of yes or no (必备): the use of what stands here may not change; default no."
    )
    months: Column | None = Field(
        None, description="Column of months from the start of the plan until an outlet can open there."
    )
    months_by_kind: dict[str, Months] = Field(
        {}, description="Kind of space -> months until it can open, where the space's own are not given; default 0."
    )
    conversion: dict[str, Conversion] = Field(
        {}, description="Kind of space -> cost of converting it, added to the cost of every outlet that opens there, "
        "also where the space has a cost column of its own.",
    )  # fmt: skip


class Existing(Source):
    """Outlets that exist today; they stay and are counted first."""

    id: Column | None = Field(None, description="Column of the outlet's id, kept as text; numbered if left out.")
    name: Column | None = Field(None, description="Column of a name.")
    type: Column | None = Field(None, description="Column of the kind of outlet; kinds that are no type are ignored.")
    of_type: str | None = Field(None, description="All rows are of this type.")
    area_m2: Column | None = Field(None, description="Column of floor area, m²; 0 when unknown.")
    community: Column | None = Field(None, description="Column of the community's id; found by position if left out.")
    chain: Column | None = Field(
        None, description="Column of yes or no (连锁, 独立): the outlet is run by a chain; default no."
    )
    locked: Column | None = Field(
        None, description="Column of yes or no (必备): an essential outlet, whose use may not change; default no."
    )
    compartments: Column | None = Field(None, description="Column of parcel compartments that stand there.")
    capacity: Column | None = Field(
        None, description="Column of people that the outlet serves, in place of its type's own `capacity`; an empty "
        "cell leaves the type's.",
    )  # fmt: skip
    addons: tuple[str, ...] = Field(
        (), description="Add-on types (`base: false`) that a plan may open inside these outlets, within their area; "
        "the cost is the type's, its `per_m2` by kind of space that of `existing_outlet`.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _one_way_to_tell_the_type(self) -> Existing:
        if (self.type is None) == (self.of_type is None):
            raise PydanticCustomError("existing_type_once", "give either `type` or `of_type`")
        return self


class CommunityValues(Strict):
    """Values set by hand for one community, over what the file says."""

    name: str | None = Field(None, description="Name.")
    age_class: Literal["new", "mature", "old"] | None = Field(None, description="new, mature or old.")
    tier: str | None = Field(
        None, description="Form tier: block 邻里街区, centre 邻里中心, community 邻里社区, or free text."
    )
    tier_reason: str | None = Field(None, description="Why the tier is set by hand.")
    grade: str | None = Field(None, description="Grade: basic 基础型, enhanced 提升型 or quality 品质型.")
    pilot: bool | None = Field(None, description="Chosen by hand as a pilot.")
    households: Count | None = Field(None, description="Households.")
    residential_m2: Area | None = Field(None, description="Licensed residential floor area, m².")
    community_service_m2: Area | None = Field(None, description="Community service area that stands today, m².")
    elderly_m2: Area | None = Field(None, description="Elderly-care area that stands today, m².")
    floor_area_m2: Area | None = Field(None, description="Total floor area, m².")
    commercial_area_m2: Area | None = Field(None, description="Existing commercial and service area, m².")
    sense: Literal["ge", "le", "off"] | None = Field(None, description="Sense of the commercial-area rule here.")
    share: Share | None = Field(None, description="Share of the commercial-area rule here, 0 to 1.")


class TierThresholds(Strict):
    """What a community must have at least to be of a tier; what is left out is not asked."""

    people: Count | None = Field(None, description="People who live in the community.")
    outlets: Count | None = Field(None, description="Outlets of the scenario's types that stand there today.")
    types: Count | None = Field(None, description="Different types among them.")


class Tiers(Strict):
    """Thresholds by which communities are classified: the highest tier whose every threshold is met.

    No figure is built in, for no text gives one. A tier that is left out is given to nobody; one with no threshold
    (``block: {}``) to all that reach no higher one.
    """

    block: TierThresholds | None = Field(None, description="邻里街区, the lowest.")
    centre: TierThresholds | None = Field(None, description="邻里中心.")
    community: TierThresholds | None = Field(None, description="邻里社区, the highest.")


class CommunitiesSpec(Source):
    """Community boundaries and their floor areas."""

    id: Column = Field("community_id", description="Column of the community's id, kept as text.")
    dissolve: bool = Field(False, description="Rows with one id are merged: areas united, numbers added up.")
    name: Column | None = Field(None, description="Column of a name.")
    age_class: Column = Field(ColumnSpec(default="old"), description="Column of new, mature or old; default old.")
    tier: Column | None = Field(
        None, description="Column of the form tier: block 邻里街区, centre 邻里中心, community 邻里社区, or free "
        "text; goes before what `tiers` finds.",
    )  # fmt: skip
    tier_reason: Column | None = Field(None, description="Column of the reason why the tier is set by hand.")
    tiers: Tiers | None = Field(None, description="Thresholds by which communities without a tier get one.")
    grade: Column | None = Field(
        None, description="Column of the grade: basic 基础型, enhanced 提升型 or quality 品质型."
    )
    pilot: Column | None = Field(
        None, description="Column of yes or no (是, 否): chosen by hand as a pilot; default no."
    )
    households: Column | None = Field(None, description="Column of households.")
    residential_m2: Column | None = Field(None, description="Column of licensed residential floor area, m².")
    community_service_m2: Column | None = Field(
        None, description="Column of community service area that stands today, m², for the norms of service area."
    )
    elderly_m2: Column | None = Field(
        None, description="Column of elderly-care area that stands today, m², for the norms of elderly care."
    )
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


class Zone(Source):
    """A layer of land that rules look at: points, lines or polygons."""

    name: Column | None = Field(None, description="Column of a name.")


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
    area_max_m2: Area | None = Field(
        None,
        description="Largest floor area of one outlet, m²; the plan chooses it between `area_m2` and this, as far as "
        "the space has room. As large as `area_m2` when left out.",
    )
    area_step_m2: Annotated[float, Field(ge=0.01, le=MOST_AREA_M2, allow_inf_nan=False)] = Field(
        1.0, description="Areas are chosen in steps of this many m², from `area_m2` up."
    )
    chain: bool = Field(False, description="New outlets of the type are run by chains.")
    sector: Literal["shopping", "catering", "other"] | None = Field(
        None, description="Sector in the commercial mix: shopping, catering or other."
    )
    theme: str | None = Field(
        None,
        description="Convenience circle, e.g. shopping or catering; `siteopt catalogue` names those of the plan.",
    )
    owner: str | None = Field(None, description="Responsible bureau; several with ';' between.")
    cooks: bool | None = Field(None, description="Its kitchen smokes: a dedicated flue is asked for.")
    yearly_cost: Annotated[float, Field(ge=-MOST_MONEY, le=MOST_MONEY, allow_inf_nan=False)] = Field(
        0.0, description="What running one outlet costs the public purse, money a year; below 0 when it yields."
    )
    compartments: Positive | None = Field(None, description="Parcel compartments of one outlet, number.")
    capacity: Positive | None = Field(None, description="People that one outlet serves; no limit when left out.")
    capacity_per_m2: Positive | None = Field(
        None, description="People that a square metre serves, in place of `capacity`."
    )
    service: Literal["community_service", "elderly_care", "none"] | None = Field(
        None, description="Norm of service area that its floor area counts for; elderly care counts for both."
    )
    months: NotNegative | None = Field(None, description="Months from the start of the plan until one can be open.")

    @model_validator(mode="after")
    def _one_size_and_one_capacity(self) -> TypeSpec:
        if self.capacity is not None and self.capacity_per_m2 is not None:
            raise PydanticCustomError("capacity_twice", "give either `capacity` or `capacity_per_m2`")
        if self.area_m2 is not None and self.area_max_m2 is not None and self.area_max_m2 < self.area_m2:
            raise PydanticCustomError("area_max_below", "`area_max_m2` is below `area_m2`")
        return self


class Satisfaction(Strict):
    """What a survey of residents found: brought by the planner, never computed."""

    share: Share = Field(description="Share of those asked who are satisfied, 0 to 1.")
    n: Annotated[int, Field(ge=1)] = Field(description="How many residents were asked.")
    date: Date = Field(description="When, YYYY-MM or YYYY-MM-DD, in quotes.")
    method: str = Field(description="How they were asked and chosen.")


class FourSync(Strict):
    """How far the facilities of a new community kept step with its housing (四同步); left out = not said."""

    planned: bool | None = Field(None, description="Planned together with the housing.")
    built: bool | None = Field(None, description="Built together.")
    accepted: bool | None = Field(None, description="Accepted together.")
    delivered: bool | None = Field(None, description="Delivered together.")


class Progress(Strict):
    """How far the plan has been carried out."""

    date: Date = Field(description="As of when, YYYY-MM or YYYY-MM-DD, in quotes.")
    opened: Annotated[int, Field(ge=0)] | None = Field(None, description="New outlets open by then.")
    spent: dict[str, Money] = Field({}, description="Source of money -> spent by then.")


class AcceptanceSpec(Strict):
    """What the acceptance sheet (验收) needs and no plan can know."""

    satisfaction: Satisfaction | None = Field(None, description="Survey of residents.")
    satisfaction_target: Share = Field(0.9, description="Share of satisfied residents that is asked for.")
    four_sync: dict[str, FourSync] = Field(
        {}, description="New community's id -> planned, built, accepted, delivered."
    )
    progress: Progress | None = Field(None, description="Outlets open and money spent so far.")
    floor_area_all_m2: dict[str, Area] = Field(
        {},
        description="Community id -> total floor area with what lies below ground, m², for a second reading of "
        "the commercial-area rule.",
    )


class Phase(Strict):
    """A period of the plan; what opens in it stays open."""

    name: Annotated[str, Field(min_length=1, max_length=40)] = Field(description="Name, e.g. 2026.")
    months: Annotated[float, Field(gt=0, le=MOST_MONTHS, allow_inf_nan=False)] = Field(
        description="Months from the start of the plan to the end of the period."
    )
    weight: Annotated[float, Field(ge=0, le=MOST_WEIGHT, allow_inf_nan=False)] = Field(
        1.0, description="What a person within reach at the end of the period is worth in the objective."
    )


class Aid(Strict):
    """What another source of money pays of the outlets that this one opens."""

    source: str = Field(description="Name of the source that gives the aid.")
    share: Annotated[float, Field(gt=0, le=1, description="Share of the outlet's cost, above 0 to 1.")]
    ceiling: Money | None = Field(None, description="Money per outlet at most; no ceiling when left out.")


class MoneySource(Strict):
    """One source of money; the plan names the source that opens each outlet."""

    name: Annotated[str, Field(min_length=1, max_length=40)] = Field(description="Name, e.g. government.")
    types: tuple[str, ...] | None = Field(None, description="Types that it may open; all when left out.")
    public_interest_only: bool = Field(False, description="It opens outlets of public interest only.")
    aid: Aid | None = Field(None, description="A part of the cost that another source pays.")


class MoneySpec(Strict):
    """Who may pay; caps are set by the rule `funding`."""

    sources: Annotated[tuple[MoneySource, ...], Field(min_length=1, max_length=8)] = Field(
        description="Sources of money, e.g. government 政府出资, buy_back 回购, lease_back 回租, "
        "state_held 国有控股或持股, private 社会资本."
    )


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
    zones: dict[str, Zone] = Field(
        {}, description="Layers of land that rules look at, by name: school_gates, residential (dwellings), "
        "permanent_basic_farmland, ecological_red_line, development_boundary, green_line, blue_line, yellow_line, "
        "purple_line, or any name that a rule gives. A layer that is absent is not checked; an empty one is.",
    )  # fmt: skip
    phases: tuple[Phase, ...] = Field(
        (), max_length=12, description="Periods of the plan in order, 12 at most; one period when left out."
    )
    money: MoneySpec | None = Field(None, description="Sources of money; one without a name when left out.")
    types: dict[str, TypeSpec] = Field(description="Outlet types, id -> what it is.", min_length=1)
    objective: dict[str, Any] = Field(
        {"name": "coverage"}, description="What to seek; `name` picks one of the objectives."
    )
    policy: str | tuple[str, ...] | None = Field(
        None,
        description="Policy packs whose rules are in force, e.g. hongjiang-2024; `siteopt catalogue --packs` lists "
        "them. A constraint of the same name changes a pack's rule, `off: true` takes it out.",
    )
    constraints: tuple[dict[str, Any], ...] = Field((), description="Rules; `rule` picks one of the constraints.")
    solver: SolverSpec = Field(SolverSpec(), description="Engine and limits.")
    report: ReportSpec = Field(ReportSpec(), description="Report.")
    acceptance: AcceptanceSpec | None = Field(
        None, description="Survey, progress and the like, for the acceptance sheet."
    )
