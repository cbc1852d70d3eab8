"""Predicates over projects themselves: what is said of them, and what they say."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from portfolio.facts.gather import Day
from portfolio.facts.states import V, at
from portfolio.governance.filters.compile import filled
from portfolio.governance.predicates import sources
from portfolio.governance.predicates.asking import Json, known_fields, meant, working_days
from portfolio.governance.predicates.declare import Check, predicate
from portfolio.governance.rules import Part, RuleError, Step
from portfolio.governance.working_days import last_of_age
from portfolio.kpis.rag import OVERALL
from portfolio.model.mapping import ProjectField
from portfolio.model.oversight import KpiValue
from portfolio.model.people import Person
from portfolio.model.structure import Project, StatusUpdate
from portfolio.overlay.fields import FIELDS, Type

_RANKS = {"green": 0, "amber": 1, "red": 2}


class FieldsSet(Part, frozen=True, kw_only=True):
    """The fields of the project, or of each of the items. `active_person`: persons must still be active."""

    entity: Literal["project", "item"]
    fields: tuple[str, ...]
    filter: Json = {}
    active_person: bool = False


@predicate("fields_set", FieldsSet)
def fields_set(params: FieldsSet, day: Day) -> Check:
    """All these fields are filled in."""
    if params.entity == "project":
        empty = _unfilled(params)
        return Check(sources.projects(), true(), or_(false(), *empty.values()), lacking=empty)
    lacking = {field: ~filled(field) for field in known_fields(params.fields)}
    return Check(sources.items(day), meant(params.filter, day), or_(false(), *lacking.values()), lacking=lacking)


def _unfilled(params: FieldsSet) -> dict[str, ColumnElement[bool]]:
    found: dict[str, ColumnElement[bool]] = {}
    for name in params.fields:
        if name not in FIELDS:
            raise RuleError("params", f"fields: {name[:40]!r} is none of {', '.join(FIELDS)}.")
        field = FIELDS[name]
        column = Project.__table__.c[field.columns[0]]
        empty: list[ColumnElement[bool]] = [column.is_(None)]
        if field.type is Type.MONEY:
            empty += [column <= 0, Project.__table__.c[field.columns[1]].is_(None)]
        if field.type is Type.PERSON and params.active_person:
            empty.append(~exists().where(Person.id == column, Person.active).correlate(Project))
        found[name] = or_(*empty)
    return found


def reported_since(bound: ColumnElement[Any] | datetime) -> ColumnElement[bool]:
    """That a project spoke of itself at that instant or later."""
    update = exists().where(StatusUpdate.project_id == Project.id, StatusUpdate.created_at >= bound)
    present = and_(Project.reported_at.is_not(None), Project.reported_at >= bound)
    return or_(present, update.correlate(Project))


def instant_after(age: int, day: Day) -> datetime:
    """The first instant that is at most so many working days old."""
    last = last_of_age(day.calendar, day.as_of, working_days(age) + 1)
    return datetime.combine(last + timedelta(days=1), time(), day.now.tzinfo)


class RagConsistent(Part, frozen=True, kw_only=True):
    """A reason counts for `reason_age_wd` working days."""

    reason_age_wd: int = 10


@predicate("rag_consistent", RagConsistent)
def rag_consistent(params: RagConsistent, day: Day) -> Check:
    """The project reports no better colour than the computed one, or gave a reason of late."""
    computed = _computed(day)
    reported = case(_RANKS, value=Project.reported_rag, else_=None)
    rank = case(_RANKS, value=computed, else_=None)
    said = aliased(ProjectField)
    since = instant_after(params.reason_age_wd, day)
    fresh = exists().where(
        said.project_id == Project.id,
        said.field == "rag_reason",
        or_(
            and_(said.entered.is_not(None), said.entered_at >= since),
            and_(said.told.is_not(None), said.told_at >= since),
        ),
    )
    asked = and_(reported.is_not(None), rank.is_not(None))
    fails = and_(reported < rank, ~fresh.correlate(Project))
    return Check(sources.projects(), asked, fails, step=Step.OF_SCORE)


def _computed(day: Day) -> Any:
    colour = select(KpiValue.rag).where(_colour(), KpiValue.as_of <= day.as_of, KpiValue.until > day.as_of)
    return colour.correlate(Project).scalar_subquery()


def _colour() -> ColumnElement[bool]:
    return and_(
        KpiValue.scope_type == "project",
        KpiValue.scope_id == Project.id,
        KpiValue.kpi == OVERALL,
        KpiValue.superseded_at.is_(None),
    )


class RedHasPlan(Part, frozen=True, kw_only=True):
    """`plan`: a filter for the items that are one."""

    plan: Json
    n_wd: int = 10


@predicate("red_has_plan", RedHasPlan)
def red_has_plan(params: RedHasPlan, day: Day) -> Check:
    """A project that has been red for so many working days has a plan."""
    last = last_of_age(day.calendar, day.as_of, working_days(params.n_wd))
    other = exists().where(_colour(), KpiValue.rag != "red", KpiValue.until > last, KpiValue.as_of <= day.as_of)
    before = exists().where(_colour(), KpiValue.rag == "red", KpiValue.as_of <= last, KpiValue.until > last)
    asked = and_(before.correlate(Project), ~other.correlate(Project))
    planned = at(select(V.item_id), day.as_of).where(V.project_id == Project.id, meant(params.plan, day))
    return Check(sources.projects(), asked, ~planned.correlate(Project).exists(), step=Step.OF_SCORE)
