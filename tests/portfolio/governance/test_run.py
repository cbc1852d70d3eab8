"""Running rules: what stands from day to day, waivers, grace, stale data, settings; and looking before deciding."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from portfolio.audit.entry import COMMAND
from portfolio.facts.findings import findings
from portfolio.figures.rollup import roll_up
from portfolio.governance.applies import missing, nature
from portfolio.governance.catalogue import RULES
from portfolio.governance.dry_run import dry_run
from portfolio.governance.results import Result, standing
from portfolio.governance.rule_settings import rule_of, rules_in_force, wanted_rule
from portfolio.governance.rules import RuleError, Scope, Severity, Step
from portfolio.governance.score import Weighed, score
from portfolio.governance.store import decide, number_in_force
from portfolio.model.base import FAR
from portfolio.model.governance import RuleResult
from portfolio.model.oversight import KpiValue
from tests.portfolio.builders import World, noon
from tests.portfolio.conftest import Oracle
from tests.portfolio.governance.all_rules import run_all
from tests.portfolio.governance.cases import NOW, TODAY, Site

RULE = "TIM-R02"
NEXT = TODAY + timedelta(days=1)
OWN: dict[str, Any] = {
    "code": "OWN-R01",
    "statement": "No bug is older than 5 working days",
    "severity": "high",
    "policy": "POL-14",
    "predicate": "none_older",
    "params": {"filter": {"kind": ["bug"], "category": ["todo"]}, "date": "created", "n_wd": 5},
}


def _set(world: World, code: str, body: dict[str, Any] | None) -> None:
    decide(world.connection, wanted_rule(code, body), number_in_force(world.connection), NOW, "ada", COMMAND)


def _run(world: World, day: date = TODAY) -> None:
    run_all(world.connection, as_of=day, now=noon(day))


def _result(world: World, project_id: int, code: str = RULE) -> Result:
    return standing(world.connection)[code, project_id].result


@pytest.fixture
def late(world: World) -> Site:
    """A project with an item that is long overdue."""
    site = Site(world, "LATE")
    site.item(due=date(2026, 1, 12))
    return site


def test_a_row_holds_until_the_result_changes(world: World, late: Site) -> None:
    _run(world)
    for day in range(1, 4):
        _run(world, TODAY + timedelta(days=day))
    own = select(RuleResult).where(RuleResult.rule == RULE, RuleResult.project_id == late.id)
    assert len(world.connection.execute(own).all()) == 1
    assert _result(world, late.id).first_failed_on == TODAY
    late.set(status="cancelled")
    _run(world, NEXT + timedelta(days=5))
    assert len(world.connection.execute(own).all()) == 2
    assert _result(world, late.id).outcome == "na"
    assert _result(world, late.id).first_failed_on is None


def test_a_valid_waiver_lets_off_and_an_expired_one_does_not(world: World, late: Site) -> None:
    late.waiver(RULE, TODAY)
    late.waiver("GOV-R01", NEXT, state="requested")
    _run(world)
    waived = _result(world, late.id)
    assert (waived.outcome, waived.first_failed_on) == ("waived", TODAY)
    assert _result(world, late.id, "GOV-R01").outcome == "fail"
    _run(world, NEXT)
    failed = _result(world, late.id)
    assert (failed.outcome, failed.first_failed_on) == ("fail", TODAY)
    assert _result(world, late.id, "GOV-R13").outcome == "fail"


def test_a_failure_counts_after_its_days_of_grace(world: World, late: Site) -> None:
    _set(world, RULE, {"grace_days": 2})
    for days, in_grace in ((0, True), (2, True), (3, False)):
        _run(world, TODAY + timedelta(days=days))
        found = _result(world, late.id)
        assert (found.outcome, found.in_grace) == ("fail", in_grace)


def test_stale_data_begins_no_failure(world: World) -> None:
    site = Site(world, "STALE")
    tracker = world.tracker("Away")
    world.feed(site.id, tracker)
    world.run(tracker, NOW)
    site.item(due=date(2026, 2, 24))
    _run(world)
    assert _result(world, site.id).outcome == "pass"
    _run(world, TODAY + timedelta(days=3))
    found = _result(world, site.id)
    assert (found.outcome, found.before.observed) == ("pass", {"stale": True})
    assert _result(world, site.id, "DAT-R03").outcome == "fail"


def test_a_failed_run_marks_what_was_never_judged_as_stale(world: World) -> None:
    site = Site(world, "NEVER")
    world.feed(site.id, world.tracker("Never read"))
    _run(world)
    assert _result(world, site.id, "GOV-R01").before.observed["reason"] == "STALE_SYNC"


def test_what_is_set_of_a_rule_counts_and_rewrites_no_past(world: World, late: Site) -> None:
    _run(world)
    _set(world, RULE, {"severity": "low"})
    _run(world, NEXT)
    rows = world.connection.execute(
        select(RuleResult.severity, RuleResult.settings_number, RuleResult.until)
        .where(RuleResult.rule == RULE, RuleResult.project_id == late.id)
        .order_by(RuleResult.as_of)
    ).all()
    assert [tuple(row) for row in rows] == [("high", None, NEXT), ("low", 1, date(9999, 12, 31))]
    _set(world, RULE, {"enabled": False})
    _run(world, NEXT + timedelta(days=1))
    assert (RULE, late.id) not in standing(world.connection)


def test_an_own_rule_is_tried_before_it_counts(world: World) -> None:
    good, bad = Site(world, "GOOD"), Site(world, "BAD")
    good.item(kind="bug", created=TODAY)
    for _ in range(2):
        bad.item(kind="bug")
    would = dry_run(world.connection, rule_of("OWN-R01", OWN), as_of=TODAY, now=NOW)
    assert [(it.project_id, it.finding.outcome) for it in would] == [(bad.id, "fail"), (good.id, "pass")]
    assert would[0].finding.observed == {"asked": 2, "failing": 2}
    assert world.connection.scalar(select(func.count()).select_from(RuleResult)) == 0
    _set(world, "OWN-R01", OWN)
    _run(world)
    assert _result(world, bad.id, "OWN-R01").outcome == "fail"
    assert rules_in_force(world.connection)["OWN-R01"].own
    _set(world, "OWN-R01", None)
    assert "OWN-R01" not in rules_in_force(world.connection)
    assert "OWN-R01" in rules_in_force(world.connection, 1)


@pytest.mark.parametrize(
    ("code", "body", "field"),
    [
        (RULE, {"params": {"date": "never"}}, "params"),
        (RULE, {"params": {"filter": {"kin": 1}}}, "filter"),
        (RULE, {"grace_days": 999}, "grace_days"),
        (RULE, {"severity": "mild"}, "setting"),
        (RULE, {"statement": "x"}, "setting"),
        ("MY-R01", OWN, "code"),
        ("OWN-R02", OWN, "code"),
        ("OWN-R01", OWN | {"policy": "POL-99"}, "policy"),
        ("OWN-R01", OWN | {"predicate": "eval"}, "predicate"),
        ("OWN-R01", OWN | {"scope": [{"types": ["toy"]}]}, "scope"),
        ("OWN-R01", [], "rule"),
    ],
)
def test_what_is_no_rule_is_refused(code: str, body: Any, field: str) -> None:
    with pytest.raises(RuleError) as found:
        rule_of(code, body)
    assert found.value.field == field


def test_a_scope_that_depends_on_what_nobody_told_says_what_is_missing() -> None:
    scopes = (Scope(types=("product",)), Scope(types=("internal",), sizes=("M", "L")))
    assert missing(scopes, nature("product", None, None, None, "active")) == ()
    assert missing(scopes, nature("internal", None, None, None, "active")) == ("size",)
    assert missing(scopes, nature("internal", None, None, "S", "active")) is None
    assert missing(scopes, nature(None, None, None, "S", "active")) == ("type",)
    assert missing((Scope(phases=("execution",)),), nature(None, None, None, None, "active")) == ()
    assert missing((Scope(phases=("execution",)),), nature(None, None, None, None, "on_hold")) == ("phase",)


def test_the_worked_example_through_stored_results(world: World, oracle: Oracle) -> None:
    example = oracle("o4_governance")
    given, expected = example["input"], example["expected"]
    for code in RULES:
        _set(world, code, {"enabled": False})
    for code, severity in given["rules"].items():
        asks = {"among": {"label": code}, "filter": {"label": "bad"}}
        own = {"code": f"OWN-{code}", "severity": severity, "predicate": "none_exists", "params": asks}
        _set(world, f"OWN-{code}", OWN | own)
    day = date.fromisoformat(given["as_of"])
    projects = {}
    for name, told in given["results"].items():
        site = Site(world, name)
        projects[name] = site.id
        for code in given["rules"]:
            outcome, _, until = told[code].partition(":")
            if outcome == "waived":
                site.waiver(f"OWN-{code}", date.fromisoformat(until))
            if outcome != "na":
                site.item(labels=f"{code},{'good' if outcome == 'pass' else 'bad'}")
    _run(world, day)
    weighed = findings(world.connection, day)
    for name, project_id in projects.items():
        found = score(
            Weighed(Severity(it.severity), it.outcome, it.in_grace, it.rules) for it in weighed[project_id] if it.scored
        )
        assert float(found.value or 0) == pytest.approx(expected["project_score"][name], abs=1e-6)
        assert found.applicable == expected["applicable_weight"][name]
        assert found.grade == expected["grade"][name]


def test_a_rule_that_is_changed_to_ask_for_the_score_counts_in_it_no_more_at_once(world: World, late: Site) -> None:
    asks = {"code": "OWN-R02", "severity": "critical", "predicate": "kpi_cmp"}
    scores = []
    for params in ({"kpi": "SCH-09", "op": "lte", "value": "0"}, *[{"kpi": "GOV-01", "op": "gte", "value": "1"}] * 2):
        _set(world, "OWN-R02", OWN | asks | {"params": params})
        roll_up(world.connection, as_of=TODAY, now=noon(TODAY))
        kept = select(KpiValue.value).where(
            KpiValue.scope_type == "project", KpiValue.kpi == "GOV-01", KpiValue.until == FAR
        )
        scores.append((_result(world, late.id, "OWN-R02").step, world.connection.scalars(kept).one()))
    assert [step for step, _ in scores] == [Step.SCORED, Step.OF_SCORE, Step.OF_SCORE]
    assert scores[1] == scores[2]
    assert scores[0][1] != scores[1][1]


def _kept(world: World, kpi_id: str) -> tuple[float | None, int]:
    own = (KpiValue.scope_type == "project", KpiValue.kpi == kpi_id, KpiValue.until == FAR)
    value, n = world.connection.execute(select(KpiValue.value, KpiValue.n).where(*own)).one()
    return value, n


def test_a_waiver_of_a_rule_that_does_not_count_in_the_score_is_a_waiver(world: World, late: Site) -> None:
    """A rule of waivers themselves counts in no load: what it decides it cannot ask for."""
    for code, figure, op, value in (("OWN-R02", "GOV-01", "gte", "100"), ("OWN-R03", "GOV-06", "lte", "0")):
        asks = {"predicate": "kpi_cmp", "params": {"kpi": figure, "op": op, "value": value}}
        _set(world, code, OWN | asks | {"code": code})

    def found() -> list[object]:
        return [_result(world, late.id, code).outcome for code in ("OWN-R02", "OWN-R03", "GOV-R13")]

    roll_up(world.connection, as_of=TODAY, now=noon(TODAY))
    (load, applying), (_, scored) = _kept(world, "GOV-06"), _kept(world, "GOV-01")
    assert (load, found()) == (0, ["fail", "pass", "na"])
    late.waiver("OWN-R02", TODAY)
    late.waiver("OWN-R03", TODAY)
    roll_up(world.connection, as_of=TODAY, now=noon(TODAY))
    # That nobody approves their own waiver (GOV-R12) applies since there is one.
    applying += 1
    assert _kept(world, "GOV-06") == (1 / applying, applying)
    assert (_kept(world, "GOV-01")[1], found()) == (scored + 1, ["waived", "waived", "pass"])
    roll_up(world.connection, as_of=NEXT, now=noon(NEXT))
    assert _kept(world, "GOV-06") == (0, applying)
    assert found() == ["fail", "pass", "fail"]
