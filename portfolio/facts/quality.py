"""What is wrong with the data of an item, so that somebody should mend it in the tracker. Of the present only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_

from portfolio.facts.mapped import is_unmapped
from portfolio.facts.required import FIELDS, lacks
from portfolio.facts.states import I, V, is_leaf

FAULTS = (*(f"no_{field}" for field in FIELDS), "dates_crossed", "overdue", "stale", "unmapped")
"""Every fault there is. `no_...`: the item's kind requires the field, and it is empty."""


def faults(day: date, stale_before: datetime) -> Mapping[str, ColumnElement[bool]]:
    """By name, what holds of V and I for the open items that have the fault on the day.

    overdue: due before the day, so to be planned anew or closed. stale: in progress, and not touched since
    `stale_before`. unmapped: its status or type is a word that the mapping does not know.
    """
    return {f"no_{field}": lacks(field) for field in FIELDS} | {
        "dates_crossed": and_(V.start.is_not(None), V.due.is_not(None), V.due < V.start),
        "overdue": and_(V.due.is_not(None), V.due < day),
        "stale": and_(V.category == "in_progress", is_leaf(day), I.updated_at < stale_before),
        "unmapped": is_unmapped(I),
    }
