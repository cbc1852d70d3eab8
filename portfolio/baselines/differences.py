"""How one plan differs from another: what was added, removed, moved, or estimated anew.

Anew is an estimate in the unit that both plans have; plans of two units are compared in hours, which every plan keeps.
That a plan is counted in another unit makes no item another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, func, literal, null, or_, select, union_all

from portfolio.baselines.snapshot import items_of, items_on
from portfolio.facts.units import HOURS, POINTS
from portfolio.model.work import Baseline, WorkItem

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
    points_before: float | None
    start: date | None
    finish: date | None
    estimate: int | None
    points: float | None


@dataclass(frozen=True)
class Differences:
    """At most `MOST` changes of `total`, in the order of their keys. `unit` is that in which estimates were
    compared."""

    changes: tuple[Change, ...]
    total: int
    unit: str = HOURS

    def count(self, what: str) -> int:
        """How many of the changes shown are of that kind: added, removed, moved, re-estimated."""
        return sum(what in change.what for change in self.changes)


def since(store: Connection, baseline_id: int, project_id: int, today: date) -> Differences:
    """What the plan of today has otherwise than a baseline."""
    return _between(store, items_of(baseline_id), items_on(project_id, today), *_units(store, baseline_id))


def between(store: Connection, baseline_id: int, later_id: int) -> Differences:
    """What a later baseline has otherwise than an earlier one."""
    units = _units(store, baseline_id, later_id)
    return _between(store, items_of(baseline_id), items_of(later_id), *units)


_FIELDS = ("start", "finish", "estimate_s", "points")
_COMPARED = {HOURS: _FIELDS[:3], POINTS: ("start", "finish", "points")}
"""What differs in a plan of that unit; of items only dates do."""


def _units(store: Connection, *baseline_ids: int) -> set[str]:
    return set(store.scalars(select(Baseline.unit).where(Baseline.id.in_(baseline_ids))))


def _between(store: Connection, before: Select[Any], after: Select[Any], *units: str) -> Differences:
    unit = units[0] if len(units) == 1 else HOURS
    compared = _COMPARED.get(unit, _FIELDS[:2])
    old, new = before.subquery("old"), after.subquery("new")
    nothing = tuple(null().label(name) for name in _FIELDS)
    was, now = (tuple(table.c[name] for name in _FIELDS) for table in (old, new))
    differs = or_(*(old.c[name].is_distinct_from(new.c[name]) for name in compared))
    both = select(old.c.item_id, literal("changed").label("what"), *was, *now).join(new, new.c.item_id == old.c.item_id)
    lost = select(old.c.item_id, literal("removed"), *was, *nothing).outerjoin(new, new.c.item_id == old.c.item_id)
    came = select(new.c.item_id, literal("added"), *nothing, *now).outerjoin(old, old.c.item_id == new.c.item_id)
    rows = union_all(
        both.where(differs), lost.where(new.c.item_id.is_(None)), came.where(old.c.item_id.is_(None))
    ).subquery()
    total = store.execute(select(func.count()).select_from(rows)).scalar_one()
    named = select(WorkItem.key, WorkItem.title, WorkItem.url, *rows.c).join(rows, rows.c.item_id == WorkItem.id)
    found = store.execute(named.order_by(WorkItem.key, WorkItem.id).limit(MOST))
    return Differences(tuple(_change(compared, *row) for row in found), total, unit)


def _change(compared: tuple[str, ...], key: str, title: str, url: str, _: int, what: str, *values: Any) -> Change:
    was, now = values[: len(_FIELDS)], values[len(_FIELDS) :]
    size = [_FIELDS.index(name) for name in compared[2:]]
    kinds = [what]
    if what == "changed":
        kinds = ["moved"] if was[:2] != now[:2] else []
        kinds += ["re-estimated"] if any(was[at] != now[at] for at in size) else []
    return Change(key, title, url, tuple(kinds), *was, *now)
