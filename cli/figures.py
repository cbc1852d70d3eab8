"""What the commands about figures share: which scope a code names, which day is meant, and how a value is read."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from cli.exits import CommandError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from portfolio.figures.keep import Scope

ALL = "all"


def scope_of(store: Connection, code: str) -> Scope:
    """The project, program or portfolio of that code, in this order; "all" is all. Raises `CommandError`."""
    from sqlalchemy import select

    from portfolio.model.structure import Portfolio, Program, Project

    if code == ALL:
        return ALL, 0
    for kind, model in (("project", Project), ("program", Program), ("portfolio", Portfolio)):
        ident = store.scalar(select(model.id).where(model.code == code))
        if ident is not None:
            return kind, ident
    raise CommandError(f"there is no project, program or portfolio with the code {code!r}.")


def read_out(value: float | None, unit: str) -> str | float | None:
    """A value as people read it: a date is kept as its number, and says nothing as such."""
    if value is None or unit != "date":
        return value
    return date.fromordinal(int(value)).isoformat()


def unit_of(unit: str, currency: str | None) -> str:
    """What a value is read in: money in its currency. An index of two amounts is none, though they have one."""
    return currency if currency and unit == "money" else unit


def day_of(store: Connection, asked: datetime | None) -> date:
    """The day that is asked about, the last one computed where none is. Raises `CommandError`."""
    from webapp.queries.readings import newest_day

    last = newest_day(store)
    if last is None:
        raise CommandError("no figures were computed yet. Run `sightline sync` first.")
    if asked is not None and asked.date() > last:
        raise CommandError(f"figures are computed up to {last}.")
    return asked.date() if asked is not None else last
