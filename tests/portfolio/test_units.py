"""Plans in points or items: the worked example, what is set where, past days, and what programs make of them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction as F
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from portfolio.audit.entry import COMMAND
from portfolio.baselines.decide import By, approve, propose
from portfolio.baselines.differences import between, since
from portfolio.baselines.versions import versions
from portfolio.facts.gather import day_of, gather
from portfolio.facts.growth import Growth
from portfolio.facts.units import MOST_POINTS, PARTS
from portfolio.figures.explain import explain
from portfolio.figures.keep import standing_on
from portfolio.figures.own import project_readings
from portfolio.figures.recolour import decide, recoloured
from portfolio.figures.rollup import roll_up
from portfolio.governance import deciding, store
from portfolio.governance.errors import FaultySettingError
from portfolio.governance.kpi_setting import KpiSetting
from portfolio.governance.scope import EVERYTHING, Level, SettingScope, project_chains
from portfolio.governance.settings import read_settings
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.earned import ALONE, ON_BASELINE, ON_PLAN
from portfolio.kpis.reading import Reading, Reason
from portfolio.model.access import AuditEntry
from portfolio.model.finance import CostRate
from portfolio.model.governance import RuleResult
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Project
from portfolio.model.work import Baseline, BaselineItem, Worklog
from tests.portfolio.builders import World, noon
from tests.portfolio.units_example import CHANGED, EXPECTED, ITEMS, STATUS, TAKEN, check

HOUR = 3600
ADA, BEA = By("ada", COMMAND), By("bea", COMMAND)
MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 13)
MONEY = ON_PLAN - {"SCH-01", "SCH-03", "SCH-04", "SCH-04-SV", "SCH-05", "SCH-06", "CST-06", "CST-07"}


def count_in(world: World, unit: str | None, scope: SettingScope = EVERYTHING, day: date = TAKEN) -> None:
    wanted = deciding.wanted_settings(world.connection, {("SCH-01", scope): KpiSetting(counted_in=unit)})
    number = store.number_in_force(world.connection)
    decide(world.connection, wanted, number, noon(day), "ada", COMMAND)


def baselined(world: World, project: int, day: date = TAKEN) -> int:
    version = propose(world.connection, project, day, noon(day), ADA)
    approve(world.connection, project, version, noon(day), BEA)
    return version


def readings_of(world: World, project: int, as_of: date, now: date | None = None) -> dict[str, Reading]:
    day = day_of(world.connection, as_of, noon(now or as_of))
    settings = read_settings(world.connection, store.number_on(world.connection, as_of, day.now.tzinfo))
    return project_readings(gather(world.connection, day, units=settings.units)[project], day)


def lived(world: World, **values: Any) -> int:
    """The project of the example, with all that happens to it."""
    project = world.project(**values)
    done = {"A": date(2026, 3, 5), "D": date(2026, 3, 10)}
    for name, (points, start, due) in ITEMS.items():
        common = {"points": points, "start": date.fromisoformat(start), "due": date.fromisoformat(due)}
        states: list[tuple[date, dict[str, Any]]] = [(TAKEN, {})]
        if name in done:
            states.append((done[name], {"category": "done", "finished_on": done[name]}))
        if name == "B":
            states.append((date(2026, 3, 3), {"category": "in_progress"}))
        if name == "C":
            states.append((CHANGED, {"points": 13}))
        world.item(project, "todo", created=TAKEN, versions=states, **common)
    world.item(project, "todo", created=CHANGED, points=4, due=FRIDAY)
    return project


@pytest.mark.parametrize("unit", list(EXPECTED))
def test_the_worked_example_through_the_store(world: World, unit: str) -> None:
    project = lived(world, plan_rate=Decimal(100), plan_rate_currency="EUR")
    count_in(world, unit, SettingScope(Level.PROJECT, str(project)))
    baselined(world, project)
    check(readings_of(world, project, STATUS), unit)


def test_where_nothing_is_set_a_plan_is_in_hours(world: World) -> None:
    project = lived(world)
    baselined(world, project)
    assert readings_of(world, project, STATUS)["SCH-01"].reason is Reason.NO_BASELINE
    assert [it.unit for it in versions(world.connection, project, STATUS)] == ["hours"]


def test_in_all_scopes_the_narrowest_counts_in_facts_and_on_pages_alike(world: World) -> None:
    program = world.program("G", world.portfolio("F"))
    projects = [
        world.project(program_id=given, type=kind) for given in (None, program) for kind in (None, "product", "service")
    ]
    own = world.project(program_id=program, type="product")
    for project in (*projects, own):
        world.item(project, points=1, due=FRIDAY)
    scopes = {
        EVERYTHING: "points",
        SettingScope(Level.TYPE, "product"): "items",
        SettingScope(Level.PROGRAM, str(program)): "hours",
        SettingScope(Level.PROJECT, str(own)): "points",
    }
    for number in range(len(scopes) + 1):
        if number:
            scope = list(scopes)[number - 1]
            count_in(world, scopes[scope], scope)
        settings, day = read_settings(world.connection), day_of(world.connection, TAKEN, noon(TAKEN))
        facts = gather(world.connection, day, units=settings.units)
        found = {project: facts[project].plan.unit for project in (*projects, own)}
        chains = project_chains(world.connection)
        assert found == {it: settings.resolve("SCH-04", chains[it]).counted_in for it in found}
    assert list(found.values()) == ["points", "items", "points", "hours", "hours", "hours", "points"]
    assert {it for it in KPIS if settings.resolve(it, chains[own]).counted_in} == ON_PLAN


def test_a_plan_without_a_baseline_is_counted_as_is_set_on_the_day(world: World) -> None:
    project = lived(world)
    before, settled = STATUS - timedelta(days=1), STATUS
    count_in(world, "items", day=settled)
    assert readings_of(world, project, before, STATUS)["SCH-04"].reason is Reason.NO_BASELINE
    found = readings_of(world, project, settled)["SCH-01"]
    assert (found.reason, [it.value for it in found.parts]) == (Reason.DERIVED_PLAN, [2, F(17, 5)])


def test_past_days_keep_what_their_baseline_was_taken_with(world: World) -> None:
    project = lived(world)
    count_in(world, "points")
    baselined(world, project)
    later = date(2026, 3, 12)
    count_in(world, "items", day=later)
    assert {it.unit for it in readings_of(world, project, later)["SCH-01"].parts} == {"pts"}
    baselined(world, project, later)
    check(readings_of(world, project, STATUS, later), "points")
    assert {it.unit for it in readings_of(world, project, later)["SCH-01"].parts} == {"n"}
    for day, unit in ((STATUS, "points"), (later, "items")):
        told = explain(world.connection, ("project", project), "SCH-01", day, noon(later))
        assert told is not None
        assert (told.counted_in, told.derived, [it.having for it in told.gaps]) == (unit, False, [])
        assert [fact.name for fact, _ in told.behind] == ["work"]


def test_settings_are_noted_with_what_they_decide_and_may_be_taken_back(world: World) -> None:
    project = lived(world)
    roll_up(world.connection, as_of=STATUS, now=noon(STATUS))

    def kept(kpi: str) -> tuple[str | None, int | None]:
        query = select(KpiValue.reason, KpiValue.settings_number).where(
            KpiValue.kpi == kpi, KpiValue.scope_type == "project", KpiValue.scope_id == project, standing_on(STATUS)
        )
        row = world.connection.execute(query).one()
        return row.reason, row.settings_number

    assert kept("SCH-04") == ("NO_BASELINE", None)
    count_in(world, "points", day=STATUS)
    assert kept("SCH-04") == ("DERIVED_PLAN", 1)
    assert kept("SCH-07")[1] is None
    count_in(world, None, day=STATUS)
    assert kept("SCH-04") == ("NO_BASELINE", None)


def test_a_preview_says_what_would_change_colour(world: World) -> None:
    project = lived(world)
    wanted = deciding.wanted_settings(world.connection, {("SCH-01", EVERYTHING): KpiSetting(counted_in="points")})
    settings = read_settings(world.connection), deciding.settings_with(world.connection, wanted)
    found = recoloured(world.connection, *settings, ("SCH-01", "SCH-04", "RAG-SCHEDULE", "SCH-02"), noon(STATUS))
    assert {(it.kpi, it.before and it.before.rag.value, it.after and it.after.rag.value) for it in found} == {
        ("SCH-01", "grey", "red"),
        ("SCH-04", "grey", "red"),
        ("RAG-SCHEDULE", "grey", "red"),
        ("RAG", "grey", "red"),
    }
    assert {it.project_id for it in found} == {project}
    assert store.number_in_force(world.connection) == 0


@pytest.mark.parametrize(("kpi", "unit"), [("SCH-04", "points"), ("SCH-01", "days"), ("SCH-01", "")])
def test_what_cannot_be_set(world: World, kpi: str, unit: str) -> None:
    with pytest.raises(FaultySettingError) as found:
        deciding.wanted_settings(world.connection, {(kpi, EVERYTHING): KpiSetting(counted_in=unit)})
    assert found.value.field == "counted_in"


def scopes_of(world: World) -> dict[tuple[str, str], Any]:
    columns = ("value", "numerator", "denominator", "n", "reason", "rag", "currency", "coverage")
    query = select(KpiValue.kpi, KpiValue.scope_type, *(getattr(KpiValue, name) for name in columns))
    rows = world.connection.execute(query.where(KpiValue.scope_type != "project", standing_on(STATUS)))
    return {(row.kpi, row.scope_type): tuple(row[2:]) for row in rows}


def in_hours(world: World, **values: Any) -> int:
    """A project in hours, of ten planned for the two weeks half are earned, with a rate."""
    project = world.project(**values, plan_rate=Decimal(50), plan_rate_currency="EUR")
    common = {"created": TAKEN, "estimate_s": 5 * HOUR, "start": MONDAY, "due": FRIDAY}
    world.item(project, "done", finished_on=date(2026, 3, 4), **common)
    world.item(project, **common)
    baselined(world, project)
    world.item(project, created=CHANGED, estimate_s=HOUR, due=FRIDAY)
    return project


def log(world: World, project: int, amount: int) -> None:
    item = world.item(project, "done", finished_on=date(2026, 3, 4), created=date(2026, 3, 3), estimate_s=HOUR)
    for name in ("One", "Two"):
        person = world.person(f"{name} {project}")
        rate = {"amount": Decimal(amount), "currency": "EUR", "valid_from": TAKEN, "entered_by": "test"}
        world.connection.execute(insert(CostRate).values(person_id=person, entered_at=noon(TAKEN), **rate))
        row = {"item_id": item, "project_id": project, "person_id": person, "work_date": date(2026, 3, 4)}
        ident = str(next(world.numbers))
        world.connection.execute(
            insert(Worklog).values(connection_id=world.tracker_id, external_id=ident, seconds=HOUR, **row)
        )


def test_a_project_in_points_changes_coverage_of_sums_of_hours_and_money_and_nothing_else(world: World) -> None:
    program = world.program("G", world.portfolio("F"))
    for amount in (40, 60):
        log(world, in_hours(world, program_id=program), amount)
    roll_up(world.connection, as_of=STATUS, now=noon(STATUS))
    before = scopes_of(world)
    project = lived(world, program_id=program, plan_rate=Decimal(100), plan_rate_currency="EUR")
    count_in(world, "points", SettingScope(Level.PROJECT, str(project)))
    baselined(world, project)
    log(world, project, 70)
    roll_up(world.connection, as_of=STATUS, now=noon(STATUS))
    assert readings_of(world, project, STATUS)["SCH-01"].value is not None
    after, scopes = scopes_of(world), ("program", "portfolio", "all")
    for kpi in sorted(ALONE | MONEY):
        for scope in scopes:
            assert before[kpi, scope][:-1] == after[kpi, scope][:-1], kpi
            if before[kpi, scope][0] is not None:
                assert (before[kpi, scope][-1], after[kpi, scope][-1]) == (1, pytest.approx(2 / 3)), kpi
    assert before["SCH-01", "all"][0] is not None
    assert before["CST-01", "all"][0] is not None
    # Weeks are weeks, whatever a plan is counted in: they add up.
    assert after["SCH-04", "all"][2] == pytest.approx(before["SCH-04", "all"][2] * 3 / 2)


def test_where_no_project_is_in_hours_there_is_no_sum(world: World) -> None:
    for unit in ("points", "points", "items"):
        project = lived(world)
        count_in(world, unit, SettingScope(Level.PROJECT, str(project)))
        baselined(world, project)
    roll_up(world.connection, as_of=STATUS, now=noon(STATUS))
    found = scopes_of(world)
    for kpi in ("SCH-01", "SCP-01", "SCH-02"):
        value, numerator, denominator, n, reason, rag, _, coverage = found[kpi, "all"]
        assert (value, numerator, denominator, n, reason, rag, coverage) == (
            None, None, None, 0, "NOT_IN_HOURS", "grey", 0
        ), kpi  # fmt: skip
    assert found["SCH-04", "all"][0] is not None


def test_in_points_a_ratio_of_time_is_of_time_and_nothing_where_nobody_says_what_remains(world: World) -> None:
    project = world.project(ev_method="time_ratio")
    common = {"created": TAKEN, "points": 8, "start": MONDAY, "due": FRIDAY}
    said = world.item(project, "in_progress", remaining_s=9 * HOUR, **common)
    estimated = world.item(project, "in_progress", estimate_s=6 * HOUR, **common)
    unsaid = world.item(project, "in_progress", **common)
    for item in (said, estimated, unsaid):
        row = {"item_id": item, "project_id": project, "seconds": 3 * HOUR, "work_date": MONDAY}
        ident = str(next(world.numbers))
        world.connection.execute(insert(Worklog).values(connection_id=world.tracker_id, external_id=ident, **row))
    count_in(world, "points")
    baselined(world, project)
    [earned] = [it.value for it in readings_of(world, project, FRIDAY)["SCH-01"].parts if it.symbol == "EV"]
    assert earned == F(8 * 3, 12) + F(8 * 3, 6)


def test_another_unit_makes_no_item_another(world: World) -> None:
    project, store_ = lived(world), world.connection
    baselined(world, project)
    # As a baseline from before points were kept.
    store_.execute(update(BaselineItem).values(points=None))
    count_in(world, "points", day=MONDAY)
    assert since(store_, versions(store_, project, MONDAY)[0].id, project, MONDAY).total == 0
    baselined(world, project, MONDAY)
    newer, older = (it.id for it in versions(store_, project, MONDAY))
    for pair in ((older, newer), (newer, older)):
        assert (between(store_, *pair).total, between(store_, *pair).unit) == (0, "hours")
    found = since(store_, newer, project, STATUS)
    assert [(it.what, it.points_before, it.points) for it in found.changes if "added" not in it.what] == [
        (("re-estimated",), 8, 13)
    ]
    assert (found.total, found.unit) == (2, "points")
    store_.execute(update(Baseline).where(Baseline.id == newer).values(unit="items"))
    as_items = since(store_, newer, project, STATUS)
    assert ([it.what for it in as_items.changes], as_items.unit) == ([("added",)], "items")


def test_a_baseline_in_points_is_as_good_as_one_in_hours(world: World) -> None:
    nature = {"phase": "execution", "methodology": "hybrid"}
    pointed, unpointed = lived(world, **nature), in_hours(world, **nature)
    world.item(unpointed, created=TAKEN, due=FRIDAY)
    count_in(world, "points")
    for project in (pointed, unpointed):
        baselined(world, project)
    roll_up(world.connection, as_of=STATUS, now=noon(STATUS))
    query = select(RuleResult.project_id, RuleResult.outcome).where(RuleResult.rule == "GOV-R04")
    found = dict(world.connection.execute(query.where(RuleResult.until > STATUS)).all())
    assert found == {pointed: "pass", unpointed: "fail"}


def test_it_holds_what_it_plans_in_its_unit(world: World) -> None:
    project = lived(world)
    count_in(world, "points")
    baselined(world, project)
    count_in(world, "items")
    baselined(world, project)
    found = versions(world.connection, project, STATUS)
    assert [(it.unit, it.planned, it.seconds) for it in found] == [("items", 4, 0), ("points", 18.5, 0)]
    assert {type(number) for it in found for number in (it.weight, it.seconds)} == {int}
    proposed = world.connection.scalars(select(AuditEntry.new).where(AuditEntry.action == "baseline.proposed"))
    assert [json.loads(it or "{}")["unit"] for it in proposed] == ["points", "items"]


def test_kpis_that_rest_on_the_plan_are_those_that_another_unit_changes(world: World) -> None:
    project = lived(
        world, budget=Decimal(500), budget_currency="EUR", contingency=Decimal(9), contingency_currency="EUR"
    )
    world.connection.execute(update(Project).values(plan_rate=Decimal(100), plan_rate_currency="EUR"))
    log(world, project, 40)
    for points in (1, 2):
        change = world.item(project, "done", kind="change_request", finished_on=CHANGED, points=points)
        world.attribute(change, "change_state", text="approved")
        world.attribute(change, "delta_cost", number=Decimal(1), currency="EUR")
    told = []
    for unit in ("hours", "points"):
        count_in(world, unit)
        told.append(readings_of(world, project, STATUS))
    changed = {kpi for kpi in told[0].keys() & told[1].keys() if told[0][kpi] != told[1][kpi]}
    assert {it for it in changed if not it.startswith("RAG")} == ON_PLAN
    assert not ON_PLAN & ON_BASELINE


@pytest.mark.parametrize("points", [-1, MOST_POINTS + 1, 5e14, 1e300])
def test_points_below_nothing_or_beyond_reason_weigh_nothing(world: World, points: float) -> None:
    baselined_, derived = world.project(), world.project()
    count_in(world, "points")
    common = {"created": TAKEN, "start": MONDAY, "due": FRIDAY}
    for project in (baselined_, derived):
        world.item(project, points=8, **common)
        world.item(project, points=points, **common)
        world.item(project, points=2, versions=[(TAKEN, {}), (CHANGED, {"points": points})], **common)
    baselined(world, baselined_)
    for added in (points, 4):
        world.item(baselined_, created=CHANGED, points=added, due=FRIDAY)
    day, units = day_of(world.connection, STATUS, noon(STATUS)), read_settings(world.connection).units
    facts = gather(world.connection, day, units=units)
    assert facts[baselined_].growth == Growth(
        "points", items=3, weight=10 * PARTS, lived=1, added=2, weighted=1, added_weight=4 * PARTS
    )
    plans = [facts[it].plan for it in (baselined_, derived)]
    assert [(it.items, it.planned, it.curve.total) for it in plans] == [
        (3, 2, 10 * PARTS),
        (3, 1, 8 * PARTS),
    ]
    assert [it.planned for it in versions(world.connection, baselined_, STATUS)] == [10]
    roll_up(world.connection, as_of=STATUS, now=noon(STATUS))


def test_the_most_points_and_none_are_a_weight(world: World) -> None:
    project = world.project()
    count_in(world, "points")
    for points in (MOST_POINTS, 5):
        world.item(project, points=points, created=TAKEN, due=FRIDAY)
    world.item(project, created=TAKEN, due=FRIDAY, points=3, versions=[(TAKEN, {}), (CHANGED, {"points": 0})])
    baselined(world, project)
    day = day_of(world.connection, STATUS, noon(STATUS))
    found = gather(world.connection, day)[project].growth
    assert found == Growth("points", items=3, weight=(MOST_POINTS + 8) * PARTS, resized=1, lived=1)
