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
    if since < today and not form.get("correction"):
        raise CapacityError(
            f"{since} is past: that would correct the past. Say that you mean it, or let it hold from today on."
        )
    return since
