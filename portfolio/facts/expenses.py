"""What projects have spent beside work by the end of a day: expenses entered here, and items of trackers that are some.

An item labelled `expense` with a cost is an expense: spent on the day it was done, planned until then. Its label, its
cost and what vouches for it keep no history: they are the present ones on every day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, select

from portfolio.facts.over_days import over_days, position
from portfolio.facts.states import V, within
from portfolio.model.finance import Expense
from portfolio.model.mapping import ItemAttribute
from portfolio.model.named import named
from portfolio.model.work import WorkItem

LABEL = "expense"
_COST = named(ItemAttribute, "cost")
_VOUCHER = named(ItemAttribute, "voucher")


@dataclass(frozen=True)
class Spent:
    """`amounts` by currency, `expenses` in number; `vouched` of them have a receipt and somebody's approval."""

    amounts: Mapping[str, Fraction] = field(default_factory=dict)
    expenses: int = 0
    vouched: int = 0


@over_days
def expenses(
    connection: Connection, days: Sequence[date], project_ids: Collection[int] | None
) -> Mapping[date, Mapping[int, Spent]]:
    """What was really spent, by project."""
    statements = (_entered(days, project_ids), _of_trackers(days, project_ids))
    rows = [row for statement in statements for row in connection.execute(statement)]
    return {day: _together(row for row in rows if row.since <= at < row.until) for at, day in enumerate(days)}


def _together(rows: Iterable[Any]) -> dict[int, Spent]:
    amounts: dict[int, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    counted: dict[int, int] = defaultdict(int)
    vouched: dict[int, int] = defaultdict(int)
    for project_id, currency, _, _, amount, number, proper in rows:
        amounts[project_id][currency] += Fraction(amount)
        counted[project_id] += number
        vouched[project_id] += proper
    return {ident: Spent(dict(found), counted[ident], vouched[ident]) for ident, found in amounts.items()}


def _sums(amount: Any, proper: ColumnElement[bool]) -> tuple[ColumnElement[Any], ...]:
    return func.sum(amount), func.count(), func.count().filter(proper)


def _entered(days: Sequence[date], project_ids: Collection[int] | None) -> Any:
    proper = and_(Expense.receipt.is_not(None), Expense.approved_by.is_not(None))
    since, until = position(Expense.spent_on, days).label("since"), literal(len(days)).label("until")
    columns = (Expense.project_id, Expense.currency, since, until)
    statement = select(*columns, *_sums(Expense.amount, proper)).where(
        Expense.state == "actual", Expense.spent_on <= days[-1]
    )
    if project_ids is not None:
        statement = statement.where(Expense.project_id.in_(project_ids))
    return statement.group_by(Expense.project_id, Expense.currency, since)


def _of_trackers(days: Sequence[date], project_ids: Collection[int] | None) -> Any:
    def has(name: str) -> ColumnElement[bool]:
        found = select(literal(1)).where(_VOUCHER.item_id == V.item_id, _VOUCHER.name == name)
        return found.correlate(V).exists()

    proper = and_(has("evidence"), has("approver"))
    since, until = position(V.valid_from, days).label("since"), position(V.valid_to, days).label("until")
    columns = (V.project_id, _COST.currency, since, until)
    # From a list of their own, so that not the item of each state need be looked up.
    labelled = select(WorkItem.id).where(("," + func.lower(WorkItem.labels) + ",").contains(f",{LABEL},"))
    sums = select(*columns, *_sums(_COST.number, proper)).select_from(V)
    return (
        within(sums, days[0], days[-1], project_ids)
        .join(_COST, and_(_COST.item_id == V.item_id, _COST.name == "cost"))
        .where(V.category == "done", V.finished_on.is_not(None), V.item_id.in_(labelled), _COST.number.is_not(None))
        .group_by(*columns)
    )
