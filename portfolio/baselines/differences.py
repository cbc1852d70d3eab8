"""How one plan differs from another: what was added, removed, moved, or estimated anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, func, literal, null, or_, select, union_all

from portfolio.baselines.snapshot import items_of, items_on
from portfolio.model.work import WorkItem

MOST = 500


@dataclass(frozen=True)
class Change:
    """One item that differs. `before` and `after` are empty where it was added or removed. Estimates are in seconds."""

    key: str
    title: str
    url: str
    what: tuple[str, ...]
    start_before: date | None
    finish_before: date | None
    estimate_before: int | None
    start: date | None
    finish: date | None
    estimate: int | None


@dataclass(frozen=True)
class Differences:
    """At most `MOST` changes of `total`, in the order of their keys."""

    changes: tuple[Change, ...]
    total: int

    def count(self, what: str) -> int:
        """How many of the changes shown are of that kind: added, removed, moved, re-estimated."""
        return sum(what in change.what for change in self.changes)


def since(store: Connection, baseline_id: int, project_id: int, today: date) -> Differences:
    """What the plan of today has otherwise than a baseline."""
    return _between(store, items_of(baseline_id), items_on(project_id, today))


def between(store: Connection, baseline_id: int, later_id: int) -> Differences:
    """What a later baseline has otherwise than an earlier one."""
    return _between(store, items_of(baseline_id), items_of(later_id))


_FIELDS = ("start", "finish", "estimate_s")


def _between(store: Connection, before: Select[Any], after: Select[Any]) -> Differences:
    old, new = before.subquery("old"), after.subquery("new")
    nothing = tuple(null().label(name) for name in _FIELDS)
    was, now = (tuple(table.c[name] for name in _FIELDS) for table in (old, new))
    differs = or_(*(left.is_distinct_from(right) for left, right in zip(was, now, strict=True)))
    both = select(old.c.item_id, literal("changed").label("what"), *was, *now).join(new, new.c.item_id == old.c.item_id)
    lost = select(old.c.item_id, literal("removed"), *was, *nothing).outerjoin(new, new.c.item_id == old.c.item_id)
    came = select(new.c.item_id, literal("added"), *nothing, *now).outerjoin(old, old.c.item_id == new.c.item_id)
    rows = union_all(
        both.where(differs), lost.where(new.c.item_id.is_(None)), came.where(old.c.item_id.is_(None))
    ).subquery()
    total = store.execute(select(func.count()).select_from(rows)).scalar_one()
    named = select(WorkItem.key, WorkItem.title, WorkItem.url, *rows.c).join(rows, rows.c.item_id == WorkItem.id)
    found = store.execute(named.order_by(WorkItem.key, WorkItem.id).limit(MOST))
    return Differences(tuple(_change(*row) for row in found), total)


def _change(key: str, title: str, url: str, _: int, what: str, *values: Any) -> Change:
    was, now = values[:3], values[3:]
    kinds = [what]
    if what == "changed":
        kinds = ["moved"] if was[:2] != now[:2] else []
        kinds += ["re-estimated"] if was[2] != now[2] else []
    return Change(key, title, url, tuple(kinds), *was, *now)
