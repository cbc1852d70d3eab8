"""A plan with somebody more in it: places of carriers move up, the rest stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from portfolio.resources.capacity import Pattern
from portfolio.resources.load import Bookings, Work
from portfolio.resources.plan import Plan, Rows

Columns = TypeVar("Columns", Work, Bookings)


def together(some: Columns, more: Columns) -> Columns:
    """The rows of both."""
    return type(some)(*(np.concatenate(pair) for pair in zip(some, more, strict=True)))


def joined(rows: Rows, more: Rows) -> Rows:
    """The rows of both."""
    item, running, low, high = (
        np.concatenate([getattr(rows, name), getattr(more, name)]) for name in ("item", "running", "low", "high")
    )
    return Rows(item, running, together(rows.work, more.work), low, high)


def with_person(plan: Plan, number: int, pattern: Pattern, since: int, until: int | None, factor: float) -> Plan:
    """The plan with one person more, after all others: `number` is larger than every id. They work from `since` up to,
    not including, `until` (None: for good), `factor` of the hours of the pattern."""
    place = len(plan.persons)
    ends = plan.capacity.last + 1 if until is None else until
    return replace(
        plan.with_carriers(plan.carriers + (plan.carriers >= place)),
        persons=np.append(plan.persons, number),
        capacity=plan.capacity.joined(place, pattern, since, ends, factor),
    )


def with_role(plan: Plan, role: str, pattern: Pattern) -> Plan:
    """The plan with a role that nobody was named for among its carriers, whether it was or not."""
    if role in plan.roles:
        return plan
    it = plan.capacity
    capacity = it.joined(it.count, pattern, it.first, it.last + 1, 1.0)
    return replace(plan, roles=(*plan.roles, role), capacity=capacity)
