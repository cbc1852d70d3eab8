"""Rules that ask for load and bookings: where they pass and fail, and that they name nobody."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from portfolio.facts.gather import day_of
from portfolio.figures.rollup import roll_up
from portfolio.governance.counting import counted_of, evidence
from portfolio.governance.predicates.catalogue import PREDICATES
from portfolio.governance.predicates.declare import Check, Evidence
from portfolio.governance.results import standing
from portfolio.governance.rules import RuleError
from portfolio.model.people import Person
from portfolio.model.resources import PlannedLoad
from portfolio.resources.plan import read_plan
from portfolio.resources.planned import keep_planned
from tests.portfolio.builders import World
from tests.portfolio.governance.cases import LONG_AGO, NOW, TODAY, WEEK, Site, _loaded, _proposed

HOUR = 3600


def ask(world: World, predicate: str, **params: Any) -> Check:
    return PREDICATES[predicate].check(params, day_of(world.connection, TODAY, NOW))


@pytest.mark.parametrize(
    ("load", "over_days", "week", "params", "found"),
    [
        (1.0, 0, WEEK, {}, (1, 0)),
        (1.01, 0, WEEK, {}, (1, 1)),
        (0.95, 1, WEEK, {}, (1, 0)),
        (0.95, 2, WEEK, {}, (1, 1)),
        (None, 0, WEEK, {}, (1, 1)),
        (1.1, 5, WEEK, {"max": "1.2"}, (1, 0)),
        (1.3, 0, WEEK, {"max": "1.2"}, (1, 1)),
        (1.3, 0, WEEK + timedelta(weeks=2), {"weeks": 2}, (0, 0)),
        (1.3, 0, WEEK + timedelta(weeks=1), {"weeks": 2}, (1, 1)),
        (1.3, 0, WEEK - timedelta(weeks=1), {}, (0, 0)),
    ],
)
def test_when_somebody_has_too_much(
    world: World, load: float | None, over_days: int, week: date, params: dict[str, Any], found: tuple[int, int]
) -> None:
    site = Site(world, "A")
    _loaded(site, load, over_days, week)
    assert counted_of(world.connection, ask(world, "person_load_le", **params), site.id)[:2] == found


@pytest.mark.parametrize("params", [{"max": "much"}, {"max": "0"}, {"max": "nan"}, {"weeks": 0}, {"weeks": 5}])
def test_what_is_no_limit_is_refused(world: World, params: dict[str, Any]) -> None:
    with pytest.raises(RuleError):
        ask(world, "person_load_le", **params)


def test_a_proposed_booking_waits_for_ten_working_days_at_most(world: World) -> None:
    check = ask(world, "none_older", entity="booking", n_wd=10)
    # Ten working days before Tuesday 2026-03-10 is Tuesday 2026-02-24.
    for since, failing in ((date(2026, 2, 24), 0), (date(2026, 2, 23), 1)):
        site = Site(world, since.isoformat())
        _proposed(site, since)
        assert counted_of(world.connection, check, site.id)[:2] == (1, failing)
    others = Site(world, "others")
    _proposed(others, LONG_AGO, kind="hard")
    _proposed(others, LONG_AGO, start=LONG_AGO, end=TODAY - timedelta(days=1))
    _proposed(others, LONG_AGO, booked_at=None)
    assert counted_of(world.connection, check, others.id)[:2] == (0, 0)


def test_evidence_is_load_and_names_nobody(world: World) -> None:
    site = Site(world, "A")
    _loaded(site, 1.234)
    _loaded(site, None)
    _proposed(site, LONG_AGO)
    found = evidence(world.connection, ask(world, "person_load_le"), site.id, 10)
    assert found == (Evidence("", "", None, WEEK), Evidence("123%", "", None, WEEK))
    [booking] = evidence(world.connection, ask(world, "none_older", entity="booking", n_wd=10), site.id, 10)
    assert (booking.name.isdecimal(), booking.title, booking.url, booking.day) == (True, "", None, TODAY)


def test_what_a_roll_up_reads_of_the_plan_decides(world: World) -> None:
    ada, calm, busy = world.person("Ada"), world.project("Calm"), world.project("Busy")
    world.item(calm, assignee_id=world.person("Ben"), remaining_s=HOUR, due=TODAY)
    world.item(busy, assignee_id=ada, remaining_s=30 * HOUR, due=TODAY + timedelta(days=1))
    world.item(busy, remaining_s=300 * HOUR, due=TODAY)
    roll_up(world.connection, as_of=TODAY, now=NOW)
    found = standing(world.connection)
    assert [found["RES-R02", project].result.outcome for project in (calm, busy)] == ["pass", "fail"]
    assert "Ada" not in found["RES-R02", busy].result.observed
    rows = select(PlannedLoad.project_id, PlannedLoad.person_id, PlannedLoad.week, PlannedLoad.over_days)
    assert (busy, ada, WEEK, 2) in [tuple(row) for row in world.connection.execute(rows)]
    world.connection.execute(update(Person).where(Person.id == ada).values(active=False))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    [load] = world.connection.scalars(select(PlannedLoad.load).where(PlannedLoad.person_id == ada))
    assert load is None


def test_a_plan_that_is_as_it_was_writes_nothing_and_what_is_gone_goes(world: World) -> None:
    project = world.project("A")
    world.item(project, assignee_id=world.person("Ada"), remaining_s=10**9 * HOUR, due=TODAY + timedelta(days=20))

    def keep(day: date) -> list[str]:
        statements: list[str] = []

        def note(*given: Any) -> None:
            statements.append(given[2].split()[0])

        plan = read_plan(world.connection, day, NOW)
        event.listen(world.connection, "before_cursor_execute", note)
        keep_planned(world.connection, plan)
        event.remove(world.connection, "before_cursor_execute", note)
        return statements

    keep(TODAY)
    loads = world.connection.scalars(select(PlannedLoad.load)).all()
    assert loads == [100.0] * 4
    assert keep(TODAY) == ["SELECT"]
    keep(TODAY + timedelta(weeks=1))
    assert min(world.connection.scalars(select(PlannedLoad.week))) == WEEK + timedelta(weeks=1)
