"""What was handed over for acceptance, and what came of it. Results keep no history: this is the present."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, and_, exists, func, or_, select

from portfolio.facts.attributes import with_attributes
from portfolio.facts.states import I, V, at
from portfolio.model.work import Transition, WorkItem

KINDS = ("acceptance", "deliverable")


class Accepted(NamedTuple):
    """`judged` deliverables have a result, `at_once` of them were accepted and had never come back."""

    judged: int = 0
    at_once: int = 0


def acceptances(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Accepted]:
    """The deliverables and acceptances with a result, by project.

    The result is what a field says (accepted, rejected, conditional), or how an approval of the tracker ended. One that
    was done and then was not again had come back. Accepted with conditions is not accepted at once.
    """
    query, its = with_attributes(at(select(V.project_id), as_of, project_ids), "acceptance_result")
    result = func.coalesce(its["acceptance_result"].text, I.approval)
    came_back = exists().where(
        Transition.item_id == V.item_id, Transition.from_category == "done", Transition.to_category != "done"
    )
    accepted = and_(result.in_(("accepted", "approved")), ~came_back.correlate(V))
    # From a list of their own, so that the items of all other states need not be looked up.
    approvals = select(WorkItem.id).where(WorkItem.approval.is_not(None))
    query = query.add_columns(func.count(), func.count().filter(accepted)).where(
        or_(V.kind.in_(KINDS), V.item_id.in_(approvals)),
        V.category != "cancelled",
        result.in_(("accepted", "approved", "rejected", "conditional", "changes_requested")),
    )
    rows = connection.execute(query.group_by(V.project_id))
    return {project_id: Accepted(judged, at_once) for project_id, judged, at_once in rows}
