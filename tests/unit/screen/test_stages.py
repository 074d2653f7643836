"""How a plan unfolds, on the terminal: phases, pilots and goals, in both languages."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len

from siteopt.plan import Measure, Run
from siteopt.program import GoalResult
from siteopt.report.goals import goals_of
from siteopt.report.summary import summarise
from siteopt.screen.answer import summary_view
from siteopt.screen.console import Screen
from siteopt.world import Funds, Periods
from tests.runs_builder import make_run


def screen(run: Run, language: str, *, brief: bool = False) -> str:
    out = io.StringIO()
    Screen(file=out, width=200).print(summary_view(summarise(run), language, brief=brief))
    return out.getvalue()


def phased() -> Run:
    run = make_run()
    assert run.plan is not None
    scores = replace(
        run.scores,
        cost_by_source=np.array([run.scores.cost_total, 0.0]),
        cost_by_period=np.array([run.scores.cost_total - 1000.0, 1000.0]),
        after_by_period=np.stack([run.scores.before, run.scores.after]),
    )
    plan = replace(
        run.plan, periods=("第一期", "2026"), sources=("市财政", "[bold]EU"), source=np.where(run.plan.opened, 0, -1)
    )
    periods = Periods(plan.periods, (1.0, 1.0), (7.0, np.inf))
    world = replace(run.world, periods=periods, funds=Funds(name=plan.sources))
    return replace(run, scores=scores, plan=plan, world=world)


def in_order() -> Run:
    """Three goals: the first may lose 5 % and lost some, the second nothing; then least cost."""
    run = make_run()
    parts = [{"name": "complete", "tolerance": 0.05}, {"name": "worst_community"}]
    goals = (
        GoalResult("complete", "max", 100.0, 100.0, 0.0, "proven", 0.0, 96.0),
        GoalResult("worst_community", "max", 0.5, 0.5, 0.0, "proven", 0.0, 0.5),
        GoalResult("cost", "min", 7.0, 7.0, 0.0, "proven", 0.0, 7.0),
    )
    values = (("complete", 96.0, "people"), ("worst_community", 0.5, "share"), ("cost", 7.0, "money"))
    measures = tuple(Measure(*value) for value in values)
    return replace(
        run,
        objective={**run.objective, "name": "ordered", "params": {"parts": parts}, "unit": "people"},
        proof=replace(run.proof, goals=goals),
        scores=replace(run.scores, measures=measures),
    )


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("│┃ \n").replace("┃", "│").split("│")]


def test_the_phases_say_money_outlets_and_people_of_each() -> None:
    run = phased()
    told = {row[0]: row[1:] for row in map(cells_of, screen(run, "en").splitlines()) if len(row) == 3}
    assert told["phase"] == ["第一期 (to month 7)", "2026"]
    assert told[f"spent ({run.world.currency})"] == [f"{run.scores.cost_total - 1000:,.0f}", "1,000"]
    assert told["outlets opened"] == [str(int(run.plan.opened.sum())), "0"]  # type: ignore[union-attr]
    for t, type_id in enumerate(run.world.types.type_id):
        name = run.world.types.name[t]["en"]
        reached = [f"{scores[t, 0]:,.0f}" for scores in (run.scores.before, run.scores.after)]
        assert told[f"people within reach at its end: {name}"] == reached, type_id
    assert {"paid by 市财政", "paid by [bold]EU"} <= told.keys()  # from data: as text, not as markup


def test_the_goals_say_the_best_in_turn_what_may_be_lost_and_what_is_left() -> None:
    told = {row[0]: row[1:] for row in map(cells_of, screen(in_order(), "en").splitlines()) if len(row) == 5}
    assert told["most people with every basic type within reach"] == ["100 people", "5%", "96 people", "proven"]
    assert told["the worst community as good as can be"] == ["50%", "0%", "50%", "proven"]
    assert "least cost among equals" not in told  # every plan seeks it: no goal of its own
    assert "Goals in order" not in screen(make_run(), "en")


def test_the_summary_says_of_each_goal_what_it_was_worth_in_its_turn() -> None:
    told = [(g["name"], g["in_turn"], g["tolerance"]) for g in goals_of(in_order())]
    assert told == [("complete", 100.0, 0.05), ("worst_community", 0.5, 0.0), ("cost", 7.0, None)]


def test_pilots_are_told_by_name_and_grade() -> None:
    run = make_run()
    assert run.plan is not None
    first, second = (str(c) for c in run.world.communities.community_id[:2])
    decided = {"pilots": {first: "enhanced", second: "of its own"}}
    run = replace(run, plan=replace(run.plan, decided=decided))
    zh, en = screen(run, "zh"), screen(run, "en")
    assert "试点社区（2 个）" in zh and "提升型" in zh and "of its own" in zh
    assert "Pilot communities (2)" in en and "enhanced" in en and first in en


def test_every_new_outlet_says_its_phase_where_there_are_phases() -> None:
    run = phased()
    rows = [row for row in map(cells_of, screen(run, "en").splitlines()) if len(row) == 7]
    assert rows[0] == ["space", "outlet", "kind", "phase", "cost", "newly covered", "by it alone"]
    periods = [site["period"] for site in summarise(run)["sites"]]
    assert periods and [row[3] for row in rows[1:]] == periods and set(periods) <= {"第一期", "2026"}
    assert not any(cells_of(line)[3:4] == ["phase"] for line in screen(in_order(), "en").splitlines())


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("run", [phased(), in_order()], ids=["phases", "goals"])
def test_tables_stay_aligned_whatever_the_width_of_their_characters(run: Run, language: str) -> None:
    lines = screen(run, language).splitlines()
    tables: list[list[int]] = [[]]
    for line in lines:
        if line.startswith(tuple("┏┃┡│└")):
            tables[-1].append(cell_len(line.rstrip()))
        elif tables[-1]:
            tables.append([])
    assert len(tables) > 2
    assert all(len(set(widths)) <= 1 for widths in tables)


def test_brief_leaves_out_how_the_plan_unfolds() -> None:
    assert "Phase by phase" in screen(phased(), "en") and "分期实施" in screen(phased(), "zh")
    assert "Phase by phase" not in screen(phased(), "en", brief=True)
    assert "Goals in order" not in screen(in_order(), "en", brief=True)
