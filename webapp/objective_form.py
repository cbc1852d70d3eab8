"""The forms of an objective and of what serves it, read to their end: each field that cannot be read is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from portfolio.faults import EntryError, Fault, Faults
from portfolio.objectives.links import MOST_STRENGTH
from portfolio.objectives.wish import GOING_ON, Kept, Wish
from webapp.booking_form import read_number
from webapp.tables import read_day, read_id

NUMBERS = ("weight", "metric_target", "metric_current")
TEXTS = ("code", "title", "period", "metric_name")
FIELDS = (*TEXTS, *NUMBERS, "parent", "status")


def read_objective(form: Mapping[str, str], before: Kept | None) -> tuple[Wish, Faults]:
    """The objective that was typed, and what of it could not be read. What a form does not have stays as it was: of a
    goal its title and status."""
    faults = Faults()
    told = {name: " ".join(form.get(name, "").split()) for name in TEXTS}
    wish = Wish(
        code=told["code"] or None,
        title=told["title"] if "title" in form or before is None else before.wish.title,
        period=told["period"].upper() or None,
        metric_name=told["metric_name"] or None,
        parent_id=faults.reading(lambda: _parent(form), None),
        status=form["status"] or None if "status" in form else GOING_ON[0] if before is None else before.wish.status,
        **{name: _number(form, name, faults) for name in NUMBERS},
    )
    return wish, faults


def _number(form: Mapping[str, str], name: str, faults: Faults) -> Decimal | None:
    return faults.reading(lambda: read_number(form, name), None) if form.get(name, "").strip() else None


def _parent(form: Mapping[str, str]) -> int | None:
    parent_id = read_id(form, "parent")
    if parent_id is None and form.get("parent", ""):
        raise EntryError(Fault("parent", "Choose an objective of the list."))
    return parent_id


def typed_of(wish: Wish) -> dict[str, str]:
    """The fields of the form as they are for an objective."""
    numbers = {name: getattr(wish, name) for name in NUMBERS}
    told = {name: getattr(wish, name) or "" for name in (*TEXTS, "status")}
    told |= {name: "" if it is None else f"{it.normalize():f}" for name, it in numbers.items()}
    return told | {"parent": str(wish.parent_id or "")}


def read_strength(form: Mapping[str, str]) -> int:
    """The strength that was chosen. Raises `EntryError`."""
    strength = read_id(form, "strength")
    if strength is None or strength > MOST_STRENGTH:
        raise EntryError(Fault("strength", "Choose how strongly it serves the objective."))
    return strength


def read_since(form: Mapping[str, str], today: date) -> date:
    """The day from which it holds; today for none. Raises `EntryError`."""
    day = read_day(form, "since") if form.get("since", "").strip() else today
    if day is None:
        raise EntryError(Fault("since", "Give a day, written 2026-03-14."))
    return day
