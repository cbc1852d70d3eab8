"""Which strategic objectives a project serves. Links keep no history: this is the present."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from portfolio.model.structure import Objective, ObjectiveProject

OVER = ("achieved", "partial", "missed", "dropped")
"""The states of an objective that asks for no project any more."""


def stands(as_of: date) -> ColumnElement[bool]:
    """The condition on `Objective` for those that are neither past on the day nor over."""
    going_on = or_(Objective.status.is_(None), Objective.status.not_in(OVER))
    return and_(going_on, or_(Objective.due.is_(None), Objective.due >= as_of))


def standing(connection: Connection, as_of: date) -> frozenset[int]:
    """The objectives that stand on the day, served or not."""
    return frozenset(connection.scalars(select(Objective.id).where(stands(as_of))))


def objectives(
    connection: Connection, as_of: date, project_ids: Collection[int] | None = None
) -> dict[int, frozenset[int]] | None:
    """The objectives that stand on the day and that a project serves (strength 1 or more), by project.

    None where the organisation keeps no objective at all: then no project can be blamed for serving none.
    """
    if not connection.scalar(select(exists().where(Objective.id.is_not(None)))):
        return None
    query = (
        select(ObjectiveProject.project_id, ObjectiveProject.objective_id)
        .join(Objective, Objective.id == ObjectiveProject.objective_id)
        .where(ObjectiveProject.strength >= 1, stands(as_of))
    )
    if project_ids is not None:
        query = query.where(ObjectiveProject.project_id.in_(project_ids))
    served: dict[int, set[int]] = defaultdict(set)
    for project_id, objective_id in connection.execute(query):
        served[project_id].add(objective_id)
    return {project_id: frozenset(ids) for project_id, ids in served.items()}
