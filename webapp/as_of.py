"""As of which day a page shows figures: the last one computed, or an earlier one that its address asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import request
from sqlalchemy import Connection

from webapp import here
from webapp.queries.readings import RolledUp, newest_roll_up
from webapp.tables import read_day


@dataclass(frozen=True)
class AsOf:
    """`figures` is the day whose figures are shown, None where none were ever computed; `day` is that day, or today.

    `past`: the address asks for a day before the last one. `computed_at` is when the last day was computed.
    """

    day: date
    figures: date | None
    computed_at: datetime | None
    past: bool

    @property
    def text(self) -> str | None:
        """What stands in addresses of the same day; None for the last one, which needs no saying."""
        return self.day.isoformat() if self.past else None


def as_of(connection: Connection) -> AsOf:
    """The day this request asks for with `as_of`; one that is not over yet, or no day at all, means the last one."""
    return asked(newest_roll_up(connection))


def asked(last: RolledUp | None) -> AsOf:
    """`as_of`, where it is known already of which day the last figures are."""
    day = read_day(request.args, "as_of")
    if last is None:
        return AsOf(here.today(), None, None, past=False)
    if day is None or day >= last.as_of:
        return AsOf(last.as_of, last.as_of, last.computed_at, past=False)
    return AsOf(day, day, last.computed_at, past=True)
