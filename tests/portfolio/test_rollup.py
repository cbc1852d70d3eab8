"""Roll-ups: what is stored for projects, programs, portfolios and all, and that running again changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.figures.rollup import roll_up
from portfolio.figures.scopes import scope_readings
from portfolio.governance.settings import SHIPPED
from portfolio.kpis.catalogue import KPIS, OF_PERSONS
from portfolio.kpis.rag import DIMENSIONS, OVERALL
from portfolio.kpis.reading import Rag, Reading
from portfolio.model.landing import Connection
from portfolio.model.oversight import KpiValue
from tests.portfolio.builders import World, noon, without_compliance

TODAY = date(2026, 3, 13)
NOW = noon(TODAY)


def _stored(world: World, kpi: str) -> dict[tuple[str, int], KpiValue]:
    rows = world.connection.execute(select(KpiValue).where(KpiValue.kpi == kpi, KpiValue.as_of == TODAY))
    return {(row.scope_type, row.scope_id): row for row in rows}  # type: ignore[misc]


def _everything(world: World) -> set[tuple[object, ...]]:
    table = KpiValue.__table__
    columns = [column for column in table.columns if column.name not in {"id", "computed_at"}]
    return {tuple(row) for row in world.connection.execute(select(*columns))}


def _overdue(world: World, project: int, late: int, total: int) -> None:
    for number in range(total):
        world.item(project, due=TODAY - timedelta(days=1) if number < late else TODAY)


def test_ratios_roll_up_as_sums_with_the_share_of_projects_that_have_data(world: World) -> None:
    portfolio = world.portfolio("F")
    program = world.program("G", portfolio)
    small, large = world.project(program_id=program), world.project(program_id=program)
    empty, direct = world.project(program_id=program), world.project(portfolio_id=portfolio)
    world.project()
    _overdue(world, small, 1, 2)
    _overdue(world, large, 1, 18)
    _overdue(world, direct, 0, 20)
    roll_up(world.connection, as_of=TODAY, now=NOW)
    overdue = _stored(world, "SCH-09")
    of_program = overdue["program", program]
    assert (of_program.numerator, of_program.denominator, of_program.value, of_program.n) == (2, 20, 0.1, 20)
    assert of_program.coverage == 2 / 3
    assert of_program.rag == "amber"
    assert (overdue["portfolio", portfolio].value, overdue["portfolio", portfolio].coverage) == (0.05, 0.75)
    assert (overdue["all", 0].value, overdue["all", 0].coverage) == (0.05, 0.6)
    assert (overdue["project", empty].value, overdue["project", empty].reason) == (None, "NO_DATA")


def test_percentiles_are_taken_anew_over_all_items(world: World) -> None:
    program = world.program("G")
    fast, slow = world.project(program_id=program), world.project(program_id=program)
    for _ in range(9):
        world.finished(fast, TODAY, TODAY)
    for _ in range(11):
        world.finished(slow, TODAY - timedelta(days=19), TODAY)
    roll_up(world.connection, as_of=TODAY, now=NOW)
    median = _stored(world, "FLW-01-P50")
    assert (median["project", fast].value, median["project", fast].reason) == (None, "INSUFFICIENT_SAMPLE")
    assert median["project", slow].value == 20
    assert (median["program", program].value, median["program", program].n) == (20, 20)
    assert median["program", program].coverage == 0.5


def test_the_oldest_data_and_the_largest_slip_speak_for_all(world: World) -> None:
    one, two = world.project(), world.project()
    other = world.tracker("Tracker two")
    world.feed(one, world.tracker_id)
    world.feed(two, other)
    world.run(world.tracker_id, NOW - timedelta(minutes=10))
    world.run(other, NOW - timedelta(minutes=500))
    world.milestone(one, date(2026, 3, 2), finished_on=date(2026, 3, 3))
    world.milestone(two, date(2026, 3, 2), finished_on=date(2026, 3, 11))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    assert (_stored(world, "DQ-06")["all", 0].value, _stored(world, "DQ-06")["all", 0].rag) == (500, "red")
    assert _stored(world, "SCH-07-MAX")["all", 0].value == 7
    assert (_stored(world, "SCH-07")["all", 0].value, _stored(world, "SCH-07")["all", 0].n) == (4, 2)


def test_a_scope_is_judged_by_milestones_once_one_of_its_projects_is(world: World) -> None:
    untried = world.project()
    world.milestone(untried, date(2026, 5, 1), due=date(2026, 5, 1))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    for kpi in ("SCH-07", "SCH-07-MAX"):
        assert {(row.value, row.rag) for row in _stored(world, kpi).values()} == {(0, "grey")}
    early = world.project()
    world.milestone(early, date(2026, 3, 6), finished_on=date(2026, 3, 2))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    found = {kpi: _stored(world, kpi)["all", 0] for kpi in ("SCH-07", "SCH-07-MAX")}
    assert {kpi: (row.value, row.rag) for kpi, row in found.items()} == {
        "SCH-07": (-2, "green"),
        "SCH-07-MAX": (0, "green"),
    }


def _planned(world: World, project: int, *, late: bool) -> int:
    """Work planned for last week, done in time or not yet."""
    start, due = date(2026, 3, 2), date(2026, 3, 6)
    plan = {"start": start, "due": due, "estimate_s": 3600}
    item = world.item(project, created=start, **plan) if late else world.finished(project, start, due, **plan)
    world.baseline(project, start, [(item, start, due, 3600)])
    return item


def test_one_dimension_alone_makes_no_colour(world: World) -> None:
    project = world.project()
    world.item(project, start=date(2026, 3, 2), due=date(2026, 3, 6), estimate_s=3600)
    without_compliance(world)
    roll_up(world.connection, as_of=TODAY, now=NOW)
    colour = _stored(world, "RAG")["project", project]
    assert _stored(world, "RAG-SCHEDULE")["project", project].rag == "red"
    assert (colour.rag, colour.reason, colour.n) == ("grey", "NO_DATA", 1)


def test_a_scope_keeps_how_many_projects_have_which_colour(world: World) -> None:
    for late in (False, False, True):
        _planned(world, world.project(), late=late)
    world.project()
    without_compliance(world)
    roll_up(world.connection, as_of=TODAY, now=NOW)
    counts = {
        colour: _stored(world, f"RAG-{colour}")["all", 0].numerator for colour in ("GREEN", "AMBER", "RED", "GREY")
    }
    assert counts == {"GREEN": 2, "AMBER": 0, "RED": 1, "GREY": 1}
    overall = _stored(world, "RAG")["all", 0]
    assert (overall.value, overall.rag, overall.reason, overall.coverage) == (None, "grey", "NOT_APPLICABLE", 0.75)


def test_closed_projects_count_in_no_scope_but_keep_their_readings(world: World) -> None:
    live, closed = world.project(), world.project(status="closed")
    _overdue(world, live, 0, 2)
    _overdue(world, closed, 2, 2)
    roll_up(world.connection, as_of=TODAY, now=NOW)
    overdue = _stored(world, "SCH-09")
    assert overdue["project", closed].value == 1
    assert overdue["all", 0].value == 0


def test_running_again_changes_nothing_and_adds_no_rows(world: World) -> None:
    program = world.program("G", world.portfolio("F"))
    for late in range(3):
        _overdue(world, world.project(program_id=program), late, 3)
    written = roll_up(world.connection, as_of=TODAY, now=NOW)
    first = _everything(world)
    assert roll_up(world.connection, as_of=TODAY, now=NOW + timedelta(hours=1)) == 0
    assert _everything(world) == first
    assert written == 6 * (len(KPIS) - len(OF_PERSONS)) + len(OF_PERSONS) + 3 * (len(DIMENSIONS) + 1 + 9)
    assert world.connection.scalar(select(func.count()).select_from(KpiValue)) == written


def test_a_touched_project_is_written_with_the_scopes_above_it_only(world: World) -> None:
    mine, other = world.program("G1"), world.program("G2")
    touched, sibling = world.project(program_id=mine), world.project(program_id=mine)
    stranger = world.project(program_id=other)
    for project in (touched, sibling, stranger):
        _overdue(world, project, 1, 2)
    roll_up(world.connection, as_of=TODAY, now=NOW, project_ids=[touched])
    stored = _stored(world, OVERALL)
    assert stored.keys() == {("project", touched), ("program", mine), ("all", 0)}
    assert _stored(world, "SCH-09")["program", mine].denominator == 4
    assert _stored(world, "SCH-09")["all", 0].denominator == 6


def test_a_project_that_comes_while_facts_are_gathered_waits_for_the_next_time(world: World) -> None:
    """On PostgreSQL each statement sees what others committed before it."""
    program = world.program("G")
    world.item(world.project(program_id=program))
    late: list[int] = []

    def come(*given: Any) -> None:
        if not late and "FROM program" in given[2]:
            late.append(0)
            late[0] = world.project(program_id=program)

    event.listen(world.connection, "before_cursor_execute", come)
    roll_up(world.connection, as_of=TODAY, now=noon(TODAY))
    assert late[0]
    of_projects = select(KpiValue.scope_id).where(KpiValue.scope_type == "project").distinct()
    assert late[0] not in set(world.connection.scalars(of_projects))
    roll_up(world.connection, as_of=TODAY, now=noon(TODAY))
    assert late[0] in set(world.connection.scalars(of_projects))


def test_an_empty_database_rolls_up_to_nothing_but_the_whole(world: World) -> None:
    assert roll_up(world.connection, as_of=TODAY, now=NOW) == len(KPIS) + 9
    assert {row.rag for row in _stored(world, "SCH-09").values()} == {"grey"}


def test_a_program_without_projects_is_grey(world: World) -> None:
    program = world.program("G")
    roll_up(world.connection, as_of=TODAY, now=NOW)
    reading = _stored(world, "FLW-04")["program", program]
    assert (reading.value, reading.rag, reading.reason) == (None, "grey", "NO_DATA")


def test_a_reading_knows_the_oldest_mapping_that_it_may_rest_on(world: World) -> None:
    trackers = [world.tracker(name) for name in ("default", "third", "fifth")]
    for tracker, number in zip(trackers[1:], (3, 5), strict=True):
        world.connection.execute(update(Connection).where(Connection.id == tracker).values(mapping_number=number))
    program = world.program("G", world.portfolio("F"))
    by_default, mixed, newest = (world.project(program_id=program) for _ in range(3))
    fed_by_nobody, alone = world.project(), world.project(portfolio_id=world.portfolio("H"))
    for project, feeding in ((by_default, (0, 2)), (mixed, (1, 2)), (newest, (2,)), (alone, (1,))):
        for each in feeding:
            world.feed(project, trackers[each])
    roll_up(world.connection, as_of=TODAY, now=NOW)
    found = {scope: row.mapping_number for scope, row in _stored(world, OVERALL).items()}
    numbers = {("project", by_default): None, ("project", mixed): 3, ("project", newest): 5, ("project", alone): 3}
    assert {scope: found[scope] for scope in numbers} == numbers
    assert (found["project", fed_by_nobody], found["program", program], found["all", 0]) == (None, None, None)
    world.connection.execute(update(Connection).where(Connection.id == trackers[0]).values(mapping_number=4))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    found = {scope: row.mapping_number for scope, row in _stored(world, OVERALL).items()}
    assert (found["project", by_default], found["program", program], found["all", 0]) == (4, 3, 3)


def test_of_a_forecast_the_last_day_counts_and_the_worst_colour() -> None:
    """One project ends late and is free to; another ends before it, and after its own due date."""

    def ends(day: date, colour: Rag) -> dict[str, Reading]:
        forecast = Reading(Fraction(day.toordinal()), n=12, rag=colour, settled=colour)
        return {"FLW-09": forecast, OVERALL: Reading(Fraction(0), rag=colour)}

    readings = [ends(date(2026, 12, 1), Rag.GREEN), ends(date(2026, 5, 1), Rag.RED)]
    day = Day(date(2026, 3, 13), noon(date(2026, 3, 13)))
    found = scope_readings([ProjectFacts(), ProjectFacts()], readings, day, {"FLW-09": SHIPPED["FLW-09"]})["FLW-09"]
    assert (found.value, found.rag) == (date(2026, 12, 1).toordinal(), Rag.RED)


@pytest.mark.parametrize(
    ("contingencies", "colour"), [((1000, 0), Rag.RED), ((5000, 0), Rag.GREEN), ((0, 0), Rag.RED), ((0,), Rag.RED)]
)
def test_exposure_with_no_contingency_at_all_counts_in_the_share_of_the_scope(
    world: World, contingencies: tuple[int, ...], colour: Rag
) -> None:
    for contingency in contingencies:
        project = world.project(contingency=Decimal(contingency), contingency_currency="EUR")
        world.risk(project, "0.5", "2000")
    roll_up(world.connection, as_of=TODAY, now=NOW)
    found = _stored(world, "RSK-01")["all", 0]
    assert (found.value, found.denominator, found.rag) == (1000 * len(contingencies), sum(contingencies), colour)
