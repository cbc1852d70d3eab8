"""Expenses that are entered here, beside those that trackers hold as items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor
from portfolio.figures.due import past_changed
from portfolio.model.finance import Expense
from portfolio.model.structure import Project
from portfolio.money.rows import Line, MoneyFileError, fault_of, lines_of
from portfolio.overlay.text import LONGEST, OverlayError
from portfolio.store.locks import Lock, exclusive

KINDS = ("licence", "travel", "hardware", "subcontract", "other")
STATES = ("planned", "committed", "actual")


class Listed(NamedTuple):
    """An expense as people read it."""

    code: str
    spent_on: date
    amount: Decimal
    currency: str
    kind: str
    state: str
    receipt: str | None
    approved_by: str | None


def take_in(
    store: Connection, content: str, bare: Callable[[str], str], now: datetime, name: str, by: Actor
) -> tuple[int, int]:
    """Take in a file of expenses, in the caller's transaction; returns how many are new, and how many were there.

    Columns: code, date, amount, currency, and perhaps kind, state, receipt, approved_by. A row that is there already,
    the same in all of these, is not entered twice. Raises `MoneyFileError`; then the transaction must not be committed.
    """
    exclusive(store, Lock.STRUCTURE)
    lines = lines_of(content, ("code", "date", "amount", "currency"), bare)
    projects = {code: ident for ident, code in store.execute(select(Project.id, Project.code))}
    found, faults = [], []
    for line in lines:
        try:
            found.append(_read(line, projects))
        except OverlayError as error:
            faults.append(fault_of(line, error))
    if faults:
        raise MoneyFileError(tuple(faults))
    columns = [getattr(Expense, key) for key in (found[0] if found else {})]
    there = {tuple(row) for row in store.execute(select(*columns))} if columns else set()
    fresh = [row for row in found if tuple(row.values()) not in there]
    if fresh:
        store.execute(insert(Expense), [row | {"entered_by": name, "entered_at": now} for row in fresh])
        past = sorted((row for row in fresh if row["spent_on"] < now.date()), key=lambda row: row["spent_on"])
        past_changed(store, {row["project_id"]: row["spent_on"] for row in reversed(past)})
    append(store, now, by, "expenses.imported", new={"rows": len(found), "added": len(fresh)})
    return len(fresh), len(found) - len(fresh)


def _read(line: Line, projects: dict[str, int]) -> dict[str, Any]:
    project_id, spent_on = projects.get(line.text("code")), line.day("date")
    kind, state = line.text("kind") or "other", line.text("state") or "actual"
    if project_id is None:
        raise OverlayError("code", "There is no project of that code.")
    if spent_on is None:
        raise OverlayError("date", "Say on which day it was spent.")
    if kind not in KINDS:
        raise OverlayError("kind", f"There is no such kind. There are: {', '.join(KINDS)}.")
    if state not in STATES:
        raise OverlayError("state", f"There is no such state. There are: {', '.join(STATES)}.")
    amount, currency = line.amount()
    return {
        "project_id": project_id,
        "spent_on": spent_on,
        "amount": amount,
        "currency": currency,
        "kind": kind,
        "state": state,
        "receipt": line.text("receipt")[:LONGEST] or None,
        "approved_by": line.text("approved_by")[:LONGEST] or None,
    }


def listed(store: Connection, project_id: int | None = None) -> tuple[Listed, ...]:
    """The expenses that were entered, of one project or all, by day."""
    query = select(
        Project.code,
        Expense.spent_on,
        Expense.amount,
        Expense.currency,
        Expense.kind,
        Expense.state,
        Expense.receipt,
        Expense.approved_by,
    ).join(Project, Project.id == Expense.project_id)
    if project_id is not None:
        query = query.where(Expense.project_id == project_id)
    return tuple(Listed(*row) for row in store.execute(query.order_by(Expense.spent_on, Expense.id)))
