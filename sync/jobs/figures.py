"""Figures kept up with time: the day that ended, the days nobody was there for, and the past where it changed.

One process at a time does it; what one that died left, the next does. There is nothing to do the second time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, select

from portfolio.figures.days import missed
from portfolio.figures.due import all_due
from portfolio.figures.keep import computed
from portfolio.model.oversight import RollUp
from portfolio.store.engine import reading, writing
from sync.duty import Duty, on_duty

DUTY = "figures"
Told = Callable[[int, int], None]
"""How many days of the past are computed, and how many there are."""


def _silent(done: int, days: int) -> None:
    pass


def keep_figures(
    engine: Engine,
    clock: Callable[[], datetime],
    time_zone: str,
    *,
    stop: Callable[[], str | None] = lambda: None,
    told: Told = _silent,
) -> int:
    """Do what is due, until it is done or `stop` gives a reason; returns how many days of the past were computed.

    Does nothing before the first roll-up, nor while another process is at it.
    """
    zone = ZoneInfo(time_zone)

    def here() -> datetime:
        return clock().astimezone(zone)

    with reading(engine) as store:
        if not _anything(store, here()):
            return 0
    with on_duty(engine, DUTY, clock) as duty:
        if duty is None:
            return 0
        with writing(engine) as store:
            bring_to_today(store, here())
        return _past(engine, duty, here, stop, told)


def bring_to_today(store: Connection, now: datetime) -> None:
    """Close yesterday, if it was observed and not closed, and roll up today, if nobody has. `now` is local."""
    # Here as below: most days have nothing due, and KPIs and rules take long to load.
    from portfolio.figures.rollup import close_day, roll_up

    yesterday = now.date() - timedelta(days=1)
    if _open(store, yesterday, now):
        close_day(store, as_of=yesterday, now=now)
    if not computed(store, now.date()):
        roll_up(store, as_of=now.date(), now=now)


def _past(engine: Engine, duty: Duty, here: Callable[[], datetime], stop: Callable[[], str | None], told: Told) -> int:
    from portfolio.figures.restate import next_batch, write_batch

    done = 0
    while stop() is None:
        with reading(engine) as store:
            batch = next_batch(store, here())
        if batch is None:
            break
        with writing(engine) as store:
            duty.renew(store, here())
            write_batch(store, batch, here())
        done += len(batch.days)
        told(done, done + batch.days_left)
    return done


def _anything(store: Connection, now: datetime) -> bool:
    if store.scalar(select(RollUp.as_of).limit(1)) is None:
        return False
    today = now.date()
    unfinished = not computed(store, today) or _open(store, today - timedelta(days=1), now)
    return unfinished or bool(all_due(store, now)) or bool(missed(store, today))


def _open(store: Connection, day: date, now: datetime) -> bool:
    """Whether a day was observed and nobody has computed it since it ended."""
    last = store.scalar(select(RollUp.computed_at).where(RollUp.as_of == day))
    return last is not None and last.astimezone(now.tzinfo).date() <= day
