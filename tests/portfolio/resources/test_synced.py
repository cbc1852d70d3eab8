"""The worked example of two weeks and five projects as it would stand in two trackers: synced, read, and changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, select

from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem
from portfolio.resources.load import by_period, too_much
from portfolio.resources.plan import Plan
from portfolio.store.engine import reading
from simulator.asana import edits as asana
from tests.portfolio.conftest import Oracle
from tests.portfolio.lived import Flavour
from tests.portfolio.resources.company import Company

CLOSE = 1e-6
WEEKS = np.array([0, 7])
Founded = Callable[[set[str], Flavour], Company]
# Jira has one project of an issue: what is in two stands in Asana. Where the others stand must not matter.
MOST = {"T1", "T2", "T3", "T4", "T5", "T6", "T7", "T9"}
PLACED = {"jira": MOST, "asana": set[str](), "both": {"T1", "T3", "T6", "T9"}}


@pytest.fixture
def found(engine: Engine, oracle: Oracle) -> Iterator[Founded]:
    made: list[Company] = []

    def company(in_jira: set[str], flavour: Flavour = "cloud") -> Company:
        one = Company(engine, oracle("o3_resource")["input"], in_jira, flavour)
        made.append(one)
        one.follow()
        one.enter()
        return one

    yield company
    for one in made:
        one.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("placed", "flavour"), [("jira", "cloud"), ("jira", "datacenter"), ("asana", "cloud"), ("both", "cloud")]
)
def test_the_worked_example_through_trackers(found: Founded, oracle: Oracle, placed: str, flavour: Flavour) -> None:
    company, expected = found(PLACED[placed], flavour), oracle("o3_resource")["expected"]
    plan = company.plan()
    persons, projects = company.ids(Person, "name"), company.ids(Project, "code")
    with reading(company.engine) as store:
        keys = {title: ident for ident, title in store.execute(select(WorkItem.id, WorkItem.title))}
    last = date.fromisoformat(company.given["weeks"][-1][1])
    load = plan.load(company.as_of, last)
    rows = {name: int(np.searchsorted(plan.persons, ident)) for name, ident in persons.items()}
    for name, row in rows.items():
        for what, hours in (
            ("capacity", load.capacity),
            ("hard", load.hard),
            ("soft", load.soft),
            ("over_hours", load.over),
        ):
            assert by_period(hours, WEEKS)[row] == pytest.approx(expected[what][name], abs=CLOSE), (name, what)
        assert too_much(load, WEEKS)[row].tolist() == [name in expected["over_days"], False]
    for words, hours in expected["daily"].items():
        name, day = words.split()
        at = (date.fromisoformat(day) - company.as_of).days
        assert load.hard[rows[name], at] == pytest.approx(hours, abs=CLOSE)
    for role, hours in expected["unassigned_by_role"].items():
        row = len(plan.persons) + plan.roles.index(role)
        assert by_period(load.hard, WEEKS)[row] == pytest.approx(hours, abs=CLOSE)
    assert plan.no_estimate.item.tolist() == [keys[key] for key in expected["no_estimate"]]
    undated = dict(zip(plan.persons[plan.no_date.carrier].tolist(), plan.no_date.hours.tolist(), strict=True))
    assert undated == {persons[name]: hours for name, hours in expected["unscheduled"].items()}
    assert not len(plan.nothing_left.item)
    for key, quotas in expected["multi_home"].items():
        of_item = plan.rows.item == keys[key]
        where = plan.projects[plan.rows.work.project[of_item]].tolist()
        shares = dict(zip(where, plan.rows.work.hours[of_item].tolist(), strict=True))
        assert shares == {projects[name]: hours for name, hours in quotas.items()}
    _team(expected["team"], load, rows, plan)


def _team(team: Mapping[str, Any], load: Any, rows: Mapping[str, int], plan: Plan) -> None:
    """Nobody of the team is too much in sum: that one of them is, is only seen of them."""
    members = list(rows.values())
    sums = {what: by_period(getattr(load, what), WEEKS)[members].sum(axis=0) for what in ("capacity", "hard", "soft")}
    sums["unassigned"] = by_period(load.hard, WEEKS)[len(plan.persons) :].sum(axis=0)
    for what, hours in sums.items():
        assert hours == pytest.approx(team[what], abs=CLOSE), what
    everything = sums["hard"] + sums["soft"] + sums["unassigned"]
    assert everything / sums["capacity"] == pytest.approx(team["load_ratio_all"], abs=CLOSE)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_thing_done_another_way_in_the_trackers(found: Founded, oracle: Oracle) -> None:
    company, expected = found({"T1"}, "cloud"), oracle("o3_resource")["expected"]["what_if"]
    last = date.fromisoformat(company.given["weeks"][-1][1])

    def week(name: str) -> tuple[list[float], list[float]]:
        company.follow()
        plan = company.plan()
        load, row = (
            plan.load(company.as_of, last),
            int(np.searchsorted(plan.persons, company.ids(Person, "name")[name])),
        )
        return by_period(load.hard, WEEKS)[row].tolist(), by_period(load.over, WEEKS)[row].tolist()

    [moved, later] = company.given["what_if"]
    told = {"at": company.now, "by": company.workspace.me}
    asana.edit(company.workspace, company.gids[later["task"]], due_on=later["due"], **told)
    assert week("ANA")[0] == pytest.approx(expected["W2"]["ANA"], abs=CLOSE)
    [before] = [it for it in company.given["tasks"] if it["key"] == moved["task"]]
    asana.edit(company.workspace, company.gids[moved["task"]], due_on=before["due"], **told)
    asana.assign(company.workspace, company.gids[moved["task"]], f"10{moved['to'][0]}", **told)
    for name in ("ANA", "CY"):
        hard, over = week(name)
        assert hard == pytest.approx(expected["W1"][name], abs=CLOSE)
        assert over[0] == pytest.approx(expected["W1"][f"over_hours_{name}"], abs=CLOSE)
