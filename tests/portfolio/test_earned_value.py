"""Earned value and earned schedule: the worked example through the store, the five methods, and the edges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from portfolio.calendar import WorkCalendar
from portfolio.facts.curve import Curves, PlanLine
from portfolio.facts.gather import day_of, gather
from portfolio.figures.own import project_readings
from portfolio.figures.rollup import roll_up
from portfolio.kpis.at_completion import to_complete
from portfolio.kpis.earned_schedule import earned_schedule, workday
from portfolio.kpis.reading import Rag, Reading, Reason, ratio
from portfolio.model.finance import CostRate, Expense
from portfolio.model.mapping import ItemAttribute
from portfolio.model.oversight import KpiValue
from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.model.work import Baseline, WorkItem, Worklog
from tests.portfolio.builders import World, noon
from tests.portfolio.conftest import Oracle
from tests.portfolio.earned_example import check_example, part

HOUR = 3600
day_in = date.fromisoformat


def readings_of(world: World, project: int, as_of: date, now: date | None = None) -> dict[str, Reading]:
    day = day_of(world.connection, as_of, noon(now or as_of))
    return project_readings(gather(world.connection, day)[project], day)


def rate(world: World, amount: int, since: str, *, currency: str = "EUR", **whose: Any) -> None:
    row = {"amount": Decimal(amount), "currency": currency, "valid_from": day_in(since), "entered_by": "test"}
    world.connection.execute(insert(CostRate).values(**row, **whose, entered_at=noon(day_in(since))))


def log(world: World, project: int, item: int, person: int | None, day: str, hours: int) -> None:
    row = {"item_id": item, "project_id": project, "person_id": person, "work_date": day_in(day)}
    ident = str(next(world.numbers))
    world.connection.execute(
        insert(Worklog).values(connection_id=world.tracker_id, external_id=ident, seconds=hours * HOUR, **row)
    )


def spend(world: World, project: int, day: str, amount: int, **values: Any) -> None:
    row = {"kind": "licence", "state": "actual", "currency": "EUR", "entered_by": "test"} | values
    given = {"project_id": project, "spent_on": day_in(day), "amount": Decimal(amount), "entered_at": noon(day_in(day))}
    world.connection.execute(insert(Expense).values(**given, **row))


def priced(world: World, project: int, method: str = "zero_hundred", currency: str = "EUR") -> None:
    """The project's own method; the rate stands in its baseline."""
    world.connection.execute(update(Project).where(Project.id == project).values(ev_method=method))
    where = Baseline.project_id == project
    world.connection.execute(update(Baseline).where(where).values(plan_rate=Decimal(100), currency=currency))


def build(world: World, given: dict[str, Any], method: str) -> int:
    """The worked example as rows."""
    project, people = world.project(), {name: world.person(name) for name in ("p1", "p2")}
    taken, baseline, items = day_in(given["baseline"]["taken_on"]), [], {}
    for it in given["items"]:
        created = day_in(it.get("created", given["baseline"]["taken_on"]))
        estimate = (it["bl_est_h"] or it.get("current_est_h")) * HOUR
        state = {"estimate_s": estimate, "remaining_s": it["remaining_h"] * HOUR}
        items[it["key"]] = world.item(project, it["status"], created=created, **state)
        if it["bl_finish"]:
            span = (day_in(it["bl_start"]), day_in(it["bl_finish"]))
            baseline.append((items[it["key"]], *span, it["bl_est_h"] * HOUR))
    world.baseline(project, taken, baseline)
    priced(world, project, method)
    for it in given["rates"]:
        rate(world, it["cost_per_h"], it["from"], person_id=people[it["person"]])
    for it in given["worklogs"]:
        log(world, project, items[it["item"]], people[it["person"]], it["date"], it["h"])
    for it in given["expenses"]:
        spend(world, project, it["date"], it["amount"])
    for it in given["milestones"]:
        ends = {"finished_on": it.get("actual"), "due": it.get("forecast")}
        dates = {name: day_in(value) for name, value in ends.items() if value}
        world.milestone(project, day_in(it["baseline"]), **dates)
    return project


@pytest.mark.parametrize("method", ["time_ratio", "zero_hundred", "fifty_fifty"])
def test_the_worked_example_through_the_store(world: World, oracle: Oracle, method: str) -> None:
    example = oracle("o1_evm")
    given, expected = example["input"], example["expected"]
    project = build(world, given, method)
    check_example(readings_of(world, project, day_in(given["status_date"])), expected, method)


def _es(case: dict[str, Any]) -> object:
    planned = [Fraction(value) for value in case["cum"]]
    return earned_schedule(planned.__getitem__, len(planned) - 1, Fraction(case["ev"]))


def _tcpi(case: dict[str, Any]) -> object:
    planned, earned, spent = (Fraction(case[name]) for name in ("bac", "ev", "ac"))
    found = to_complete(planned, earned, spent, planned * spent / earned)
    return "unattainable" if found.reason is Reason.UNATTAINABLE else found.reason


EDGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "spi": lambda case: ratio(case["ev"], case["pv"]).reason,
    "cpi": lambda case: ratio(case["ev"], case["ac"]).reason,
    "tcpi": _tcpi,
    "es": _es,
}


def test_edges(oracle: Oracle) -> None:
    example = oracle("o7_edges")
    pairs = zip(example["input"]["cases"], example["expected"]["results"], strict=True)
    judged = [(case, EDGES[case["c"]](case), result) for case, result in pairs if case["c"] in EDGES]
    assert len(judged) == 8
    for case, actual, result in judged:
        assert actual == result, case


MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 13)


def planned(world: World, category: str = "in_progress", hours: int = 10, **state: Any) -> tuple[int, int]:
    """A project whose baseline holds one item of these hours, planned for the two weeks up to FRIDAY."""
    project = world.project()
    item = world.item(project, category, created=date(2026, 2, 27), estimate_s=hours * HOUR, **state)
    world.baseline(project, date(2026, 2, 27), [(item, MONDAY, FRIDAY, hours * HOUR)])
    return project, item


@pytest.mark.parametrize(
    ("method", "category", "earned"),
    [
        ("zero_hundred", "in_progress", 0),
        ("fifty_fifty", "in_progress", 5),
        ("fifty_fifty", "todo", 0),
        ("time_ratio", "in_progress", Fraction(5, 2)),
        ("time_ratio", "todo", 0),
        ("percent_field", "in_progress", 7),
        ("child_ratio", "in_progress", 5),
        ("child_ratio", "done", 10),
    ],
)
def test_what_an_item_earns_by_each_method(world: World, method: str, category: str, earned: Fraction | int) -> None:
    project, item = planned(world, category, remaining_s=15 * HOUR, finished_on=FRIDAY)
    priced(world, project, method)
    log(world, project, item, None, "2026-03-04", 5)
    log(world, project, item, None, "2026-03-16", 95)  # after the day
    world.connection.execute(insert(ItemAttribute).values(item_id=item, name="percent", number=Decimal("0.7")))
    for state in ("done", "todo", "cancelled"):
        world.item(project, state, parent_id=item, created=MONDAY)
    assert readings_of(world, project, FRIDAY)["SCH-01"].numerator == earned


def test_a_percentage_of_today_says_nothing_of_a_past_day(world: World) -> None:
    project, _ = planned(world)
    priced(world, project, "percent_field")
    assert readings_of(world, project, FRIDAY)["SCH-01"].value == 0
    assert readings_of(world, project, FRIDAY, now=date(2026, 3, 16))["SCH-01"].reason is Reason.NOT_KEPT


def test_what_a_ratio_of_time_needs_is_taken_as_of_the_day(world: World) -> None:
    project = world.project()
    versions = [(date(2026, 2, 27), {"remaining_s": 5 * HOUR}), (date(2026, 3, 10), {"remaining_s": 95 * HOUR})]
    item = world.item(project, "in_progress", versions=versions, estimate_s=10 * HOUR)
    world.baseline(project, date(2026, 2, 27), [(item, MONDAY, FRIDAY, 10 * HOUR)])
    priced(world, project, "time_ratio")
    log(world, project, item, None, "2026-03-04", 5)
    assert readings_of(world, project, date(2026, 3, 9), now=FRIDAY)["SCH-01"].numerator == 5
    assert readings_of(world, project, FRIDAY)["SCH-01"].numerator == Fraction(1, 2)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ("", None),
        ("nobody logs time", Reason.NOT_APPLICABLE),
        ("no rate", Reason.NO_DATA),
        ("another currency", Reason.CURRENCY_MIX),
        ("a foreign expense", Reason.CURRENCY_MIX),
        ("one person", Reason.NOT_PERMITTED),
        ("a plan without a rate", Reason.NO_DATA),
        ("nothing was spent", Reason.ZERO_DENOM),
    ],
)
def test_why_there_is_no_cost_performance(world: World, changed: str, reason: Reason | None) -> None:
    project, item = planned(world, "done", finished_on=FRIDAY)
    people = [world.person("One"), world.person("Two")]
    if changed != "a plan without a rate":
        priced(world, project)
    for person in people:
        if changed != "no rate":
            rate(world, 80, "2026-01-01", person_id=person, currency="CHF" if changed == "another currency" else "EUR")
    elsewhere = world.item(world.project(), "todo")
    if changed != "nobody logs time":
        log(world, world.project(), elsewhere, people[0], "2026-03-04", 1)
    if changed not in ("nobody logs time", "nothing was spent"):
        log(world, project, item, people[0], "2026-03-04", 5)
    if changed not in ("nobody logs time", "nothing was spent", "one person"):
        log(world, project, item, people[1], "2026-03-04", 5)
    if changed == "a foreign expense":
        spend(world, project, "2026-03-04", 10, currency="USD")
    readings = readings_of(world, project, FRIDAY)
    for kpi_id in ("CST-01", "CST-02", "CST-03", "CST-03-SCHEDULE", "CST-04", "CST-04-ETC"):
        assert readings[kpi_id].reason is reason, kpi_id
        assert (readings[kpi_id].value is None) == (reason is not None)
    assert readings["SCH-01"].value == 1


def test_a_role_has_a_rate_for_whom_has_none_and_a_twentieth_may_be_without(world: World) -> None:
    project, item = planned(world, "done", finished_on=FRIDAY)
    priced(world, project)
    lead, other = world.person("Lead"), world.person("Other")
    world.connection.execute(in_role(lead, "lead"))
    rate(world, 90, "2026-01-01", role="lead")
    log(world, project, item, lead, "2026-03-04", 95)
    log(world, project, item, other, "2026-03-04", 5)
    reading = readings_of(world, project, FRIDAY)["CST-01"]
    assert (part(reading, "AC"), reading.value) == (95 * 90, Fraction(1000, 95 * 90))
    log(world, project, item, other, "2026-03-05", 1)
    assert readings_of(world, project, FRIDAY)["CST-01"].reason is Reason.NO_DATA


def test_hours_without_a_rate_do_not_hide_what_one_person_costs(world: World) -> None:
    project, item = planned(world, "done", finished_on=FRIDAY)
    priced(world, project)
    one, other = world.person("One"), world.person("Other")
    rate(world, 80, "2026-01-01", person_id=one)
    log(world, project, item, one, "2026-03-04", 99)
    log(world, project, item, other, "2026-03-04", 1)
    assert readings_of(world, project, FRIDAY)["CST-01"].reason is Reason.NOT_PERMITTED


def in_role(person: int, role: str) -> Any:
    return update(Person).where(Person.id == person).values(role=role)


def test_expenses_of_a_tracker_count_on_the_day_they_are_done(world: World) -> None:
    project, item = planned(world, "done", finished_on=FRIDAY)
    priced(world, project)
    rate(world, 100, "2026-01-01", role="any")
    log(world, world.project(), item, None, "2026-01-01", 1)
    attributes: list[dict[str, Any]] = []
    for category, labels in (("done", "travel,Expense"), ("todo", "expense"), ("done", "expenses")):
        finished = FRIDAY if category == "done" else None
        found = world.item(project, category, labels=labels, finished_on=finished, kind="task")
        attributes.append({"item_id": found, "name": "cost", "number": Decimal(250), "currency": "EUR"})
    world.connection.execute(insert(ItemAttribute), attributes)
    spend(world, project, "2026-03-04", 50, receipt="R-1", approved_by="somebody")
    spend(world, project, "2026-03-04", 9000, state="planned")
    spend(world, project, "2026-03-16", 9000)
    readings = readings_of(world, project, FRIDAY)
    assert part(readings["CST-01"], "AC") == 300
    assert (readings["CST-09"].value, readings["CST-09"].n) == (Fraction(1, 2), 2)
    assert readings_of(world, project, FRIDAY, now=date(2026, 3, 16))["CST-09"].reason is Reason.NOT_KEPT


def test_budget_and_contingency_are_held_against_progress(world: World) -> None:
    project, item = planned(world, "done", finished_on=FRIDAY)
    priced(world, project)
    people = [world.person("One"), world.person("Two")]
    for person in people:
        rate(world, 80, "2026-01-01", person_id=person)
        log(world, project, item, person, "2026-03-04", 5)
    money = {"budget": Decimal(1000), "budget_currency": "EUR"}
    money |= {"contingency": Decimal(400), "contingency_currency": "EUR"}
    assert readings_of(world, project, FRIDAY)["CST-06"].reason is Reason.NO_DATA
    world.connection.execute(update(Project).where(Project.id == project).values(**money))
    readings = readings_of(world, project, FRIDAY)
    assert (readings["CST-06"].value, readings["CST-06"].rag) == (Fraction(8, 10) - 1, Rag.GREEN)
    assert readings["CST-07"].reason is Reason.NO_DATA
    change = world.item(project, "done", kind="change_request", finished_on=date(2026, 3, 6))
    told: list[dict[str, Any]] = [
        {"item_id": change, "name": "change_state", "text": "approved", "number": None, "currency": None},
        {"item_id": change, "name": "delta_cost", "text": None, "number": Decimal(100), "currency": "EUR"},
    ]
    world.connection.execute(insert(ItemAttribute), told)
    drawn = readings_of(world, project, FRIDAY)["CST-07"]
    assert (drawn.value, drawn.judged, drawn.rag) == (Fraction(1, 4), Fraction(1, 4) - 1, Rag.GREEN)
    past = readings_of(world, project, FRIDAY, now=date(2026, 3, 16))
    assert {past[kpi_id].reason for kpi_id in ("CST-06", "CST-07")} == {Reason.NOT_KEPT}


def test_an_approved_change_without_a_cost_draws_nothing_that_is_known(world: World) -> None:
    project = world.project(contingency=Decimal(400), contingency_currency="EUR")
    requests = [world.item(project, "done", kind="change_request", finished_on=MONDAY) for _ in range(2)]
    for request in requests:
        world.attribute(request, "change_state", text="Approved")
    unknown = readings_of(world, project, FRIDAY)["CST-07"]
    assert (unknown.reason, unknown.rag, unknown.coverage) == (Reason.NO_DATA, Rag.GREY, 0)
    world.attribute(requests[0], "delta_cost", number=Decimal(100), currency="EUR")
    half = readings_of(world, project, FRIDAY)["CST-07"]
    assert (half.value, half.coverage) == (Fraction(1, 4), Fraction(1, 2))
    waiting = world.project(contingency=Decimal(400), contingency_currency="EUR")
    world.item(waiting, kind="change_request")
    assert readings_of(world, waiting, FRIDAY)["CST-07"].value == 0


def test_on_the_day_of_its_baseline_no_scope_is_green_for_not_having_grown(world: World) -> None:
    project = world.project()
    item = world.item(project, "todo", created=MONDAY, start=MONDAY, due=FRIDAY, estimate_s=100 * HOUR)
    world.baseline(project, MONDAY, [(item, MONDAY, FRIDAY, 100 * HOUR)])
    for day, colour in ((MONDAY, Rag.GREY), (FRIDAY, Rag.GREEN)):
        readings = readings_of(world, project, day)
        assert [(readings[each].value, readings[each].rag) for each in ("SCP-01", "SCP-03")] == [(0, colour)] * 2


def test_scope_that_came_with_leave_and_without(world: World) -> None:
    project, _ = planned(world, hours=100)
    change = world.item(project, "todo", kind="change_request", created=MONDAY)
    attribute = {"item_id": change, "name": "change_state", "text": "approved"}
    world.connection.execute(insert(ItemAttribute).values(**attribute))
    world.connection.execute(insert(ItemAttribute).values(item_id=change, name="approved_on", day=date(2026, 3, 9)))
    world.item(project, "todo", estimate_s=20 * HOUR, parent_id=change)
    world.item(project, "todo", estimate_s=10 * HOUR)
    world.item(project, "cancelled", estimate_s=10 * HOUR)
    readings = readings_of(world, project, FRIDAY)
    assert readings["SCP-01"].value == Fraction(10, 100)
    assert readings["SCP-02"].value == Fraction(20, 100)
    assert readings["SCP-03"].value == 2
    assert (readings["SCP-04"].value, part(readings["SCP-04"], "open")) == (5, 0)
    before = readings_of(world, project, date(2026, 3, 6), now=FRIDAY)
    assert (before["SCP-01"].value, before["SCP-02"].value) == (Fraction(30, 100), 0)
    assert (before["SCP-04"].value, part(before["SCP-04"], "open")) == (4, 1)
    # It was hung below the request after the day.
    world.connection.execute(
        update(WorkItem).where(WorkItem.parent_id == change).values(parent_since=date(2026, 3, 12))
    )
    assert readings_of(world, project, date(2026, 3, 11), now=FRIDAY)["SCP-02"].value == 0
    assert readings_of(world, project, FRIDAY)["SCP-02"].value == Fraction(20, 100)


def test_time_runs_on_after_the_planned_finish(world: World) -> None:
    project, _ = planned(world)
    priced(world, project, "fifty_fifty")
    late = readings_of(world, project, date(2026, 3, 20))
    assert late["SCH-04"].value == Fraction(1, 3)
    assert (late["SCH-06"].reason, late["SCH-06"].rag, late["SCH-06"].value) == (
        Reason.OVERRUN,
        Rag.RED,
        Fraction(1, 3),
    )
    assert date.fromordinal(int(late["SCH-05"].value or 0)) == date(2026, 4, 10)
    early = readings_of(world, project, date(2026, 3, 1))
    assert {early[kpi_id].reason for kpi_id in ("SCH-03", "SCH-04", "SCH-05", "SCH-06")} == {Reason.NOT_APPLICABLE}


def test_work_that_is_over_keeps_its_figures(world: World) -> None:
    project, _ = planned(world, "done", finished_on=date(2026, 3, 20))
    for as_of in (date(2026, 3, 20), date(2026, 6, 1)):
        readings = readings_of(world, project, as_of)
        assert (readings["SCH-01"].value, readings["SCH-04"].value) == (1, Fraction(2, 3))
        assert date.fromordinal(int(readings["SCH-05"].value or 0)) == date(2026, 3, 20)
        assert readings["SCH-06"].reason is Reason.NOT_APPLICABLE


def test_programs_add_up_and_a_project_without_data_changes_coverage_only(world: World) -> None:
    program = world.program("G")
    scopes = []
    for hours, method in ((10, "fifty_fifty"), (30, "zero_hundred")):
        project, _ = planned(world, hours=hours)
        priced(world, project, method)
        world.connection.execute(update(Project).where(Project.id == project).values(program_id=program))
        scopes.append(project)
    world.project(program_id=program)
    roll_up(world.connection, as_of=FRIDAY, now=noon(FRIDAY))
    where = (KpiValue.scope_type == "program", KpiValue.scope_id == program)
    rows = {row.kpi: row for row in world.connection.execute(select(KpiValue.__table__).where(*where))}
    assert (rows["SCH-01"].value, rows["SCH-01"].coverage) == (5 / 40, pytest.approx(2 / 3))
    assert (rows["SCH-02"].value, rows["SCH-02"].currency, rows["SCH-02"].rag) == (-3500, "EUR", "red")
    assert rows["SCH-04"].value == pytest.approx(1 / 4)


def test_days_far_out_are_counted_without_end(world: World) -> None:
    assert workday(date(9999, 12, 1), 400, WorkCalendar()) is None
    assert workday(MONDAY, 5, WorkCalendar()) == date(2026, 3, 6)
    curve = Curves(WorkCalendar()).of([PlanLine(date.min, date.max, 10**11)])
    assert curve.start == date.min
    assert curve.at(date.max, WorkCalendar()) == 10**11
