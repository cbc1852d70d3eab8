"""What projects have spent beside work by the end of a day: expenses entered here, and items of trackers that are some.

An item labelled `expense` with a cost is an expense: spent on the day it was done, planned until then. Its label, its
cost and what vouches for it keep no history: they are the present ones on every day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, select

from portfolio.facts.states import I, V, at
from portfolio.model.finance import Expense
from portfolio.model.mapping import ItemAttribute
from portfolio.model.named import named

LABEL = "expense"
_COST = named(ItemAttribute, "cost")
_VOUCHER = named(ItemAttribute, "voucher")


@dataclass(frozen=True)
class Spent:
    """`amounts` by currency, `expenses` in number; `vouched` of them have a receipt and somebody's approval."""

    amounts: Mapping[str, Fraction] = field(default_factory=dict)
    expenses: int = 0
    vouched: int = 0


def expenses(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Spent]:
    """What was really spent, by project."""
    amounts: dict[int, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    counted: dict[int, int] = defaultdict(int)
    vouched: dict[int, int] = defaultdict(int)
    for statement in (_entered(as_of, project_ids), _of_trackers(as_of, project_ids)):
        for project_id, currency, amount, number, proper in connection.execute(statement):
            amounts[project_id][currency] += Fraction(amount)
            counted[project_id] += number
            vouched[project_id] += proper
    return {ident: Spent(dict(found), counted[ident], vouched[ident]) for ident, found in amounts.items()}


def _sums(amount: Any, proper: ColumnElement[bool]) -> tuple[ColumnElement[Any], ...]:
    return func.sum(amount), func.count(), func.count().filter(proper)


def _entered(as_of: date, project_ids: Collection[int] | None) -> Any:
    proper = and_(Expense.receipt.is_not(None), Expense.approved_by.is_not(None))
    columns = (Expense.project_id, Expense.currency)
    statement = select(*columns, *_sums(Expense.amount, proper)).where(
        Expense.state == "actual", Expense.spent_on <= as_of
    )
    if project_ids is not None:
        statement = statement.where(Expense.project_id.in_(project_ids))
    return statement.group_by(*columns)


def _of_trackers(as_of: date, project_ids: Collection[int] | None) -> Any:
    def has(name: str) -> ColumnElement[bool]:
        found = select(literal(1)).where(_VOUCHER.item_id == V.item_id, _VOUCHER.name == name)
        return found.correlate(V).exists()

    proper = and_(has("evidence"), has("approver"))
    columns = (V.project_id, _COST.currency)
    labelled = ("," + func.lower(I.labels) + ",").contains(f",{LABEL},")
    statement = at(select(*columns, *_sums(_COST.number, proper)), as_of, project_ids)
    return (
        statement.join(_COST, and_(_COST.item_id == V.item_id, _COST.name == "cost"))
        .where(V.category == "done", V.finished_on.is_not(None), labelled, _COST.number.is_not(None))
        .group_by(*columns)
    )
