"""A plan without a project."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from portfolio.resources.load import Bookings
from portfolio.resources.plan import Plan, Rows, Unplanned
from portfolio.resources.rows import take

Columns = TypeVar("Columns", Bookings, Unplanned)


def dropped(plan: Plan, project: int) -> Plan:
    """The plan without the work and the bookings of a project. An item that is in other projects, too, is done for
    those, with all its hours."""

    def without(columns: Columns) -> Columns:
        return take(columns, columns.project != project)

    return replace(
        plan,
        rows=_without(plan.rows, project),
        hard=without(plan.hard),
        soft=without(plan.soft),
        no_estimate=without(plan.no_estimate),
        no_date=without(plan.no_date),
        nothing_left=without(plan.nothing_left),
    )


def _without(rows: Rows, project: int) -> Rows:
    stays = rows.work.project != project
    some = np.flatnonzero(np.isin(rows.item, rows.item[~stays]))
    _, item = np.unique(rows.item[some], return_inverse=True)
    count, stay = np.bincount(item), np.bincount(item[stays[some]], minlength=item.max(initial=-1) + 1)
    times = np.ones(len(rows.item))
    # All rows of an item have the same share of it.
    times[some] = count[item] / np.maximum(stay[item], 1)
    rest, times = rows.some(stays), times[stays]
    work = rest.work._replace(hours=rest.work.hours * times)
    return rest._replace(work=work, low=rest.low * times, high=rest.high * times)
