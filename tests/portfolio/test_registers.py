"""Risks, issues, actions, acceptance, required fields: what they add up to, through the real store."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import insert, update

from portfolio.facts.gather import day_of
from portfolio.facts.items import item_ids
from portfolio.facts.numbers import numbers
from portfolio.figures.rollup import compute
from portfolio.kpis.reading import Rag, Reason
from portfolio.model.base import FAR
from portfolio.model.mapping import ItemAttribute
from portfolio.model.oversight import KpiValue
from portfolio.model.work import Transition
from tests.portfolio.builders import World, noon
from tests.portfolio.test_kpis import NOW, TODAY, read

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
BEHIND = {
    "open_risks": {"risk"},
    "open_issues_overdue": {"late issue"},
    "actions_due": {"kept", "late action", "done late"},
    "actions_closed_by_due": {"kept"},
}


def test_the_facts_of_registers_count_the_items_behind_them(world: World) -> None:
    project = world.project()
    names = {
        world.item(project, kind="risk"): "risk",
        world.item(project, "done", kind="risk"): "risk that is over",
        world.item(project, kind="issue", due=YESTERDAY): "late issue",
        world.item(project, kind="issue", due=TODAY): "issue",
        world.finished(project, date(2026, 3, 2), YESTERDAY, kind="action", due=YESTERDAY): "kept",
        world.finished(project, date(2026, 3, 2), YESTERDAY, kind="action", due=date(2026, 3, 3)): "done late",
        world.item(project, kind="action", due=YESTERDAY): "late action",
        world.item(project, kind="action", due=TODAY): "action of today",
        world.item(project, "cancelled", kind="action", due=YESTERDAY): "cancelled action",
    }
    counted = numbers(world.connection, TODAY)[project]
    for fact, expected in BEHIND.items():
        behind = world.connection.scalars(item_ids(fact, project, TODAY)).all()
        assert ({names[item] for item in behind}, counted[fact]) == (expected, len(expected)), fact
    closed = read(world, project, "STK-05")
    assert (closed.value, closed.rag) == (Fraction(1, 3), Rag.RED)


def test_exposure_is_what_open_threats_may_cost_against_the_contingency(world: World) -> None:
    project = world.project(contingency=Decimal(5000), contingency_currency="EUR")
    world.risk(project, "0.3", "10000")
    world.risk(project, "0.2", "5000")
    world.risk(project, "0.5", None)
    world.risk(project, "0.9", "90000", category="done")
    occurred = world.risk(project, "1", "7000")
    world.attribute(occurred, "risk_state", text="occurred")
    gain = world.risk(project, "0.5", "2000")
    world.attribute(gain, "risk_type", text="opportunity")
    exposure, covered = read(world, project, "RSK-01"), read(world, project, "RSK-02")
    assert (exposure.value, exposure.currency, exposure.coverage) == (4000, "EUR", Fraction(2, 3))
    assert (exposure.rag, exposure.judged) == (Rag.GREEN, Fraction(4, 5))
    assert {part.symbol: part.value for part in exposure.parts}["opportunities"] == 1000
    assert (covered.value, covered.rag) == (Fraction(5, 4), Rag.GREEN)
    world.risk(project, "0.1", "22500")
    assert (read(world, project, "RSK-01").judged, read(world, project, "RSK-01").rag) == (Fraction(5, 4), Rag.AMBER)
    past = read(world, project, "RSK-01", YESTERDAY)
    assert (past.value, past.reason) == (None, Reason.NOT_KEPT)


def test_what_changes_drew_of_the_contingency_covers_no_risk_any_more(world: World) -> None:
    project = world.project(contingency=Decimal(5000), contingency_currency="EUR")
    world.risk(project, "0.4", "10000")
    change = world.item(project, "done", kind="change_request", finished_on=YESTERDAY)
    world.attribute(change, "change_state", text="approved")
    world.attribute(change, "delta_cost", number=Decimal(3000), currency="EUR")
    covered = read(world, project, "RSK-02")
    assert (covered.value, covered.rag) == (Fraction(1, 2), Rag.RED)
    assert {part.symbol: part.value for part in covered.parts}["contingency left"] == 2000
    assert read(world, project, "RSK-01").judged == Fraction(4, 5)
    world.connection.execute(update(ItemAttribute).where(ItemAttribute.name == "delta_cost").values(currency="USD"))
    assert read(world, project, "RSK-02").reason is Reason.CURRENCY_MIX


def test_a_change_of_which_nobody_says_what_it_costs_does_not_draw_nothing(world: World) -> None:
    project = world.project(contingency=Decimal(5000), contingency_currency="EUR")
    world.risk(project, "0.4", "10000")
    changes = [world.item(project, "done", kind="change_request", finished_on=YESTERDAY) for _ in range(2)]
    for change in changes:
        world.attribute(change, "change_state", text="approved")
    unknown = read(world, project, "RSK-02")
    assert (unknown.value, unknown.reason, unknown.rag) == (None, Reason.NO_DATA, Rag.GREY)
    world.attribute(changes[0], "delta_cost", number=Decimal(1000), currency="EUR")
    partly = read(world, project, "RSK-02")
    assert (partly.value, partly.coverage) == (1, Fraction(1, 2))


def test_no_register_no_money_and_several_currencies_each_have_their_reason(world: World) -> None:
    empty, unmeasured, mixed = world.project(), world.project(), world.project()
    over = world.project(contingency=Decimal(100), contingency_currency="EUR")
    none = world.project(contingency=Decimal(0), contingency_currency="EUR")
    foreign = world.project(contingency=Decimal(100), contingency_currency="USD")
    world.risk(unmeasured, None, "100")
    world.risk(mixed, "0.1", "100")
    world.risk(mixed, "0.1", "100", "USD")
    world.risk(over, "0.1", "100", category="done")
    for project in (none, foreign):
        world.risk(project, "0.1", "100")
    found = {
        project: (read(world, project, "RSK-01"), read(world, project, "RSK-02"))
        for project in (empty, unmeasured, mixed, over, none, foreign)
    }
    reasons = {project: (one.reason, two.reason) for project, (one, two) in found.items()}
    assert reasons[empty] == reasons[unmeasured] == (Reason.NO_DATA, Reason.NO_DATA)
    assert reasons[mixed] == (Reason.CURRENCY_MIX, Reason.CURRENCY_MIX)
    assert (found[over][0].value, found[over][0].rag, reasons[over][1]) == (0, Rag.GREEN, Reason.NOT_APPLICABLE)
    assert found[over][1].rag is Rag.GREY
    assert (found[none][0].rag, found[none][1].value) == (Rag.RED, 0)
    assert (found[foreign][0].value, found[foreign][0].rag, reasons[foreign][1]) == (10, Rag.GREY, Reason.CURRENCY_MIX)


@pytest.mark.parametrize(("before", "rag"), [(500, Rag.GREEN), (200, Rag.AMBER), (100, Rag.RED), (None, Rag.GREY)])
def test_risks_burn_down_against_what_was_kept_four_weeks_ago(world: World, before: float | None, rag: Rag) -> None:
    project = world.project()
    treated = world.risk(project, "0.5", "1000")
    world.attribute(treated, "residual_probability", number=Decimal("0.2"))
    if before is not None:
        kept = {"scope_type": "project", "scope_id": project, "kpi": "RSK-03", "value": before, "currency": "EUR"}
        span = {"as_of": date(2026, 1, 2), "until": FAR, "n": 1, "rag": "grey", "computed_at": NOW}
        world.connection.execute(insert(KpiValue).values(**kept, **span, origin="observed"))
    reading = read(world, project, "RSK-03")
    assert (reading.value, reading.rag) == (200, rag)


def test_a_register_is_looked_after_by_owner_response_and_review(world: World) -> None:
    project, owner = world.project(), world.person("Someone")
    for assignee, response, review in (
        (owner, "mitigate", TODAY),
        (None, "mitigate", TODAY),
        (owner, None, TODAY),
        (owner, "accept", YESTERDAY),
    ):
        risk = world.item(project, kind="risk", assignee_id=assignee)
        world.attribute(risk, "review_due", day=review)
        if response:
            world.attribute(risk, "response", text=response)
    assert read(world, project, "RSK-04").value == Fraction(1, 4)
    named = world.item(project, kind="risk")
    world.attribute(named, "owner", person_id=owner)
    world.attribute(named, "review_due", day=TOMORROW)
    world.attribute(named, "response", text="avoid")
    assert read(world, project, "RSK-04").value == Fraction(2, 5)
    assert read(world, world.project(), "RSK-04").reason is Reason.NO_DATA


def test_high_issues_are_late_by_severity_else_by_priority(world: World) -> None:
    project = world.project()
    severe = world.item(project, kind="issue", due=YESTERDAY)
    world.attribute(severe, "severity", text="Critical")
    minor = world.item(project, kind="issue", due=YESTERDAY)
    world.attribute(minor, "severity", text="Minor")
    for _ in range(4):
        on_time = world.item(project, kind="issue")
        world.attribute(on_time, "severity", text="HIGH")
    late = read(world, project, "RSK-05")
    assert (late.value, late.rag) == (Fraction(1, 5), Rag.AMBER)
    assert read(world, world.project(), "RSK-05").reason is Reason.NOT_APPLICABLE
    world.finished(project, date(2026, 3, 9), date(2026, 3, 12), kind="issue")
    world.finished(project, date(2026, 3, 9), date(2026, 3, 10), kind="issue")
    assert (read(world, project, "RSK-05-TIME").value, read(world, project, "RSK-05-TIME").n) == (2, 2)


def test_what_came_back_was_not_accepted_at_once(world: World) -> None:
    project = world.project()
    results = ("accepted", "accepted", "rejected", "conditional", None)
    items = [world.item(project, "done", kind="deliverable") for _ in results]
    for item, result in zip(items, results, strict=True):
        if result:
            world.attribute(item, "acceptance_result", text=result)
    back = {"at": NOW, "from_status": "Done", "to_status": "Doing", "from_category": "done"}
    world.connection.execute(insert(Transition).values(item_id=items[1], seq=1, to_category="in_progress", **back))
    rate = read(world, project, "SCP-05")
    assert (rate.value, rate.n, rate.rag) == (Fraction(1, 4), 4, Rag.RED)
    assert read(world, project, "SCP-05", YESTERDAY).reason is Reason.NOT_KEPT


def test_reports_are_counted_by_week_and_by_two_weeks_for_small_projects(world: World) -> None:
    monday = date(2026, 2, 2)
    usual, small, silent = (world.project(size=size) for size in ("M", "S", "M"))
    for project in (usual, small, silent):
        world.item(project, created=monday)
    for day in (date(2026, 2, 3), date(2026, 2, 4), date(2026, 2, 19), date(2026, 3, 11)):
        world.report(usual, noon(day))
        world.report(small, noon(day))
    # Weeks of 2, 9, 16 and 23 February and 2 March are over; the week of the last report is not.
    assert (read(world, usual, "STK-01").value, read(world, usual, "STK-01").n) == (Fraction(2, 5), 5)
    assert (read(world, small, "STK-01").value, read(world, small, "STK-01").n) == (Fraction(1, 2), 2)
    assert read(world, silent, "STK-01").reason is Reason.NO_DATA


ORACLE = {
    "W1": ("story", ("assignee", "estimate", "due", "parent")),
    "W2": ("story", ("estimate", "parent")),
    "W3": ("bug", ("assignee", "severity")),
    "W4": ("risk", ("owner", "probability")),
    "W5": ("story", ("assignee", "due")),
}


def test_completeness_is_as_worked_out_by_hand(world: World) -> None:
    project, person = world.project(), world.person("Someone")
    parent = world.item(project, kind="epic", is_leaf=False)
    for kind, filled in ORACLE.values():
        item = world.item(
            project,
            kind=kind,
            assignee_id=person if "assignee" in filled or "owner" in filled else None,
            estimate_s=3600 if "estimate" in filled else None,
            due=TODAY if "due" in filled else None,
            parent_id=parent if "parent" in filled else None,
        )
        if "severity" in filled:
            world.attribute(item, "severity", text="high")
        if "probability" in filled:
            world.attribute(item, "probability", number=Decimal("0.2"))
    fields, items = read(world, project, "DQ-01"), read(world, project, "DQ-02")
    assert (fields.numerator, fields.denominator) == (12, 18)
    assert float(fields.value or 0) == pytest.approx(0.6667, abs=1e-4)
    assert (items.numerator, items.denominator) == (2, 5)
    assert (fields.rag, items.rag) == (Rag.RED, Rag.RED)
    assert read(world, project, "DQ-01", YESTERDAY).reason is Reason.NOT_KEPT


def test_what_is_done_owes_no_fields(world: World) -> None:
    project = world.project()
    assert read(world, project, "DQ-01").reason is Reason.NO_DATA
    world.item(project, "done", kind="story")
    assert read(world, project, "DQ-01").reason is Reason.NOT_APPLICABLE


def test_an_objective_that_nobody_serves_counts_among_all(world: World) -> None:
    project = world.project(program_id=world.program("Ships"))
    world.objective(project)
    world.objective()
    world.objective(due=YESTERDAY)
    for over in ("achieved", "partial", "missed", "dropped"):
        world.objective(status=over)
    day = day_of(world.connection, TODAY, NOW)
    told = {scope[0]: {it.kpi: it for it in said} for scope, said in compute(world.connection, day).items()}
    everything, of_program = told["all"]["BEN-03"], told["program"]["BEN-03"]
    # The one that a grey project serves counts nowhere.
    assert (everything.numerator, everything.denominator) == (0, 1)
    assert (of_program.value, of_program.reason) == (None, Reason.NO_DATA)


def test_a_budget_is_aligned_where_the_organisation_keeps_objectives(world: World) -> None:
    linked = world.project(budget=Decimal(300), budget_currency="EUR")
    idle = world.project(budget=Decimal(300), budget_currency="EUR", status="on_hold")
    loose = world.project(budget=Decimal(100), budget_currency="EUR")
    assert read(world, loose, "BEN-02").reason is Reason.NO_DATA
    world.objective(linked, idle)
    world.objective(loose, strength=0)
    world.objective(loose, due=YESTERDAY)
    world.objective(loose, status="dropped")
    assert [read(world, each, "BEN-02").value for each in (linked, idle, loose)] == [1, None, 0]
    assert read(world, world.project(), "BEN-02").reason is Reason.NO_DATA
