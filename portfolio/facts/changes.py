"""Change requests: when each was asked for and decided, and what the approved ones draw on the contingency.

What a change request says of its state and cost keeps no history but the days it names itself: approved on, decided on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, select

from portfolio.facts.states import V, standing
from portfolio.model.mapping import ItemAttribute
from portfolio.model.named import named

APPROVED = ("approved", "implemented")
KIND = "change_request"


class Request(NamedTuple):
    """`items` change requests were asked for and decided on these days (None: still open)."""

    asked_on: date
    decided_on: date | None
    items: int


@dataclass(frozen=True)
class Changes:
    """The change requests of a project, and what the approved ones cost, by currency: `costed` of `approved` say so.

    One that costs nothing, or less, draws nothing.
    """

    requests: tuple[Request, ...] = ()
    approved: int = 0
    costed: int = 0
    drawn: Mapping[str, Fraction] = field(default_factory=dict)


def _attribute(name: str, column: str) -> Any:
    table = named(ItemAttribute, f"change_{name}")
    own = (table.item_id == V.item_id, table.name == name)
    return select(getattr(table, column)).where(*own).correlate(V).scalar_subquery()


def is_approved(item_id: Any) -> ColumnElement[bool]:
    """That the change request of that id says of its state that it is approved, or carried out already."""
    state = named(ItemAttribute, "change_state")
    said = (state.item_id == item_id, state.name == "change_state", func.lower(state.text).in_(APPROVED))
    return exists().where(*said).correlate_except(state)


def _said_on() -> ColumnElement[date | None]:
    return func.coalesce(_attribute("approved_on", "day"), _attribute("decided_on", "day"))


def approved_by(day: date) -> ColumnElement[bool]:
    """The condition on a state for a change request that was approved by the end of the day."""
    since = func.coalesce(_said_on(), V.finished_on, V.valid_from)
    return and_(V.kind == KIND, is_approved(V.item_id), since <= day)


def approved_ids(day: date, project_ids: Collection[int] | None) -> Select[Any]:
    """The ids of the approved change requests."""
    return standing(select(V.item_id), day, project_ids).where(approved_by(day))


def changes(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Changes]:
    """The change requests of each project that has any."""
    ended = case((V.category.in_(("done", "cancelled")), V.finished_on))
    each = standing(
        select(V.project_id, V.created_on, func.coalesce(_said_on(), ended).label("decided_on")), as_of, project_ids
    )
    rows = each.where(V.kind == KIND).subquery()
    columns = (rows.c.project_id, rows.c.created_on, rows.c.decided_on)
    requests: dict[int, list[Request]] = defaultdict(list)
    for project_id, asked_on, decided_on, items in connection.execute(
        select(*columns, func.count()).group_by(*columns)
    ):
        known = decided_on if decided_on is not None and decided_on <= as_of else None
        requests[project_id].append(Request(asked_on, known, items))
    approved: dict[int, int] = defaultdict(int)
    costed: dict[int, int] = defaultdict(int)
    drawn: dict[int, dict[str, Fraction]] = defaultdict(dict)
    for project_id, currency, items, known, amount in connection.execute(_drawn(as_of, project_ids)):
        approved[project_id] += items
        costed[project_id] += known
        if amount:
            drawn[project_id][currency] = Fraction(amount)
    return {
        ident: Changes(tuple(found), approved[ident], costed[ident], drawn.get(ident, {}))
        for ident, found in requests.items()
    }


def _drawn(as_of: date, project_ids: Collection[int] | None) -> Any:
    """How many were approved, how many of them have a cost, and what these cost, by project and currency."""
    cost = named(ItemAttribute, "delta_cost")
    columns = (V.project_id, cost.currency)
    spent = func.sum(cost.number).filter(cost.number > 0)
    statement = standing(select(*columns, func.count(), func.count(cost.number), spent), as_of, project_ids)
    return (
        statement.outerjoin(cost, and_(cost.item_id == V.item_id, cost.name == "delta_cost"))
        .where(approved_by(as_of))
        .group_by(*columns)
    )
