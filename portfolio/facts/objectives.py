"""Which strategic objectives a project serves, as trackers tell and as was said here.

What a tracker tells, and what becomes of objectives, keeps no history: this is the present.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Connection, Subquery, and_, exists, or_, select, union_all

from portfolio.model.structure import Objective, ObjectiveLink, ObjectiveProject

OVER = ("achieved", "partial", "missed", "dropped")
"""The states of an objective that asks for no project any more."""


def stands(as_of: date) -> ColumnElement[bool]:
    """The condition on `Objective` for those that are neither past on the day nor over, nor gone from their tracker."""
    going_on = or_(Objective.status.is_(None), Objective.status.not_in(OVER))
    return and_(going_on, or_(Objective.due.is_(None), Objective.due >= as_of), Objective.gone_at.is_(None))


def holds(as_of: date) -> ColumnElement[bool]:
    """The condition on `ObjectiveLink` for what was said of the day."""
    return and_(ObjectiveLink.valid_from <= as_of, ObjectiveLink.valid_to > as_of)


def links(as_of: date) -> Subquery:
    """What serves what on the day: objective_id, project_id and strength. What was said here counts before what a
    tracker tells of the same two."""
    said, told = ObjectiveLink, ObjectiveProject
    same = (said.objective_id == told.objective_id, said.project_id == told.project_id)
    unsaid = ~exists().where(*same, holds(as_of)).correlate(told)
    return union_all(
        select(said.objective_id, said.project_id, said.strength).where(holds(as_of)),
        select(told.objective_id, told.project_id, told.strength).where(unsaid),
    ).subquery("serving")


def standing(connection: Connection, as_of: date) -> frozenset[int]:
    """The objectives that stand on the day, served or not."""
    return frozenset(connection.scalars(select(Objective.id).where(stands(as_of))))


def objectives(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, frozenset[int]] | None:
    """The objectives that stand on the day and that a project serves (strength 1 or more), by project.

    None where the organisation keeps no objective at all, but goals that are gone from their tracker: then no project
    can be blamed for serving none.
    """
    if not connection.scalar(select(exists().where(Objective.gone_at.is_(None)))):
        return None
    it = links(as_of).c
    query = select(it.project_id, it.objective_id).join(Objective, Objective.id == it.objective_id)
    query = query.where(it.strength >= 1, stands(as_of))
    if project_ids is not None:
        query = query.where(it.project_id.in_(project_ids))
    served: dict[int, set[int]] = defaultdict(set)
    for project_id, objective_id in connection.execute(query):
        served[project_id].add(objective_id)
    return {project_id: frozenset(ids) for project_id, ids in served.items()}
