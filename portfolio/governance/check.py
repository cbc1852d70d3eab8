"""What a rule asks on a day: its predicate with its params, or why that cannot be asked yet."""

from __future__ import annotations

from datetime import UTC, date, datetime

from portfolio.facts.gather import Day
from portfolio.governance import later
from portfolio.governance.predicates.catalogue import PREDICATES
from portfolio.governance.predicates.declare import Check
from portfolio.governance.rules import Rule, RuleError, read_rule
from portfolio.kpis.catalogue import KPIS, OF_PERSONS
from portfolio.kpis.rag import DIMENSIONS, OVERALL

_SOME_DAY = Day(date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC))


def awaited(rule: Rule) -> str | None:
    """What the rule needs and this product does not hold yet, in words; None where it holds all."""
    if rule.predicate in later.PREDICATES:
        return later.PREDICATES[rule.predicate]
    entity = rule.params.get("entity")
    if isinstance(entity, str) and entity in later.ENTITIES:
        return later.ENTITIES[entity]
    kpi_id = rule.params.get("kpi")
    if isinstance(kpi_id, str) and kpi_id not in (*KPIS, *DIMENSIONS, OVERALL):
        return f"the KPI {kpi_id}"
    if kpi_id in OF_PERSONS:
        return f"{KPIS[kpi_id].name} ({kpi_id}) of single projects"
    return None


def compile_rule(rule: Rule, day: Day) -> Check | None:
    """What the rule asks on the day; None where its data is awaited. Raises `RuleError` for what asks nothing."""
    if awaited(rule) is not None:
        return None
    if rule.predicate not in PREDICATES:
        raise RuleError("predicate", f"{rule.predicate[:40]!r} is none of {', '.join(sorted(PREDICATES))}.")
    return PREDICATES[rule.predicate].check(rule.params, day)


def checked_rule(data: object) -> Rule:
    """The rule of a piece of JSON or TOML, with a predicate and params that can be asked. Raises `RuleError`."""
    rule = read_rule(data)
    compile_rule(rule, _SOME_DAY)
    return rule
