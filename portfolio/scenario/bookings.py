"""Bookings of a plan: one more, or proposed ones made firm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from portfolio.resources.load import Bookings
from portfolio.resources.plan import Plan
from portfolio.resources.rows import take
from portfolio.scenario.columns import together
from portfolio.scenario.operations import AddAllocation


def add_booking(plan: Plan, it: AddAllocation, carrier: int, project: int, first: int, last: int) -> Plan:
    """The plan with one booking more."""
    one = np.array([carrier], np.int64)
    where, begins, ends = (np.full_like(one, number) for number in (project, first, last))
    amounts = ((it.percent or 0) / 100, it.hours_per_day or 0, it.total_hours or 0)
    fresh = Bookings(one, where, begins, ends, *(np.array([amount], np.float64) for amount in amounts))
    if it.kind == "hard":
        return replace(plan, hard=together(plan.hard, fresh))
    return replace(plan, soft=together(plan.soft, fresh))


def converted(plan: Plan, chosen: NDArray[np.bool_]) -> Plan:
    """The plan with these of the proposed bookings firm."""
    return replace(plan, hard=together(plan.hard, take(plan.soft, chosen)), soft=take(plan.soft, ~chosen))
