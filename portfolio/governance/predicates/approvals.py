"""Predicates over what was approved, and by whom."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from portfolio.facts.baselined import baseline_weight, in_force
from portfolio.facts.changes import KIND, is_approved
from portfolio.facts.gather import Day
from portfolio.governance.predicates import sources
from portfolio.governance.predicates.asking import share_of
from portfolio.governance.predicates.declare import AnySelect, Check, Source, predicate
from portfolio.governance.rules import Part
from portfolio.model.governance import Waiver
from portfolio.model.mapping import ItemAttribute
from portfolio.model.structure import Project
from portfolio.model.work import Baseline, BaselineItem, WorkItem

Entity = Literal["baseline", "waiver", "change_request"]


class BaselineCurrent(Part, frozen=True, kw_only=True):
    """`min_share` of the baseline's items has a date and a weight: an estimate, or points where it is counted in
    these."""

    min_share: str = "0.8"


@predicate("baseline_current", BaselineCurrent)
def baseline_current(params: BaselineCurrent, day: Day) -> Check:
    """A baseline is in force, and enough of its items have a date and a weight."""
    planned = and_(BaselineItem.finish.is_not(None), baseline_weight() > 0)
    enough = func.count().filter(planned) >= func.count() * float(share_of(params.min_share))
    good = (
        select(Baseline.id)
        .join(BaselineItem, BaselineItem.baseline_id == Baseline.id)
        .where(Baseline.project_id == Project.id, in_force(day.as_of))
        .group_by(Baseline.id)
        .having(enough)
    )
    return Check(sources.projects(), true(), ~good.correlate(Project).exists())


class VersionsHaveApproval(Part, frozen=True, kw_only=True):
    """Baselines are what has versions so far."""

    entity: Literal["baseline"] = "baseline"


@predicate("versions_have_approval", VersionsHaveApproval)
def versions_have_approval(_params: VersionsHaveApproval, day: Day) -> Check:
    """Each version after the first rests on a change request that was approved, by somebody other than who asked.

    One that is done may as well have been rejected: its state has to say that it is approved.
    """
    request = aliased(WorkItem)
    approved = exists().where(request.id == Baseline.change_item_id, request.kind == KIND, is_approved(request.id))
    fails = or_(~approved.correlate(Baseline), Baseline.self_approved)
    return Check(sources.baselines(day), Baseline.version > 1, fails)


class ApproverNeRequester(Part, frozen=True, kw_only=True):
    """Of which kinds of decisions."""

    entities: tuple[Entity, ...]


@predicate("approver_ne_requester", ApproverNeRequester)
def approver_ne_requester(params: ApproverNeRequester, _day: Day) -> Check:
    """Nobody approved what they had asked for themselves."""
    made = {"baseline": _baselines(), "waiver": _waivers(), "change_request": _change_requests()}
    decided = union_all(*(made[entity] for entity in sorted(set(params.entities)))).subquery("decided")
    own = decided.c
    rows = select(own.project_id)
    source = Source("decision " + " ".join(sorted(set(params.entities))), rows, own.project_id, own.name, own.title)
    return Check(source, true(), own.same == 1)


def _same(condition: Any) -> ColumnElement[int]:
    return case((condition, 1), else_=0).label("same")


def _baselines() -> AnySelect:
    name, title = literal("baseline").label("name"), cast(Baseline.version, String).label("title")
    return select(Baseline.project_id, name, title, _same(Baseline.self_approved)).where(Baseline.state == "approved")


def _waivers() -> AnySelect:
    name, title = literal("waiver").label("name"), Waiver.rule.label("title")
    return select(Waiver.project_id, name, title, _same(Waiver.self_approved)).where(Waiver.state == "approved")


def _change_requests() -> AnySelect:
    approver, requester = aliased(ItemAttribute), aliased(ItemAttribute)
    same = and_(approver.person_id.is_not(None), approver.person_id == requester.person_id)
    return (
        select(WorkItem.project_id, WorkItem.key.label("name"), WorkItem.title.label("title"), _same(same))
        .join(approver, and_(approver.item_id == WorkItem.id, approver.name == "approver"))
        .join(requester, and_(requester.item_id == WorkItem.id, requester.name == "requested_by"))
        .where(WorkItem.kind == KIND, WorkItem.deleted_at.is_(None), WorkItem.project_id.is_not(None))
    )
