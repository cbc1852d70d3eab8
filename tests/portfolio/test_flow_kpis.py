"""KPIs of flow, forecast, quality, due dates and staffing through the real store: figures, and reasons without one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import insert, update

from portfolio.facts.effort import used_up
from portfolio.facts.gather import Day
from portfolio.figures.rollup import compute
from portfolio.kpis.reading import Rag, Reason
from portfolio.kpis.staffing import bus_factor
from portfolio.model.work import Dependency, FieldChange, Sprint, WorkItem, Worklog
from tests.portfolio.builders import World, noon
from tests.portfolio.test_kpis import TODAY, read

HOUR = 3600
MONDAYS = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(9)]


def add(world: World, table: Any, **values: Any) -> None:
    world.connection.execute(insert(table).values(connection_id=world.tracker_id, **values))


@pytest.mark.parametrize(
    ("kpi", "reason"),
    [
        *((f"FLW-01{each}", Reason.INSUFFICIENT_SAMPLE) for each in ("", "-P50", "-P95")),
        *((f"FLW-02{each}", Reason.INSUFFICIENT_SAMPLE) for each in ("", "-P50", "-P95")),
        *((kpi, Reason.NO_DATA) for kpi in ("FLW-06", "FLW-07", "FLW-08", "FLW-10", "FLW-11", "SCH-13")),
        *((f"FLW-09{each}", Reason.NO_DATA) for each in ("", "-P50", "-P70", "-P95")),
        ("FLW-09-SCORE", Reason.INSUFFICIENT_SAMPLE),
        *((kpi, Reason.NO_DATA) for kpi in ("SCH-10", "SCH-10-P85", "SCH-11", "SCH-12", "SCH-12-FIRST")),
        *((kpi, Reason.NOT_APPLICABLE) for kpi in ("SCH-14", "SCH-14-CROSS")),
        *((f"QLT-0{number}", Reason.NO_DATA) for number in range(1, 6)),
        *((kpi, Reason.NO_DATA) for kpi in ("CST-08", "CST-08-MEDIAN", "SCP-06", "RES-06", "RES-08", "DQ-03", "DQ-07")),
    ],
)
def test_an_empty_project_has_reasons_and_is_grey(world: World, kpi: str, reason: Reason) -> None:
    reading = read(world, world.project(), kpi)
    assert (reading.value, reading.reason, reading.rag) == (None, reason, Rag.GREY)


def test_lead_time_counts_from_creation_also_what_never_was_in_progress(world: World) -> None:
    project = world.project()
    for days in range(10):
        world.item(project, "done", created=TODAY - timedelta(days=days), finished_on=TODAY)
    assert [read(world, project, f"FLW-02{each}").value for each in ("", "-P50", "-P95")] == [9, 5, 10]
    assert read(world, project, "FLW-01").reason is Reason.INSUFFICIENT_SAMPLE
    # Finished before it was created: no lead time.
    world.item(project, "done", created=TODAY, finished_on=TODAY - timedelta(days=1))
    assert read(world, project, "FLW-02").coverage == Fraction(10, 11)


def test_flow_efficiency_is_pooled_and_blocked_days_are_shares_of_days_in_progress(world: World) -> None:
    project, day = world.project(), TODAY - timedelta(days=3)
    for active, total in ((36, 72), (36, 96)):
        world.finished(project, day, TODAY, active_s=active * HOUR, flow_s=total * HOUR)
    world.item(project, "done", finished_on=TODAY)
    reading = read(world, project, "FLW-06")
    assert (reading.value, reading.coverage, reading.rag) == (Fraction(72, 168), Fraction(2, 3), Rag.GREEN)
    doing = {"category": "in_progress", "started_on": day}
    world.item(project, created=day, versions=[(day, doing), (TODAY - timedelta(days=1), doing | {"flow": "blocked"})])
    # Three days of each of the finished, four of the open one, the last two of them blocked.
    blocked = read(world, project, "FLW-07")
    assert (blocked.numerator, blocked.denominator, blocked.rag) == (2, 10, Rag.RED)


def test_work_that_nobody_flags_is_not_green_for_being_never_blocked(world: World) -> None:
    project = world.project()
    world.item(project, created=TODAY, versions=[(TODAY, {"category": "in_progress", "started_on": TODAY})])
    reading = read(world, project, "FLW-07")
    assert (reading.value, reading.denominator, reading.rag) == (0, 1, Rag.GREY)


def test_what_was_never_blocked_counts_where_several_projects_are_taken_together(world: World) -> None:
    day = TODAY - timedelta(days=9)
    doing = {"category": "in_progress", "started_on": day}
    flagged, other = (world.project(program_id=program) for program in [world.program("G")] * 2)
    world.item(flagged, created=day, versions=[(day, doing), (TODAY, doing | {"flow": "blocked"})])
    for _ in range(9):
        world.item(other, created=day, versions=[(day, doing)])
    told = compute(world.connection, Day(TODAY, noon(TODAY)))
    value, rag = next((it.value, it.rag) for it in told["all", 0] if it.kpi == "FLW-07")
    # One day of ten in the one, none of ninety in the other.
    assert (value, rag) == (0.01, "green")


def test_a_workflow_that_shows_no_waiting_is_not_green_for_its_efficiency(world: World) -> None:
    project = world.project()
    world.finished(project, TODAY, TODAY, active_s=36 * HOUR, flow_s=36 * HOUR)
    reading = read(world, project, "FLW-06")
    assert (reading.value, reading.rag) == (1, Rag.GREY)


def test_bugs_that_nobody_labels_are_not_green_for_escaping_none(world: World) -> None:
    project = world.project()
    world.item(project, kind="bug", labels="web")
    reading = read(world, project, "QLT-02")
    assert (reading.value, reading.rag) == (0, Rag.GREY)


def test_littles_law_holds_for_a_steady_flow_of_short_cycles(world: World) -> None:
    project, first = world.project(), TODAY - timedelta(days=29)
    for start in range(29):
        begun = first + timedelta(days=start)
        world.finished(project, begun, begun + timedelta(days=1))
    reading = read(world, project, "FLW-08")
    assert (reading.value, reading.n, reading.rag) == (0, 29, Rag.GREEN)
    assert [(part.symbol, part.value) for part in reading.parts] == [
        ("WIP", Fraction(29, 30)),
        ("throughput", Fraction(29, 30)),
        ("cycle time", 1),
    ]
    assert read(world, project, "FLW-11").value == 1
    world.item(project, "in_progress", created=first, started_on=first)
    forgotten = read(world, project, "FLW-08")
    assert (forgotten.value, forgotten.rag) == (Fraction(30, 59), Rag.RED)


def test_what_is_finished_on_the_day_it_starts_is_in_progress_at_the_end_of_none(world: World) -> None:
    project = world.project()
    for _ in range(10):
        world.finished(project, TODAY, TODAY)
    assert read(world, project, "FLW-08").reason is Reason.ZERO_DENOM
    world.item(project, "in_progress", created=TODAY, started_on=TODAY)
    assert read(world, project, "FLW-08").value == 1


def _steady(world: World, due: date | None, left: int) -> int:
    """A project that finished three items in each of nine weeks, and has some left."""
    project = world.project(due=due)
    for monday in MONDAYS:
        for _ in range(3):
            world.finished(project, monday, monday)
    for _ in range(left):
        world.item(project, created=MONDAYS[0])
    return project


@pytest.mark.parametrize(
    ("due", "confidence", "rag"),
    [(date(2026, 3, 27), 1, Rag.GREEN), (date(2026, 3, 26), 0, Rag.RED), (None, None, Rag.GREY)],
)
def test_a_finish_is_forecast_and_held_against_the_due_date(
    world: World, due: date | None, confidence: int | None, rag: Rag
) -> None:
    project = _steady(world, due, 6)
    finish = read(world, project, "FLW-09")
    assert (finish.value, finish.rag, finish.n) == (date(2026, 3, 27).toordinal(), rag, 9)
    sure = read(world, project, "SCH-13")
    assert sure.value == confidence if due else sure.reason is Reason.MISSING_DATES
    score = read(world, project, "FLW-09-SCORE")
    assert score.reason is Reason.INSUFFICIENT_SAMPLE
    # What it was due on that day, nobody kept.
    assert read(world, project, "FLW-09", TODAY - timedelta(days=1)).reason is Reason.NOT_KEPT
    assert read(world, project, "FLW-09-P50", TODAY - timedelta(days=1)).value == date(2026, 3, 26).toordinal()
    assert read(world, project, "SCH-13", TODAY - timedelta(days=1)).reason is Reason.NOT_KEPT


def test_a_forecast_needs_something_open_and_something_finished(world: World) -> None:
    over, still = _steady(world, TODAY, 0), world.project(due=TODAY)
    world.item(still, created=MONDAYS[0])
    assert read(world, over, "FLW-09").reason is Reason.NOT_APPLICABLE
    assert read(world, still, "FLW-09").reason is Reason.INSUFFICIENT_SAMPLE
    assert read(world, _steady(world, date(2026, 4, 10), 40), "FLW-10").value == 12
    far = _steady(world, None, 780)
    assert read(world, far, "FLW-09").value is not None
    world.item(far, created=MONDAYS[0])
    assert read(world, far, "FLW-09").reason is Reason.NEVER


def test_overdue_ages_are_in_working_days(world: World) -> None:
    project = world.project()
    for due in (date(2026, 3, 12), date(2026, 3, 6), date(2026, 3, 6), date(2026, 2, 27)):
        world.item(project, due=due)
    assert read(world, project, "SCH-10").value == Fraction(1 + 5 + 5 + 10, 4)
    assert read(world, project, "SCH-10-P85").value == 10


def test_churn_counts_moves_to_later_days_and_promises_kept_by_the_last_and_the_first_due_date(world: World) -> None:
    project = world.project()
    moved = world.item(project, due=date(2026, 5, 1))
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    moves = [(None, "2026-03-20"), ("2026-03-20", "2026-04-01"), ("2026-04-01", "2026-03-30"), ("2026-03-30", None)]
    moves += [("2026-03-30T00:00", "2026-05-01")]
    for seq, (old, new) in enumerate(moves):
        values = {"item_id": moved, "seq": seq, "at": at, "field": "due", "old": old, "new": new}
        world.connection.execute(insert(FieldChange).values(values))
    world.finished(project, MONDAYS[0], TODAY, due=TODAY, first_due=TODAY - timedelta(days=1))
    reading = read(world, project, "SCH-11")
    assert (reading.value, reading.rag) == (Fraction(2, 2), Rag.RED)
    assert read(world, project, "SCH-11", date(2026, 3, 1)).value == 0
    assert (read(world, project, "SCH-12").value, read(world, project, "SCH-12-FIRST").value) == (1, 0)


def test_what_was_never_recorded_was_not_seen_to_be_moved(world: World) -> None:
    project = world.project()
    world.item(project, due=TODAY, synthetic=True)
    world.finished(project, TODAY, TODAY, due=TODAY, first_due=TODAY, synthetic=True)
    for kpi in ("SCH-11", "SCH-12-FIRST"):
        reading = read(world, project, kpi)
        assert (reading.reason, reading.rag, reading.coverage) == (Reason.NO_DATA, Rag.GREY, 0)
    assert read(world, project, "SCH-12").value == 1
    world.item(project, due=TODAY)
    world.finished(project, TODAY, TODAY, due=TODAY, first_due=TODAY)
    churn, first = read(world, project, "SCH-11"), read(world, project, "SCH-12-FIRST")
    assert (churn.value, churn.n, churn.coverage) == (0, 2, Fraction(1, 2))
    assert (first.value, first.n, first.coverage) == (1, 1, Fraction(1, 2))


def test_links_break_where_the_predecessor_comes_after_its_successor_starts(world: World) -> None:
    project, other = world.project(), world.project()
    late, soon = world.item(other, due=date(2026, 3, 2)), world.item(project, due=date(2026, 3, 20))
    starting = world.item(project, start=date(2026, 3, 12), due=date(2026, 4, 1))
    ready, undated = world.item(project, due=date(2026, 3, 20)), world.item(project)
    over = world.item(project, "done", finished_on=TODAY)
    for number, ends in enumerate([(late, starting), (soon, ready), (soon, undated), (over, ready), (soon, over)]):
        named = {"from_external_id": "", "to_external_id": "", "tracker_type": "Blocks", "type": "FS"}
        add(world, Dependency, external_id=str(number), from_item_id=ends[0], to_item_id=ends[1], **named)
    reading = read(world, project, "SCH-14")
    assert (reading.value, reading.coverage) == (Fraction(1, 2), Fraction(2, 3))
    assert read(world, project, "SCH-14-CROSS").value == 1
    assert read(world, other, "SCH-14").reason is Reason.NOT_APPLICABLE
    assert read(world, project, "SCH-14", TODAY - timedelta(days=1)).reason is Reason.NOT_KEPT


def test_quality_of_bugs_and_of_what_was_done_again(world: World) -> None:
    project, person = world.project(), world.person("Someone")
    mended = world.finished(project, TODAY, TODAY, kind="bug", lead_s=5 * HOUR, labels="uat,web")
    world.finished(project, TODAY, TODAY, kind="bug", lead_s=9 * HOUR)
    again = world.finished(project, TODAY, TODAY, reopened_on=date(2026, 3, 10), estimate_s=10 * HOUR)
    world.item(project, kind="bug", labels="productions")
    assert read(world, project, "QLT-01").value == 1
    assert read(world, project, "QLT-02").value == Fraction(1, 3)
    assert read(world, project, "QLT-02", TODAY - timedelta(days=1)).reason is Reason.NOT_KEPT
    assert read(world, project, "QLT-03").value == Fraction(1, 3)
    assert read(world, project, "QLT-05").value == 5
    spent = [(mended, 1, TODAY), (again, 6, date(2026, 3, 9)), (again, 3, date(2026, 3, 10)), (again, 9, TODAY)]
    for number, (item, hours, day) in enumerate(spent):
        rejected = hours == 9
        work = {"work_date": day, "seconds": hours * HOUR, "person_id": person, "rejected": rejected}
        add(world, Worklog, external_id=str(number), item_id=item, **work)
    assert read(world, project, "QLT-04").value == Fraction(4, 10)
    assert read(world, project, "CST-08").reason is Reason.INSUFFICIENT_SAMPLE


def test_what_was_never_recorded_was_not_seen_to_come_back(world: World) -> None:
    project = world.project()
    world.finished(project, TODAY, TODAY, synthetic=True)
    assert read(world, project, "QLT-03").reason is Reason.NO_DATA
    world.finished(project, TODAY, TODAY, reopened_on=date(2026, 3, 10))
    world.finished(project, TODAY, TODAY)
    reading = read(world, project, "QLT-03")
    assert (reading.value, reading.n, reading.coverage) == (Fraction(1, 2), 2, Fraction(2, 3))


def test_time_that_is_taken_back_is_no_work(world: World) -> None:
    """A worklog below zero is a fault of the tracker's, and counts nowhere."""
    project = world.project()
    bug, task = world.finished(project, TODAY, TODAY, kind="bug"), world.finished(project, TODAY, TODAY)
    for number, (item, hours) in enumerate([(bug, 5), (task, 5), (task, -4)]):
        add(world, Worklog, external_id=str(number), item_id=item, work_date=TODAY, seconds=hours * HOUR)
    assert read(world, project, "QLT-04").value == Fraction(1, 2)


def test_estimates_are_held_against_logged_time(world: World) -> None:
    project = world.project()
    for number, (estimate, hours) in enumerate([(10, 10), (10, 12), (10, 8), (20, 10), (10, 30), (10, -4), (10, 0)]):
        item = world.finished(project, TODAY, TODAY, estimate_s=estimate * HOUR)
        add(world, Worklog, external_id=str(number), item_id=item, work_date=TODAY, seconds=hours * HOUR)
    reading = read(world, project, "CST-08")
    assert (reading.value, reading.n, reading.coverage) == (Fraction(70, 60), 5, Fraction(5, 7))
    assert reading.rag is Rag.AMBER
    assert read(world, project, "CST-08-MEDIAN").value == 1


def test_sprints_are_held_to_what_was_in_them_when_they_began(world: World) -> None:
    project = world.project()
    for number in range(3):
        begun, ended = MONDAYS[number], MONDAYS[number] + timedelta(days=4)
        add(world, Sprint, external_id=str(number), name="S", state="closed", start_on=begun, end_on=ended)
        sprint = {"sprint": str(number), "points": 3.0, "category": "todo"}
        done = {"category": "done", "finished_on": ended}
        world.item(project, created=begun, versions=[(begun, sprint), (ended, sprint | done)])
        world.item(project, created=begun, versions=[(begun, sprint), (ended + timedelta(days=1), sprint | done)])
        late = begun + timedelta(days=1)
        world.item(project, created=late, versions=[(late, sprint), (ended, sprint | done)])
        if number == 2:
            world.item(project, created=begun, versions=[(begun, sprint), (ended, sprint | done)])
    reading = read(world, project, "SCP-06")
    assert (reading.value, reading.numerator, reading.denominator) == (Fraction(1, 2), 12, 21)
    assert read(world, project, "SCP-06", MONDAYS[2]).reason is Reason.INSUFFICIENT_SAMPLE


def test_the_bus_factor_is_the_number_of_persons_without_whom_half_of_the_work_is_lost(world: World) -> None:
    assert bus_factor({unit: {1: 1} for unit in range(5)}) == 1
    assert bus_factor({unit: {unit: 1} for unit in range(5)}) == 3
    # Everybody is the second of somebody: two have to go for anything to be lost.
    assert bus_factor({unit: {unit: 4, (unit + 1) % 5: 1} for unit in range(5)}) == 4
    assert bus_factor({1: dict.fromkeys(range(10), 1)}) == 1
    project, people = world.project(), [world.person(f"Person {number}") for number in range(2)]
    for number in range(5):
        epic = world.item(project, kind="epic", is_leaf=False)
        world.finished(project, TODAY, TODAY, parent_id=epic, assignee_id=people[number % 2])
    world.finished(project, TODAY, TODAY)
    reading = read(world, project, "RES-06")
    assert (reading.value, reading.coverage, reading.rag) == (1, Fraction(5, 6), Rag.RED)


def test_time_logged_later_leaves_what_remained_before_as_it_was(world: World) -> None:
    project, person = world.project(), world.person("Someone")
    silent = world.item(project, due=TODAY, estimate_s=9 * HOUR)
    taken = world.item(project, due=TODAY, estimate_s=6 * HOUR, assignee_id=person)
    says = world.item(project, due=TODAY, estimate_s=9 * HOUR, remaining_s=HOUR, assignee_id=person)
    far = world.item(project, due=TODAY + timedelta(days=15), estimate_s=5 * HOUR)
    before = read(world, project, "RES-08", TODAY - timedelta(days=1))
    assert before.value == Fraction(9, 16)
    counting = (silent, 3, {}), (taken, 99, {}), (says, 7, {}), (far, 2, {})
    for number, (item, hours, more) in enumerate([*counting, (silent, 4, {"rejected": True}), (silent, -2, {})]):
        add(world, Worklog, external_id=str(number), item_id=item, work_date=TODAY, seconds=hours * HOUR, **more)
    assert used_up(world.connection, TODAY) == {project: (11 * HOUR, 9 * HOUR, 3 * HOUR)}
    assert read(world, project, "RES-08").value == Fraction(6, 7)
    assert read(world, project, "RES-08", TODAY - timedelta(days=1)) == before


def test_near_work_fresh_updates_and_recorded_pasts(world: World) -> None:
    project, person = world.project(), world.person("Someone")
    world.item(project, due=TODAY + timedelta(days=14), remaining_s=2 * HOUR, estimate_s=9 * HOUR)
    world.item(project, due=TODAY - timedelta(days=1), estimate_s=6 * HOUR, assignee_id=person)
    world.item(project, due=TODAY + timedelta(days=15), estimate_s=HOUR, synthetic=True)
    assert read(world, project, "RES-08").value == Fraction(2, 8)
    assert read(world, project, "DQ-07").value == Fraction(2, 3)
    for updated in (datetime(2026, 3, 9, 0, tzinfo=UTC), datetime(2026, 3, 8, 23, tzinfo=UTC)):
        item = world.item(project, "in_progress", started_on=date(2026, 3, 2))
        world.connection.execute(update(WorkItem).where(WorkItem.id == item).values(updated_at=updated))
    assert read(world, project, "DQ-03").value == Fraction(1, 2)
    assert read(world, project, "DQ-03", TODAY - timedelta(days=1)).reason is Reason.NOT_KEPT
