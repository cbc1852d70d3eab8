"""A tracker's project -> what it tells of the overlay fields. Pure."""

from __future__ import annotations

from datetime import date

from portfolio.overlay.text import Value
from portfolio.overlay.values import Values
from sync.mapping.projects import ProjectValues


def told_of(values: ProjectValues, lead_id: int | None) -> Values:
    """What a tracker says of a project's overlay fields without being asked: its dates, and its lead (a person)."""
    lead = None if lead_id is None else Value(person_id=lead_id)
    return {"manager": lead, "start": _day(values.start), "due": _day(values.due)}


def _day(day: date | None) -> Value | None:
    return None if day is None else Value(day.isoformat())
