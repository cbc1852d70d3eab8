"""From which day on something holds, as a form says it: today or later, or a past day that is meant as a correction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from portfolio.capacity.errors import CapacityError
from webapp.tables import read_day


def read_since(form: Mapping[str, str], today: date) -> date:
    """The day typed (`since`); today where none was. Raises `CapacityError` for what is no day, and for a past day
    without the tick (`correction`) that it is meant."""
    since = read_day(form, "since") if form.get("since", "").strip() else today
    if since is None:
        raise CapacityError("A day is written 2026-03-14.")
    if asked := unmeant(form, since, today):
        raise CapacityError(f"{asked} Or let it hold from today on.")
    return since


def unmeant(form: Mapping[str, str], since: date | None, today: date) -> str | None:
    """What is asked of whoever would correct the past from a day on (None: never) without the tick that it is meant."""
    if since is None or since >= today or form.get("correction"):
        return None
    return f"{since} is past: that would correct the past. Say that you mean it."
