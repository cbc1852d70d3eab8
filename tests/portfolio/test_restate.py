"""The past computed anew: as it would have been computed then, with what was published kept beside corrections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from portfolio.figures.days import WEEKS_BACK, due_days, missed
from portfolio.figures.due import Due, all_due, past_changed
from portfolio.figures.explain import explain
from portfolio.figures.read import published, series, weekly
from portfolio.figures.restate import Batch, next_batch, write_batch
from portfolio.figures.rollup import close_day, roll_up
from portfolio.model.landing import Lease
from portfolio.model.oversight import HistoryDue, KpiValue, RollUp
from portfolio.model.structure import Portfolio, Project
from portfolio.model.work import ItemVersion
from tests.portfolio.builders import World, noon, without_compliance

TODAY = date(2026, 3, 13)
NOW = noon(TODAY)
PRESENT_ONLY = {
    "BEN-02", "BEN-03", "CST-06", "CST-07", "DQ-01", "DQ-02", "DQ-04", "RSK-01", "RSK-02", "RSK-03", "RSK-04", "RSK-05",
    "SCP-05", "DQ-03", "FLW-09", "FLW-10", "FLW-10-P50", "QLT-02", "RES-06", "SCH-13", "SCH-14", "SCH-14-CROSS",
    "CST-09", "GOV-01", "GOV-06", "RES-02", "RES-03", "RES-04",
    "RES-07", "RES-09",
}  # fmt: skip
LAST_SUNDAY = date(2026, 3, 8)


def do(world: World, now: datetime = NOW, most: int = 99) -> int:
    """Compute what is due, in at most so many batches. Returns how many days."""
    days = 0
    for _ in range(most):
        batch = next_batch(world.connection, now)
        if batch is None:
            break
        write_batch(world.connection, batch, now)
        days += len(batch.days)
    return days


def readings(world: World, *where: Any) -> list[KpiValue]:
    query = select(KpiValue).where(*where).order_by(KpiValue.as_of, KpiValue.id)
    return list(world.connection.execute(query).all())  # type: ignore[arg-type]


def counting(world: World, day: date) -> dict[tuple[str, int, str], tuple[Any, ...]]:
    """What counts on a day, but for what only the present knows."""
    own = (KpiValue.as_of <= day, KpiValue.until > day, KpiValue.superseded_at.is_(None))
    return {
        (row.scope_type, row.scope_id, row.kpi): (row.value, row.numerator, row.denominator, row.n, row.reason, row.rag)
        for row in readings(world, *own)
        if row.kpi != "DQ-06" and row.reason != "NOT_KEPT"
    }


@pytest.fixture
def project(world: World) -> int:
    """Work that goes on from January to March."""
    project = world.project(program_id=world.program("G", world.portfolio("F")))
    world.project()
    begin = TODAY - timedelta(days=60)
    for number in range(6):
        started = begin + timedelta(days=7 * number)
        world.finished(project, started, started + timedelta(days=9), due=started + timedelta(days=5), estimate_s=3600)
    world.item(project, created=begin, due=TODAY - timedelta(days=20), estimate_s=7200)
    return project


def test_the_first_days_go_back_by_weeks_and_what_was_missed_by_days() -> None:
    due = [Due(1, TODAY - timedelta(days=15), 1), Due(2, TODAY - timedelta(weeks=200), 1)]
    found = due_days(due, {TODAY: "observed"}, TODAY)
    assert len(found) == WEEKS_BACK
    assert (found[0].project_ids, found[-1]) == ({2}, (LAST_SUNDAY, {1, 2}))
    assert {each.day.isoweekday() for each in found} == {7}
    rolled = {TODAY - timedelta(days=5): "observed", TODAY - timedelta(days=3): "reconstructed"}
    gaps = [TODAY - timedelta(days=back) for back in (4, 2, 1)]
    assert due_days([], rolled, TODAY) == [(day, None) for day in gaps]
    assert due_days([Due(1, TODAY, 1)], {TODAY: "observed"}, TODAY) == []


def test_a_day_is_reconstructed_as_it_would_have_been_computed_then(world: World, project: int) -> None:
    # Rules are run on their day only, and what they found decides the overall colour.
    without_compliance(world)
    days = [LAST_SUNDAY - timedelta(weeks=back) for back in range(6)]
    observed = {}
    for day in days:
        with world.connection.begin_nested() as kept:
            roll_up(world.connection, as_of=day, now=noon(day))
            observed[day] = counting(world, day)
            kept.rollback()
    roll_up(world.connection, as_of=TODAY, now=NOW)
    past_changed(world.connection, {project: TODAY - timedelta(days=60), project + 1: TODAY - timedelta(days=60)})
    assert do(world) == 8
    for day in days:
        found = counting(world, day)
        told = {key: reading for key, reading in observed[day].items() if key in found}
        assert found == told
        # What only the present knows is not made up afterwards.
        missing = {key[2] for key in observed[day].keys() - found.keys()}
        assert {kpi_id for kpi_id in missing if not kpi_id.startswith("RAG-")} <= PRESENT_ONLY
    assert {row.origin for row in readings(world, KpiValue.as_of < TODAY)} == {"reconstructed"}
    assert do(world) == 0


def test_a_correction_restates_with_a_mark_and_keeps_what_was_published(world: World, project: int) -> None:
    days = [TODAY - timedelta(days=back) for back in (3, 2, 1, 0)]
    for day in days:
        roll_up(world.connection, as_of=day, now=noon(day))
    before = world.connection.scalar(select(func.count()).select_from(KpiValue))
    past_changed(world.connection, {project: days[0]})
    do(world)
    assert world.connection.scalar(select(func.count()).select_from(KpiValue)) == before, "nothing differs"
    late = (KpiValue.kpi == "SCH-09", KpiValue.scope_type == "project", KpiValue.scope_id == project)
    (as_published,) = readings(world, *late)
    world.connection.execute(
        update(ItemVersion)
        .where(ItemVersion.project_id == project, ItemVersion.category == "todo")
        .values(due=TODAY + timedelta(days=9))
    )
    past_changed(world.connection, {project: days[1]})
    do(world)
    after = readings(world, *late)
    assert [(row.as_of, row.until, row.value, row.origin) for row in after if row.superseded_at] == [
        (days[1], TODAY, as_published.value, "observed")
    ]
    restated = [row for row in after if row.origin == "restated"]
    assert [(row.as_of, row.until, row.value, row.superseded_at) for row in restated] == [(days[1], TODAY, 0, None)]
    told = series(world.connection, ("project", project), "SCH-09", days[0], TODAY)
    assert [(each.as_of, each.value, each.origin) for each in told] == [
        (days[0], 1, "observed"),
        (days[1], 0, "restated"),
        (TODAY, 1, "observed"),
    ]
    (before_that,) = published(world.connection, ("project", project), "SCH-09", days[0], TODAY)
    assert (before_that.as_of, before_that.until, before_that.value) == (days[1], TODAY, 1)
    points = weekly(told, days[0] - timedelta(days=7), TODAY)
    assert [(day, reading and reading.value) for day, reading in points] == [(LAST_SUNDAY, None), (TODAY, 1)]
    assert counting(world, days[0])["project", project, "SCH-09"][0] == 1
    assert counting(world, days[2])["all", 0, "SCH-09"][0] == 0
    assert all_due(world.connection, NOW) == ()


def test_who_is_killed_between_two_batches_loses_nothing(
    world: World, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portfolio.figures.restate.MOST_DAYS", 2)
    begin = TODAY - timedelta(days=60)
    roll_up(world.connection, as_of=TODAY, now=NOW)
    past_changed(world.connection, {project: begin})
    assert do(world, most=1) == 2
    assert next_batch(world.connection, NOW) is not None, "computed, and never written"
    (left,) = all_due(world.connection, NOW)
    assert left.from_day == date(2026, 2, 1)
    assert do(world) == 6
    told = {day for (day,) in world.connection.execute(select(RollUp.as_of))}
    assert told == {LAST_SUNDAY - timedelta(weeks=back) for back in range(8)} | {TODAY}


def test_what_changes_while_it_is_computed_stays_due(world: World, project: int) -> None:
    past_changed(world.connection, {project: LAST_SUNDAY})
    batch = next_batch(world.connection, NOW)
    past_changed(world.connection, {project: LAST_SUNDAY + timedelta(days=1)})
    assert isinstance(batch, Batch)
    write_batch(world.connection, batch, NOW)
    assert [(each.project_id, each.from_day) for each in all_due(world.connection, NOW)] == [(project, LAST_SUNDAY)]
    world.feed(project, world.tracker_id)
    lease = {"connection_id": world.tracker_id, "owner": "x", "run_id": 1, "expires_at": NOW + timedelta(minutes=1)}
    world.connection.execute(Lease.__table__.insert().values(**lease))
    assert all_due(world.connection, NOW) == (), "a run may be changing it"
    world.connection.execute(delete(HistoryDue))


def test_a_day_that_ended_is_closed_as_it_was_and_missed_days_are_made_up_for(world: World, project: int) -> None:
    yesterday = TODAY - timedelta(days=1)
    roll_up(world.connection, as_of=yesterday, now=noon(yesterday))
    world.item(project, created=yesterday, due=yesterday - timedelta(days=1))
    before = counting(world, yesterday)["project", project, "SCH-09"]
    close_day(world.connection, as_of=yesterday, now=NOW)
    after = counting(world, yesterday)["project", project, "SCH-09"]
    assert (after[1], after[2]) == (before[1] + 1, before[2] + 1)
    assert {row.origin for row in readings(world)} == {"observed"}
    later = TODAY + timedelta(days=3)
    roll_up(world.connection, as_of=later, now=noon(later))
    assert missed(world.connection, later) == {TODAY + timedelta(days=number) for number in range(3)}
    assert do(world, noon(later)) == 3
    assert missed(world.connection, later) == set()


def test_a_project_without_data_changes_coverage_and_nothing_else(world: World, project: int) -> None:
    compute: Callable[[], dict[Any, Any]] = lambda: (  # noqa: E731
        roll_up(world.connection, as_of=TODAY, now=NOW),
        counting(world, TODAY),
    )[1]
    before = compute()
    world.project()
    after = compute()
    # The rules judge a project without items, too: that it has nobody to answer for it is a finding.
    figures = {key: told for key, told in before.items() if not key[2].startswith(("RAG", "GOV"))}
    of_scopes = {key: told for key, told in figures.items() if key[0] != "project"}
    told = {key: (old[0], old[1], old[2], old[5]) for key, old in of_scopes.items()}
    found = {key: (after[key][0], after[key][1], after[key][2], after[key][5]) for key in of_scopes}
    assert {key for key in told if told[key] != found[key] and told[key][0] is not None} == set()


@pytest.mark.parametrize("last_day", [None, LAST_SUNDAY - timedelta(days=7)])
def test_a_project_that_is_closed_now_counts_on_the_days_before_it_was(
    world: World, project: int, last_day: date | None
) -> None:
    portfolio = world.connection.scalar(select(Portfolio.id))
    closed = {"status": "closed", "actual_finish": last_day}
    world.connection.execute(update(Project).where(Project.id == project).values(closed))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    past_changed(world.connection, {project: TODAY - timedelta(days=30)})
    do(world)

    def counted(day: date) -> tuple[bool, bool]:
        """Whether the portfolio has a number on the day, and whether the project stands behind it."""
        found = explain(world.connection, ("portfolio", portfolio or 0), "SCH-09", day, NOW)
        assert found is not None
        value = counting(world, day)["portfolio", portfolio or 0, "SCH-09"][0]
        return value is not None, project in {share.project_id for share in found.contributing}

    assert counted(TODAY) == (False, False)
    assert counted(LAST_SUNDAY - timedelta(days=14)) == (True, True)
    after = last_day is None
    assert counted(LAST_SUNDAY - timedelta(days=7)) == counted(LAST_SUNDAY) == (after, after)
