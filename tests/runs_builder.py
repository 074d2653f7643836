"""A finished run, built by hand, with names that attack every output: for tests of report and runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from siteopt.findings import Finding
from siteopt.plan import Diagnosis, Plan, Proof, Relaxation, Run, Scores, Verdict
from siteopt.problem import TravelTimes
from siteopt.program import GoalResult
from siteopt.world import Communities, DemandCells, OutletTypes, Sites, World
from tests.worlds import geometries, texts, times_from

SCRIPT = "<script>alert(1)</script>"
FORMULA = "=HYPERLINK(1)"
SPEED_M_MIN = 80.0
EAST, NORTH = 401_000.0, 3_009_500.0
"""A corner near Hongjiang in EPSG:4546, so that a wrong CRS shows as a wrong place."""

DEFAULT_OPENED = ((0, 0), (2, 1), (4, 2), (5, 0))
"""(site, type) of the new outlets of the default plan."""


def make_run(
    *,
    opened: Sequence[tuple[int, int]] = DEFAULT_OPENED,
    feasible: bool = True,
    language: str = "en",
    scenario_name: str = "qiancheng",
    title: str = f"黔城示例 {SCRIPT}",
    budget: float = 400_000.0,
    cell_people: Sequence[float] | None = None,
    status: str = "proven",
) -> Run:
    """A run of 12 cells, 6 candidate spaces, 3 existing outlets, 3 types and 2 communities.

    Scores are recomputed here by plain loops over a dense table, apart from any code under test.
    """
    world = make_hostile_world(cell_people)
    minutes = dense_minutes(world)
    travel = times_from(minutes, 15.0)
    travel = TravelTimes(travel.indptr, travel.site, travel.minutes, 15.0, "straight_line", 4.8, 1.0)
    pairs = tuple(opened) if feasible else ()
    plan = make_plan(world, pairs)
    scores = dense_scores(world, minutes, plan)
    verdicts = make_verdicts(world, scores, budget) if feasible else ()
    gap = 0.0 if status == "proven" else 0.02
    value = scores.objective
    bound = value if status == "proven" else value * (1 + gap)
    goals = (
        GoalResult("coverage", "max", value, bound, gap, "proven" if gap == 0 else "best_found", 0.12),
        GoalResult("least_cost", "min", scores.cost_total, scores.cost_total, 0.0, "proven", 0.03),
    )
    if feasible:
        proof = Proof(status, value, bound, gap, "highs", "1.15.1", 0.15, goals=goals)  # type: ignore[arg-type]
    else:
        proof = Proof("infeasible", float("nan"), float("nan"), float("inf"), "highs", "1.15.1", 0.02)
    return Run(
        scenario={
            "siteopt": 1,
            "name": scenario_name,
            "title": title,
            "currency": "CNY",
            "objective": {"name": "coverage"},
            "constraints": [{"rule": "budget", "amount": budget}, {"rule": "commercial_area", "share": 0.1}],
        },
        scenario_name=scenario_name,
        title=title,
        language=language,
        world=world,
        travel=travel,
        plan=plan if feasible else None,
        proof=proof,
        verdicts=verdicts,
        scores=scores,
        objective={
            "name": "coverage",
            "sentence": {
                "en": "the most people within reach of each type",
                "zh": "让尽可能多的人步行可达各类网点",
            },
            "unit": "people",
            "budget": budget,
        },
        rules={
            "budget": {
                "rule": "budget",
                "title": {"en": "Budget", "zh": "总预算"},
                "sentence": {
                    "en": "All openings together cost at most the budget.",
                    "zh": "全部新开网点的费用不超过总预算。",
                },
                "formula": "sum(c_jt y_jt) <= B",
                "params": {"amount": budget},
            },
            "commercial_area": {
                "rule": "commercial_area",
                "title": {"en": "Commercial area", "zh": "商业面积占比"},
                "sentence": {
                    "en": "Commercial and service area is at least 10 % of floor area in a new community.",
                    "zh": "新建社区商业和综合服务设施面积占总建筑面积的比例不低于10%。",
                },
                "formula": "10 V + 9 (Q + N) >= G0",
                "params": {"share": 0.1},
            },
        },
        findings=(
            Finding("warning", "unsnapped", "cells.csv", 4, "xy", SCRIPT, {"count": 1}),
            Finding("info", "no_network", "scenario.yaml", None, None, None, {}),
        ),
        diagnosis=None if feasible else make_diagnosis(),
        timings_s={"read": 0.11, "travel": 0.22, "solve": 0.33},
        peak_rss_mb=212.5,
        inputs=({"file": "cells.csv", "sha256": "ab" * 32, "rows": 12, "bytes": 640},),
        log="HiGHS says hello\n",
    )


def make_hostile_world(cell_people: Sequence[float] | None = None) -> World:
    """The world of :func:`make_run`: cells 300 m apart, names that attack every output."""
    n_cells, n_types = 12, 3
    cell_xy = np.array([[EAST + 300 * (i % 4), NORTH + 300 * (i // 4)] for i in range(n_cells)], float)
    residents = np.array(
        [100, 80, 60.5, 120, 0, 40, 90, 30, 55, 70, 10, 25] if cell_people is None else cell_people, float
    )
    west = (cell_xy[:, 0] > EAST + 450).astype(int)
    west[11] = -1
    step_m = [[0, 0], [0, 0], [600, 0], [900, 300], [300, 600], [900, 600], [300, 300], [310, 310], [900, 0]]
    site_xy = np.array(step_m, float) + np.array([EAST, NORTH])
    n_sites = len(site_xy)
    new_outlet = np.arange(n_sites) < 6
    allowed = np.zeros((n_sites, n_types), bool)
    allowed[:6] = True
    allowed[1, 0] = False
    standing = np.zeros((n_sites, n_types), bool)
    standing[6, 0] = standing[7, 1] = standing[8, 2] = True
    cost = np.where(allowed, np.array([150_000.0, 8_000.0, 20_000.5])[None, :] + 100 * np.arange(n_sites)[:, None], 0)
    polygon = shapely.box(*(site_xy - 12).T, *(site_xy + 12).T)
    point = shapely.points(site_xy)
    return World(
        cells=DemandCells(
            cell_id=texts(["001", "002", FORMULA, "@cell", *(f"格{i:02d}" for i in range(5, 12)), SCRIPT]),
            xy_m=cell_xy,
            people=np.column_stack([residents, np.round(residents * 0.2, 1)]),
            groups=("residents", "elderly"),
            community=west,
            geometry=geometries(list(shapely.box(*(cell_xy - 150).T, *(cell_xy + 150).T))),
            file="cells.csv",
            row=texts(range(2, n_cells + 2)),
        ),
        sites=Sites(
            site_id=texts(["A-1", "=1+1", "../../etc/passwd", "空地4", "007", SCRIPT, "E1", "E2", "E3"]),
            name=texts(["东门空地", FORMULA, SCRIPT, "+860745", "旧粮仓", "-2", "老街菜市场", 'a"b', "@x"]),
            xy_m=site_xy,
            area_m2=np.array([600, 120, 90, 300, 400, 800, 500, 12, 40], float),
            kind=texts(
                [
                    "corner_plot",
                    "idle_premises",
                    "idle_premises",
                    "renovated_building",
                    "new_building",
                    "new_building",
                ]
                + ["existing_outlet"] * 3
            ),
            tenure=texts(["国有", "集体", "", "=cmd", "国有", "私有", "", "", ""]),
            parcel_id=texts(["431281-001", "431281-002", "", "431281-004", "431281-005", "", "", "", ""]),
            land_use=texts(["0901", "0901", "", "0901", "0901", "0901", "", "", ""]),
            slots=np.where(new_outlet, 1, 0),
            community=np.array([0, 0, 1, 1, 0, 1, 0, 0, 1]),
            allowed=allowed,
            cost=cost,
            standing=standing,
            standing_area_m2=np.array([0, 0, 0, 0, 0, 0, 500, 12, 40], float),
            geometry=geometries(list(np.where(new_outlet, polygon, point))),
            file=texts(["candidates.csv"] * 6 + ["existing.csv"] * 3),
            row=texts([2, 3, 4, 5, 6, 7, 2, 3, 4]),
        ),
        communities=Communities(
            community_id=texts(["K1", "K<2>"]),
            name=texts(["沅江社区", SCRIPT]),
            age_class=texts(["new", "old"]),
            tier=texts(["核心", ""]),
            floor_area_m2=np.array([9_000.0, np.nan]),
            commercial_area_m2=np.array([560.0, 40.0]),
            sense=texts(["ge", "off"]),
            share=np.array([np.nan, np.nan]),
            geometry=geometries(
                [
                    shapely.box(EAST - 150, NORTH - 150, EAST + 450, NORTH + 750),
                    shapely.box(EAST + 450, NORTH - 150, EAST + 1050, NORTH + 750),
                ]
            ),
            file="communities.gpkg",
            row=texts(["fid 1", "fid 2"]),
        ),
        types=OutletTypes(
            type_id=("market", "locker", "breakfast"),
            name=(
                {"en": f"Vegetable market {SCRIPT}", "zh": "菜市场"},
                {"en": "Parcel locker", "zh": "快递柜"},
                {"en": "Breakfast stall", "zh": "早餐摊"},
            ),
            limit_min=np.array([5.0, 5.0, 7.5]),
            area_m2=np.array([400.0, 6.0, 30.0]),
            weight=np.array([1.0, 0.5, 1.0]),
            category=("basic", "basic", "basic"),
            base=np.array([True, False, True]),
            qualifies=np.array([True, True, True]),
            public_interest=np.array([True, False, False]),
            capacity=np.array([np.nan, np.nan, 300.0]),
            illustrative=np.array([True, True, True]),
        ),
        crs="EPSG:4546",
        currency="CNY",
        illustrative=True,
        notes=("示例数据，并非真实规划。",),
        sources=("cells.csv",),
        attribution=("© OpenStreetMap contributors",),
    )


def dense_minutes(world: World) -> Any:
    """(I, J) straight-line minutes."""
    step = world.cells.xy_m[:, None, :] - world.sites.xy_m[None, :, :]
    return np.hypot(step[..., 0], step[..., 1]) / SPEED_M_MIN


def make_plan(world: World, pairs: Sequence[tuple[int, int]]) -> Plan:
    """A plan that opens these (site, type) pairs."""
    opened = np.zeros(world.sites.allowed.shape, bool)
    for site, kind in pairs:
        opened[site, kind] = True
    return Plan(opened=opened, period=opened.astype(np.int64), source=np.where(opened, 0, -1))


def dense_scores(world: World, minutes: Any, plan: Plan) -> Scores:
    """Scores by plain loops over the dense table."""
    cells, sites, types, groups = world.cells, world.sites, world.types, world.cells.groups
    n_cells, n_sites, n_types, n_comm = len(cells), len(sites), len(types), len(world.communities)
    before_min = np.full((n_cells, n_types), np.inf)
    after_min = np.full((n_cells, n_types), np.inf)
    served = np.full((n_cells, n_types), -1)
    newly, only = np.zeros((n_sites, n_types)), np.zeros((n_sites, n_types))
    for t in range(n_types):
        for i in range(n_cells):
            near = [j for j in range(n_sites) if minutes[i, j] <= types.limit_min[t] + 1e-6]
            old = [j for j in near if sites.standing[j, t]]
            both = [j for j in near if sites.standing[j, t] or plan.opened[j, t]]
            before_min[i, t] = min((minutes[i, j] for j in old), default=np.inf)
            if both:
                served[i, t] = min(both, key=lambda j: (minutes[i, j], j))
                after_min[i, t] = minutes[i, served[i, t]]
            for j in both:
                if plan.opened[j, t] and not old:
                    newly[j, t] += cells.residents[i]
                if plan.opened[j, t] and both == [j]:
                    only[j, t] += cells.residents[i]
    had, has = np.isfinite(before_min), np.isfinite(after_min)
    people = cells.people
    by_comm = np.zeros((2, n_comm, n_types, len(groups)))
    comm_total = np.zeros((n_comm, len(groups)))
    for k in range(n_comm):
        here = cells.community == k
        comm_total[k] = people[here].sum(axis=0)
        by_comm[0, k] = had[here].T.astype(float) @ people[here]
        by_comm[1, k] = has[here].T.astype(float) @ people[here]
    after = has.T.astype(float) @ people
    new_area = (plan.opened * types.area_m2).sum(axis=1)
    adds = np.array([kind in ("corner_plot", "new_building") for kind in sites.kind])
    per_comm = [sites.community == k for k in range(n_comm)]
    commercial = world.communities.commercial_area_m2
    money = np.where(plan.opened, sites.cost, 0)
    return Scores(
        minutes_before=before_min,
        minutes_after=after_min,
        served_by=served,
        total=people.sum(axis=0),
        before=had.T.astype(float) @ people,
        after=after,
        complete_before=people[had.all(axis=1)].sum(axis=0),
        complete_after=people[has.all(axis=1)].sum(axis=0),
        community_total=comm_total,
        community_before=by_comm[0],
        community_after=by_comm[1],
        nothing_before=people[~had.any(axis=1)].sum(axis=0),
        nothing_after=people[~has.any(axis=1)].sum(axis=0),
        newly_covered=newly,
        only_covered_by_this=only,
        objective=float(types.weight @ after[:, 0]),
        cost_total=float(money.sum()),
        cost_by_type=money.sum(axis=0),
        cost_by_source=np.array([money.sum()]),
        cost_by_period=np.array([money.sum()]),
        commercial_before_m2=commercial,
        commercial_after_m2=commercial + np.array([new_area[here].sum() for here in per_comm]),
        floor_before_m2=world.communities.floor_area_m2,
        floor_after_m2=world.communities.floor_area_m2 + np.array([new_area[here & adds].sum() for here in per_comm]),
    )


def make_verdicts(world: World, scores: Scores, budget: float) -> tuple[Verdict, ...]:
    """The budget and the commercial-area rule of the one new community."""
    share = float(scores.commercial_after_m2[0] / scores.floor_after_m2[0])
    return (
        Verdict("budget", "total", budget, scores.cost_total, "le", "CNY", scores.cost_total <= budget),
        Verdict(
            "commercial_area",
            str(world.communities.community_id[0]),
            0.1,
            share,
            "ge",
            "share",
            share >= 0.1,
            {
                "numerator_m2": float(scores.commercial_after_m2[0]),
                "denominator_m2": float(scores.floor_after_m2[0]),
            },
        ),
    )


def make_diagnosis() -> Diagnosis:
    """Why there is no plan: the budget against the 10 % rule."""
    return Diagnosis(
        clashing=("budget", "commercial_area"),
        relaxations=(
            Relaxation("budget", "total", 100_000.0, 150_000.0, 50_000.0, "CNY"),
            Relaxation("commercial_area", f"沅江社区 {SCRIPT}", 1130.0, 412.0, 718.0, "m2"),
        ),
    )
