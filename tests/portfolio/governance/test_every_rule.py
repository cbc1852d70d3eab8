"""Every rule that ships passes where it should and fails where it should, or says what it waits for."""

from __future__ import annotations

from sqlalchemy import event, select

from portfolio.facts.gather import day_of
from portfolio.governance.catalogue import POLICIES, RULES
from portfolio.governance.check import awaited, compile_rule
from portfolio.governance.counting import counted_of, evidence
from portfolio.governance.judging import Outcome, Why
from portfolio.governance.later import ENTITIES
from portfolio.governance.later import PREDICATES as LATER
from portfolio.governance.predicates.catalogue import PREDICATES
from portfolio.governance.predicates.declare import Check
from portfolio.governance.results import standing
from portfolio.kpis.catalogue import OF_PERSONS
from portfolio.model.governance import RuleResult
from tests.portfolio.builders import World
from tests.portfolio.governance.all_rules import run_all
from tests.portfolio.governance.cases import CASES, NOW, TODAY, build


def test_every_rule_has_cases_or_waits_for_data() -> None:
    assert len(RULES) == 67
    assert len(POLICIES) == 16
    waiting = {
        code for code, rule in RULES.items()
        if rule.predicate in LATER or rule.params.get("entity") in ENTITIES or rule.params.get("kpi") in OF_PERSONS
    }  # fmt: skip
    assert waiting.isdisjoint(CASES)
    assert waiting | set(CASES) == set(RULES)


def test_no_predicate_stands_in_the_list_of_what_comes_later() -> None:
    assert not set(LATER) & set(PREDICATES)
    assert {rule.predicate for rule in RULES.values()} == set(LATER) | set(PREDICATES)


def test_a_figure_of_all_persons_together_is_of_no_project() -> None:
    """Such a rule must not be one that finds nothing anywhere: it says what it lacks."""
    assert awaited(RULES["COS-R03"]) == "Timesheet completeness (DQ-05) of single projects"


def test_every_rule_says_what_to_do() -> None:
    for rule in RULES.values():
        assert any((rule.remedy.jira, rule.remedy.asana, rule.remedy.here)), rule.code
        assert rule.evidence, rule.code
        assert rule.policy in POLICIES, rule.code
        assert rule.statement[-1].isalnum() or rule.statement.endswith(("%", ")")), rule.code


def test_every_rule_finds_what_it_should(world: World) -> None:
    projects = build(world)
    run_all(world.connection, as_of=TODAY, now=NOW)
    found = standing(world.connection)
    day = day_of(world.connection, TODAY, NOW)
    wrong = []
    for (code, expected), project_id in projects.items():
        result = found[code, project_id].result
        waits = awaited(RULES[code]) is not None
        if result.outcome != ("na" if waits else expected):
            wrong.append(f"{code} {expected}: {result.outcome} {result.observed}")
        check = compile_rule(RULES[code], day)
        if expected == "fail" and isinstance(check, Check):
            rows = evidence(world.connection, check, project_id, 10)
            assert len(rows) == counted_of(world.connection, check, project_id).failing, code
            assert rows or check.passes.number, code
    assert not wrong, "\n".join(wrong)
    for (code, _), row in found.items():
        if awaited(RULES[code]) is not None:
            assert row.result.outcome == Outcome.NA, code
            assert row.result.before.observed["reason"] in (Why.NOT_AVAILABLE_YET, Why.OUT_OF_SCOPE), code


def test_a_second_run_writes_nothing_and_both_take_few_statements(world: World) -> None:
    projects = build(world)
    assert run_all(world.connection, as_of=TODAY, now=NOW) == set(projects.values())
    rows = world.connection.execute(select(RuleResult)).all()
    statements: list[str] = []
    event.listen(world.connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert run_all(world.connection, as_of=TODAY, now=NOW) == set()
    assert world.connection.execute(select(RuleResult)).all() == rows
    assert len(statements) < 25
