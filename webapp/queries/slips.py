"""When the milestones of a project were due, as it was told week by week: item milestones from the history of their
items, others from what was read of them since they were first read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlalchemy import Connection, func, select, union_all

from portfolio.facts.milestones import is_listed
from portfolio.model.work import ItemVersion, Milestone, MilestoneVersion, WorkItem

MOST = 8
"""Milestones in one picture: more lines cannot be told apart."""


@dataclass(frozen=True)
class Told:
    """A milestone, and the day it was due as it was told on each of the days asked about.

    None where nobody told one, and after it was reached: then `finished_on` says when.
    """

    name: str
    url: str | None
    baseline: date | None
    finished_on: date | None
    dues: tuple[date | None, ...]

    @property
    def told(self) -> bool:
        """Whether there is a day to draw."""
        return any(due is not None for due in self.dues)

    @property
    def changes(self) -> int:
        """How often it was given another day between one of the days and the next."""
        known = [due for due in self.dues if due is not None]
        return sum(before != after for before, after in pairwise(known))


def slips_of(connection: Connection, project_id: int, days: Sequence[date]) -> tuple[Told, ...]:
    """The milestones of most interest by their due date: those that lie ahead, then those that were reached last."""
    rows = connection.execute(
        select(
            Milestone.id,
            Milestone.name,
            func.coalesce(Milestone.url, WorkItem.url),
            Milestone.baseline,
            Milestone.finished_on,
            Milestone.due,
        )
        .outerjoin(WorkItem, WorkItem.id == Milestone.item_id)
        .where(Milestone.project_id == project_id, Milestone.cancelled.is_(False), is_listed())
        .order_by(Milestone.due, Milestone.name, Milestone.id)
    ).all()
    ahead = [row for row in rows if row.finished_on is None and row.due is not None][:MOST]
    reached = sorted((row for row in rows if row.finished_on is not None), key=lambda row: row.finished_on)
    shown = [*reached[len(reached) - (MOST - len(ahead)) :], *ahead] if len(ahead) < MOST else ahead
    spans = _spans(connection, [row.id for row in shown])
    return tuple(
        Told(row[1], row[2], row.baseline, row.finished_on, _dues(spans[row.id], days, row.finished_on))
        for row in shown
    )


Spans = list[tuple[date, date, date | None]]


def _spans(connection: Connection, milestone_ids: Collection[int]) -> dict[int, Spans]:
    """From when to when which day was told, by milestone, in order of time."""
    of_items = (
        select(Milestone.id, ItemVersion.valid_from, ItemVersion.valid_to, ItemVersion.due)
        .join(ItemVersion, ItemVersion.item_id == Milestone.item_id)
        .where(Milestone.id.in_(milestone_ids))
    )
    of_others = select(
        MilestoneVersion.milestone_id, MilestoneVersion.valid_from, MilestoneVersion.valid_to, MilestoneVersion.due
    ).where(MilestoneVersion.milestone_id.in_(milestone_ids))
    both = union_all(of_items, of_others).subquery()
    found: dict[int, Spans] = defaultdict(list)
    for milestone_id, first, until, due in connection.execute(select(both).order_by(both.c[1])):
        found[milestone_id].append((first, until, due))
    return found


def _dues(spans: Spans, days: Sequence[date], finished_on: date | None) -> tuple[date | None, ...]:
    """The day told on each of the days."""
    told: list[date | None] = []
    for day in days:
        open_then = finished_on is None or day <= finished_on
        standing = (due for first, until, due in spans if first <= day < until)
        told.append(next(standing, None) if open_then else None)
    return tuple(told)
