"""Which fields an item should have filled by what it is, and how many are.

Only open items: what is done is seldom filled in afterwards. Parents and attributes keep no history: this is of the
present, whatever the day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import reduce
from operator import add
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, case, exists, func, or_, select

from portfolio.facts.states import I, V, at, is_open
from portfolio.model.mapping import ItemAttribute

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "story": ("assignee", "estimate", "due", "parent"),
    "task": ("assignee", "due"),
    "bug": ("assignee", "severity"),
    "milestone": ("due",),
    "risk": ("owner", "probability", "impact", "response"),
    "issue": ("owner", "due"),
    "action": ("owner", "due"),
    "change_request": ("owner",),
    "deliverable": ("owner", "due"),
}
"""By kind of item. A kind that is not here has no required field."""


class Filled(NamedTuple):
    """Of `items` open items with required fields, `whole` have all of them; of the `required` fields `filled` are."""

    items: int = 0
    whole: int = 0
    required: int = 0
    filled: int = 0


def _said(*names: str) -> ColumnElement[bool]:
    told = exists().where(ItemAttribute.item_id == V.item_id, ItemAttribute.name.in_(names))
    return told.correlate(V)


def has(field: str) -> ColumnElement[bool]:
    """The condition on V and I that a required field is filled."""
    match field:
        case "assignee":
            return V.assignee_id.is_not(None)
        case "owner":
            return or_(V.assignee_id.is_not(None), _said("owner"))
        case "estimate":
            return func.coalesce(V.estimate_s, 0) > 0
        case "due":
            return V.due.is_not(None)
        case "parent":
            return or_(I.parent_id.is_not(None), I.parent_external_id.is_not(None))
        case "impact":
            return _said("impact_cost", "impact_days", "impact_score")
        case _:
            return _said(field)


FIELDS = tuple(dict.fromkeys(field for fields in REQUIRED.values() for field in fields))
"""Every field that any kind requires."""


def lacks(field: str) -> ColumnElement[bool]:
    """The condition on V and I that the item's kind requires the field, and it is empty."""
    kinds = [kind for kind, fields in REQUIRED.items() if field in fields]
    return V.kind.in_(kinds) & ~has(field)


def _missing(fields: Collection[str]) -> ColumnElement[int]:
    """How many of the fields are empty."""
    return reduce(add, (case((has(field), 0), else_=1) for field in fields))


def required(connection: Connection, as_of: date, project_ids: Collection[int] | None = None) -> dict[int, Filled]:
    """How much of what is required is filled, by project; projects without such items are left out."""
    asked = case({kind: len(fields) for kind, fields in REQUIRED.items()}, value=V.kind, else_=0)
    # A case for each kind, so that attributes are looked up for those items only whose kind asks for them.
    empty = case(*((V.kind == kind, _missing(fields)) for kind, fields in REQUIRED.items()), else_=0)
    each = at(select(V.project_id, asked.label("asked"), empty.label("empty")), as_of, project_ids)
    each_item = each.where(is_open(), V.kind.in_(tuple(REQUIRED))).subquery()
    whole = func.count().filter(each_item.c.empty == 0)
    total, missing = func.sum(each_item.c.asked), func.sum(each_item.c.empty)
    query = select(each_item.c.project_id, func.count(), whole, total, missing).group_by(each_item.c.project_id)
    return {
        project_id: Filled(items, complete, int(fields), int(fields) - int(lacking))
        for project_id, items, complete, fields, lacking in connection.execute(query)
    }
