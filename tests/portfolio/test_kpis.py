"""Each KPI through the real store: its figure, and its reason when there is too little to say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select

from portfolio.audit.entry import SYSTEM
from portfolio.calendar import WorkCalendar
from portfolio.facts.curve import Curves, PlanLine
from portfolio.facts.gather import day_of, gather
from portfolio.facts.milestones import is_listed
from portfolio.figures.own import project_readings
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.declare import Unit
from portfolio.kpis.freshness import data_age_now
from portfolio.kpis.reading import Rag, Reading, Reason
from portfolio.model.work import Milestone
from portfolio.overlay.enter import enter
from portfolio.overlay.text import Value
from portfolio.overlay.values import tell
from tests.portfolio.builders import World, noon

TODAY = date(2026, 3, 13)  # a Friday
NOW = noon(TODAY)
HOUR = 3600


def read(world: World, project: int, kpi: str, as_of: date = TODAY) -> Reading:
    day = day_of(world.connection, as_of, NOW)
    return project_readings(gather(world.connection, day)[project], day)[kpi]


@pytest.mark.parametrize(
    ("kpi", "reason"),
    [
        ("PRG-01", Reason.NO_DATA),
        ("PRG-02", Reason.NO_DATA),
        ("SCH-01", Reason.NO_BASELINE),
        ("SCH-07", Reason.NO_DATA),
        ("SCH-07-MAX", Reason.NO_DATA),
        ("SCH-08", Reason.NO_DATA),
        ("SCH-09", Reason.NO_DATA),
        ("DQ-DUE", Reason.NO_DATA),
        ("DQ-EST", Reason.NO_DATA),
        ("DQ-06", Reason.NOT_APPLICABLE),
        ("DQ-04", Reason.NO_DATA),
        ("FLW-01", Reason.INSUFFICIENT_SAMPLE),
        ("FLW-01-P50", Reason.INSUFFICIENT_SAMPLE),
        ("FLW-03", Reason.NO_DATA),
        ("FLW-04", Reason.NO_DATA),
        ("FLW-05", Reason.NO_DATA),
        ("STK-02", Reason.NO_DATA),
        ("RAG", Reason.NO_DATA),
    ],
)
def test_an_empty_project_has_reasons_and_is_grey(world: World, kpi: str, reason: Reason) -> None:
    reading = read(world, world.project(), kpi)
    assert (reading.value, reading.reason, reading.rag) == (None, reason, Rag.GREY)


def test_completion_counts_leaves_and_not_milestones(world: World) -> None:
    project = world.project()
    world.item(project, "done", is_leaf=False, kind="epic")
    world.item(project, "done", kind="milestone")
    world.item(project, "cancelled")
    for category in ("done", "todo", "in_progress", "todo"):
        world.item(project, category)
    reading = read(world, project, "PRG-01")
    assert (reading.value, reading.n, reading.rag) == (Fraction(1, 4), 4, Rag.GREY)


def test_completion_by_effort_needs_estimates_on_four_fifths(world: World) -> None:
    project = world.project()
    world.item(project, "done", estimate_s=6 * HOUR)
    for _ in range(3):
        world.item(project, "todo", estimate_s=2 * HOUR)
    world.item(project, "todo")
    reading = read(world, project, "PRG-02")
    assert (reading.value, reading.coverage) == (Fraction(1, 2), Fraction(4, 5))
    world.item(project, "todo")
    thin = read(world, project, "PRG-02")
    assert (thin.value, thin.reason, thin.coverage) == (None, Reason.NO_DATA, Fraction(2, 3))


def test_overdue_is_a_share_of_what_has_a_date(world: World) -> None:
    project = world.project()
    world.item(project, due=TODAY - timedelta(days=1))
    for _ in range(9):
        world.item(project, due=TODAY)
    for _ in range(10):
        world.item(project)
    reading = read(world, project, "SCH-09")
    assert (reading.numerator, reading.value, reading.coverage) == (1, Fraction(1, 10), Fraction(1, 2))
    assert reading.rag is Rag.AMBER
    assert read(world, project, "DQ-DUE").rag is Rag.RED


def test_nothing_can_be_overdue_without_dates_or_without_open_items(world: World) -> None:
    undated, finished = world.project(), world.project()
    world.item(undated)
    world.item(finished, "done", due=date(2026, 1, 1))
    assert read(world, undated, "SCH-09").reason is Reason.MISSING_DATES
    assert read(world, undated, "DQ-DUE").value == 0
    assert read(world, finished, "SCH-09").reason is Reason.NOT_APPLICABLE
    assert read(world, finished, "DQ-DUE").reason is Reason.NOT_APPLICABLE


def test_cycle_time_needs_ten_finished_in_ninety_days(world: World) -> None:
    project = world.project()
    for days in range(1, 10):
        world.finished(project, TODAY - timedelta(days=days), TODAY)
    world.finished(project, TODAY - timedelta(days=100), TODAY - timedelta(days=90))
    assert read(world, project, "FLW-01").reason is Reason.INSUFFICIENT_SAMPLE
    assert read(world, project, "FLW-01").n == 9
    world.finished(project, TODAY - timedelta(days=89), TODAY - timedelta(days=89))
    assert read(world, project, "FLW-01").value == 9
    assert read(world, project, "FLW-01-P50").value == 5
    assert read(world, project, "FLW-01").rag is Rag.GREY


def test_work_that_skipped_progress_has_no_cycle_time_but_lowers_coverage(world: World) -> None:
    project = world.project()
    for _ in range(10):
        world.finished(project, TODAY - timedelta(days=3), TODAY)
        world.item(project, "done", finished_on=TODAY)
    reading = read(world, project, "FLW-01")
    assert (reading.value, reading.n, reading.coverage) == (4, 10, Fraction(1, 2))


def test_throughput_keeps_zero_weeks_and_judges_the_last_full_one(world: World) -> None:
    project = world.project()
    world.item(project, "todo", created=date(2026, 2, 2))
    for monday, count in ((date(2026, 2, 2), 4), (date(2026, 2, 16), 6), (date(2026, 3, 2), 2), (date(2026, 3, 9), 9)):
        for _ in range(count):
            world.finished(project, monday, monday + timedelta(days=1))
    reading = read(world, project, "FLW-03")
    # Weeks 4, 0, 6, 0, 2; the running week with its 9 is not over.
    assert (reading.value, reading.numerator, reading.n) == (Fraction(12, 5), 12, 5)
    assert reading.judged == Fraction(2) / Fraction(12, 5) - 1
    assert reading.rag is Rag.AMBER


def test_throughput_of_a_young_or_a_finished_project_has_no_colour(world: World) -> None:
    young, over = world.project(), world.project()
    world.item(young, created=date(2026, 2, 16))
    assert read(world, young, "FLW-03").reason is Reason.INSUFFICIENT_SAMPLE
    world.finished(over, date(2026, 1, 5), date(2026, 3, 4))
    reading = read(world, over, "FLW-03")
    assert (reading.value, reading.rag) == (Fraction(1, 9), Rag.GREY)


def test_work_in_progress_is_judged_per_person(world: World) -> None:
    project, one, two = world.project(), world.person("One"), world.person("Two")
    for assignee in (one, one, one, one, two, two, None):
        world.item(project, "in_progress", started_on=TODAY, assignee_id=assignee)
    reading = read(world, project, "FLW-04")
    assert (reading.value, reading.denominator, reading.rag) == (7, 2, Rag.AMBER)


def test_age_is_held_against_the_projects_own_pace(world: World) -> None:
    project = world.project()
    for _ in range(10):
        world.finished(project, TODAY - timedelta(days=4), TODAY)
    world.item(project, "in_progress", started_on=TODAY - timedelta(days=4))
    assert read(world, project, "FLW-05").value == 0
    world.item(project, "in_progress", started_on=TODAY - timedelta(days=5))
    reading = read(world, project, "FLW-05")
    assert (reading.value, reading.rag) == (Fraction(1, 2), Rag.RED)
    world.item(project, "in_progress")
    assert read(world, project, "FLW-05").coverage == Fraction(2, 3)


def test_milestones_slip_to_the_actual_the_expected_or_the_present_day(world: World) -> None:
    project = world.project()
    world.milestone(project, date(2026, 3, 2), finished_on=date(2026, 3, 4))  # 2 late
    world.milestone(project, date(2026, 3, 6), finished_on=date(2026, 3, 5))  # 1 early
    world.milestone(project, date(2026, 3, 20), due=date(2026, 4, 3))  # expected 10 late
    world.milestone(project, date(2026, 3, 10), due=date(2026, 3, 11))  # overdue: today, 3 late
    world.milestone(project, date(2026, 5, 1), due=date(2026, 5, 1), finished_on=date(2026, 4, 1))  # as of today: open
    world.milestone(project, None, due=date(2026, 5, 1))
    world.milestone(project, date(2026, 1, 1), cancelled=True)
    mean = read(world, project, "SCH-07")
    assert (mean.value, mean.n, mean.coverage) == (Fraction(14, 5), 5, Fraction(5, 6))
    assert mean.rag is Rag.AMBER
    largest = read(world, project, "SCH-07-MAX")
    assert (largest.value, largest.rag) == (10, Rag.RED)
    hits = read(world, project, "SCH-08")
    assert (hits.value, hits.n, hits.rag) == (Fraction(1, 3), 3, Rag.RED)


def test_milestones_without_baseline_or_not_due_say_so(world: World) -> None:
    project = world.project()
    world.milestone(project, None, due=date(2026, 5, 1))
    assert read(world, project, "SCH-07").reason is Reason.NO_BASELINE
    world.milestone(project, date(2026, 5, 1), due=date(2026, 5, 1))
    assert read(world, project, "SCH-08").reason is Reason.NOT_APPLICABLE
    assert read(world, project, "SCH-07").value == 0


@pytest.mark.parametrize("kpi", ["SCH-07", "SCH-07-MAX"])
def test_promises_nobody_could_have_broken_yet_are_no_evidence(world: World, kpi: str) -> None:
    project = world.project()
    world.milestone(project, date(2026, 5, 1), due=date(2026, 5, 1))
    world.milestone(project, date(2026, 6, 1), due=date(2026, 6, 1))
    untried = read(world, project, kpi)
    assert (untried.value, untried.n, untried.rag) == (0, 2, Rag.GREY)
    world.milestone(project, TODAY, due=TODAY)
    assert read(world, project, kpi).rag is Rag.GREEN
    for moved in (
        {"due": date(2026, 6, 2)},
        {"due": date(2026, 5, 29)},
        {"due": None, "finished_on": date(2026, 3, 2)},
    ):
        other = world.project()
        world.milestone(other, date(2026, 6, 1), **moved)
        assert read(world, other, kpi).rag is not Rag.GREY


def test_a_version_that_a_milestone_item_names_counts_as_that_item_only(world: World) -> None:
    project = world.project()
    late, kept = date(2026, 3, 6), date(2026, 3, 2)
    world.milestone(project, kept, due=kept, finished_on=kept, external_id="700")
    item = world.item(project, "done", kind="milestone", version="700", due=late, finished_on=late)
    world.milestone(project, kept, due=late, finished_on=late, external_id="item:9", item_id=item)
    # Work that names a version does not speak for it, and a milestone of another tracker has other versions.
    world.item(project, version="701")
    world.milestone(project, kept, due=kept, finished_on=kept, external_id="701")
    world.tracker_id = world.tracker("Tracker two")
    world.milestone(project, kept, due=kept, finished_on=kept, external_id="700")
    slipped = read(world, project, "SCH-07")
    assert (slipped.numerator, slipped.denominator) == (4, 3)
    assert read(world, project, "SCH-08").value == Fraction(2, 3)
    listed = world.connection.scalars(select(Milestone.external_id).where(is_listed())).all()
    assert sorted(listed) == ["700", "701", "item:9"]


def test_a_version_counts_again_once_the_item_that_named_it_is_gone(world: World) -> None:
    project = world.project()
    day = date(2026, 3, 2)
    world.milestone(project, day, due=day, finished_on=day, external_id="700")
    item = world.item(project, "done", kind="milestone", version="700", deleted=date(2026, 1, 2))
    world.milestone(project, day, external_id="item:9", item_id=item)
    assert read(world, project, "SCH-08").value == 1


def test_planned_value_is_linear_over_working_days() -> None:
    plan = [
        PlanLine(date(2026, 3, 9), date(2026, 3, 20), 100),  # 5 of 10 working days
        PlanLine(date(2026, 3, 2), date(2026, 3, 6), 40),  # over
        PlanLine(date(2026, 3, 16), date(2026, 3, 17), 60),  # not begun
        PlanLine(date(2026, 3, 14), date(2026, 3, 15), 7),  # a weekend still to come
    ]
    curve = Curves(WorkCalendar()).of(plan)
    assert curve.at(TODAY, WorkCalendar()) == 90
    assert curve.at(date(2026, 3, 15), WorkCalendar()) == 97


def test_spi_from_the_items_own_plan_says_that_it_is_derived(world: World) -> None:
    project = world.project()
    parent = world.item(project, is_leaf=False, kind="epic", start=date(2026, 3, 9))
    world.item(project, "done", start=date(2026, 3, 2), due=date(2026, 3, 6), estimate_s=10 * HOUR)
    world.item(project, "in_progress", due=date(2026, 3, 20), estimate_s=20 * HOUR, parent_id=parent)
    world.item(project, "cancelled", start=date(2026, 3, 2), due=date(2026, 3, 6), estimate_s=99 * HOUR)
    reading = read(world, project, "SCH-01")
    assert (reading.numerator, reading.denominator) == (10, 20)
    assert (reading.value, reading.reason, reading.rag) == (Fraction(1, 2), Reason.DERIVED_PLAN, Rag.RED)


def test_a_plan_with_too_many_gaps_is_no_baseline(world: World) -> None:
    project = world.project()
    for _ in range(3):
        world.item(project, "done", due=TODAY, estimate_s=HOUR)
    world.item(project, "todo", due=TODAY)
    reading = read(world, project, "SCH-01")
    assert (reading.value, reading.reason, reading.coverage) == (None, Reason.NO_BASELINE, Fraction(3, 4))


def test_a_plan_that_has_not_begun_has_nothing_to_compare_with(world: World) -> None:
    project = world.project()
    world.item(project, "todo", start=date(2026, 4, 1), due=date(2026, 4, 30), estimate_s=HOUR)
    assert read(world, project, "SCH-01").reason is Reason.ZERO_DENOM


def test_a_baseline_outlasts_moved_dates_and_deleted_items(world: World) -> None:
    project = world.project()
    done = world.item(project, "done", due=date(2026, 9, 1), estimate_s=HOUR)
    deleted = world.item(project, "done", deleted=date(2026, 1, 10))
    world.baseline(
        project,
        date(2026, 1, 2),
        [
            (done, date(2026, 1, 5), date(2026, 1, 9), 30 * HOUR),
            (deleted, date(2026, 1, 5), date(2026, 1, 9), 10 * HOUR),
            (world.item(project, "cancelled"), None, date(2026, 2, 2), 20 * HOUR),
        ],
    )
    reading = read(world, project, "SCH-01")
    assert (reading.denominator, reading.reason) == (60, None)
    assert reading.value == Fraction(1, 2)


def test_the_age_of_a_report_is_in_working_days(world: World) -> None:
    project, closed = world.project(), world.project(status="closed")
    world.report(project, noon(date(2026, 2, 20)))
    world.report(project, noon(date(2026, 3, 5)))
    world.report(project, noon(date(2026, 3, 14)))  # after the day asked about
    world.report(closed, noon(date(2026, 1, 5)))
    reading = read(world, project, "STK-02")
    assert (reading.value, reading.rag) == (6, Rag.AMBER)
    assert read(world, closed, "STK-02").reason is Reason.NOT_APPLICABLE


def test_data_is_as_old_as_its_oldest_source(world: World) -> None:
    project, second = world.project(), world.tracker("Tracker two")
    world.feed(project, world.tracker_id)
    world.run(world.tracker_id, NOW - timedelta(minutes=300))
    world.run(world.tracker_id, NOW - timedelta(minutes=30))
    world.run(world.tracker_id, NOW - timedelta(minutes=10), state="failed")
    assert (read(world, project, "DQ-06").value, read(world, project, "DQ-06").rag) == (30, Rag.GREEN)
    world.feed(project, second)
    assert read(world, project, "DQ-06").reason is Reason.NO_DATA
    world.run(second, NOW - timedelta(minutes=241))
    assert (read(world, project, "DQ-06").value, read(world, project, "DQ-06").rag) == (241, Rag.RED)
    assert read(world, project, "DQ-06", TODAY - timedelta(days=1)).reason is Reason.NOT_KEPT


def test_after_a_run_with_gaps_data_is_as_old_as_the_last_whole_reading_of_the_project(world: World) -> None:
    whole, missed = world.project(), world.project()
    world.feed(whole, world.tracker_id, "A")
    world.feed(missed, world.tracker_id, "B")
    world.run(world.tracker_id, NOW - timedelta(minutes=300))
    world.run(world.tracker_id, NOW - timedelta(minutes=10), state="partial")
    world.slice_read(world.tracker_id, "A", NOW - timedelta(minutes=11))
    world.slice_read(world.tracker_id, "B", NOW - timedelta(minutes=301))
    assert read(world, whole, "DQ-06").value == 11
    assert read(world, missed, "DQ-06").value == 300


def test_the_age_of_the_data_grows_without_a_roll_up(world: World) -> None:
    project = world.project()
    world.feed(project, world.tracker_id)
    world.run(world.tracker_id, NOW - timedelta(minutes=30))
    later = data_age_now(world.connection, project, NOW + timedelta(minutes=40))
    assert (later.value, later.rag) == (70, Rag.AMBER)


def test_the_items_behind_flow_figures_are_as_many_as_the_figures_say(world: World) -> None:
    project = world.project()
    for days in range(100):
        world.finished(project, TODAY - timedelta(days=days + 2), TODAY - timedelta(days=days))
    numbers = gather(world.connection, day_of(world.connection, TODAY, NOW))[project].numbers
    assert read(world, project, "FLW-01").n == numbers["finished_in_90_days"] == 90
    assert read(world, project, "FLW-03").numerator == numbers["finished_in_12_full_weeks"] == 84


def test_instants_of_the_store_are_aware(world: World) -> None:
    project = world.project()
    world.feed(project, world.tracker_id)
    world.run(world.tracker_id, NOW)
    facts = gather(world.connection, day_of(world.connection, TODAY, NOW))[project]
    assert isinstance(facts.synced_at, datetime)
    assert facts.synced_at == NOW


def test_conflicts_count_what_is_filled_on_both_sides(world: World) -> None:
    project, other, mia = world.project(), world.project(), world.person("Mia")
    told = {"due": Value("2026-06-30"), "client": Value("Acme"), "manager": Value(person_id=mia)}
    tell(world.connection, world.tracker_id, NOW, {project: told, other: told})
    assert read(world, project, "DQ-04").reason is Reason.NO_DATA
    typed = {"due": "2026-07-01", "client": "Acme", "manager": "Mia", "phase": "closing"}
    enter(world.connection, {project: typed, other: {"manager": "Mia"}}, NOW, "ada", SYSTEM)
    reading = read(world, project, "DQ-04")
    assert (reading.value, reading.numerator, reading.n, reading.rag) == (Fraction(1, 3), 1, 3, Rag.RED)
    assert (read(world, other, "DQ-04").value, read(world, other, "DQ-04").rag) == (0, Rag.GREEN)
    assert read(world, project, "DQ-04", TODAY - timedelta(days=1)).reason is Reason.NOT_KEPT


def test_what_is_not_judged_by_its_value_says_what_its_limits_are_held_against() -> None:
    """A limit of .05 is no amount of money and no day, and must not be drawn as one."""
    on_another_scale = {kpi.id for kpi in KPIS.values() if kpi.thresholds and kpi.unit in (Unit.MONEY, Unit.DATE)}
    on_another_scale |= {"FLW-03", "FLW-04", "CST-07", "RES-03", "RES-04"}
    assert on_another_scale == {kpi.id for kpi in KPIS.values() if kpi.judged}
