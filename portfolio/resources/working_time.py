"""How the organisation works, from which day on, where nothing else is said of a person."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from portfolio.dated import History, history
from portfolio.model import resources as model


class WorkingTime(NamedTuple):
    """Minutes of a working day, Monday to Friday, where the organisation has no calendar of its own; and how much of
    everybody's day meetings and support take."""

    minutes_per_day: int = 480
    overhead_percent: int = 20


def read_working_time(connection: Connection) -> History[WorkingTime]:
    """What holds from which day on."""
    it = model.WorkingTime
    rows = connection.execute(select(it.valid_from, it.minutes_per_day, it.overhead_percent))
    return history(((since, WorkingTime(*values)) for since, *values in rows), WorkingTime())
