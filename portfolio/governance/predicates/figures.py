"""Predicates over KPI readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, select

from portfolio.facts.gather import Day
from portfolio.facts.states import V, at
from portfolio.governance.predicates import sources
from portfolio.governance.predicates.asking import Json, meant
from portfolio.governance.predicates.declare import Check, predicate
from portfolio.governance.rules import Part, RuleError
from portfolio.kpis.catalogue import asked_in
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Project

Operator = Literal["gt", "gte", "lt", "lte"]
SIGNS: Mapping[str, str] = {"gt": "more than", "gte": "at least", "lt": "less than", "lte": "at most"}


class KpiCmp(Part, frozen=True, kw_only=True):
    """`times`: what the limit is a multiple of, where it is not the number itself."""

    kpi: str
    op: Operator
    value: str
    times: Literal["", "budget"] = ""


@predicate("kpi_cmp", KpiCmp)
def kpi_cmp(params: KpiCmp, day: Day) -> Check:
    """The KPI is on the right side of a number. Without a value there is nothing to judge."""
    try:
        number = Decimal(params.value)
    except InvalidOperation as error:
        raise RuleError("params", 'value: give a number as text, such as "0.05".') from error
    if not number.is_finite() or abs(number) > 10**12:
        raise RuleError("params", "value: give a number up to a million millions.")
    asked: ColumnElement[bool] = and_(KpiValue.kpi == params.kpi, KpiValue.value.is_not(None))
    limit: Any = float(number)
    if params.times == "budget":
        asked = and_(asked, Project.budget > 0, Project.budget_currency == KpiValue.currency)
        limit = limit * Project.budget
    value = KpiValue.value
    good = {"gt": value > limit, "gte": value >= limit, "lt": value < limit, "lte": value <= limit}[params.op]
    words = f"{SIGNS[params.op]} {params.value}" + (" times the budget" if params.times else "")
    return Check(
        sources.figures(day),
        asked,
        ~good,
        value=KpiValue.__table__.c.value,
        limit=words,
        step=asked_in(params.kpi),
    )


class KpiOrEscalation(KpiCmp, frozen=True, kw_only=True):
    """`escalated`: a filter for the items that escalate the exception."""

    escalated: Json


@predicate("kpi_or_escalation", KpiOrEscalation)
def kpi_or_escalation(params: KpiOrEscalation, day: Day) -> Check:
    """The KPI is on the right side of a number, or the exception is escalated."""
    check = kpi_cmp(params, day)
    raised = at(select(V.item_id), day.as_of).where(V.project_id == Project.id, meant(params.escalated, day))
    escalated = raised.correlate(Project).exists()
    return replace(check, fails=and_(check.fails, ~escalated))
