"""How the organisation works where nothing else is said of a person: told from a day on, in the caller's transaction.

`now` carries the portfolio's time zone.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, delete, insert

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.capacity.errors import CapacityError
from portfolio.capacity.past import corrected
from portfolio.dated import History, first_difference, on, said, spans, taken_back
from portfolio.model import resources as model
from portfolio.resources.working_time import WorkingTime, read_working_time
from portfolio.store.locks import Lock, exclusive

BOUNDS = {"minutes_per_day": (1, 1440), "overhead_percent": (0, 90)}
SUBJECT = Subject("working_time")
CHANGED = "working_time.changed"


def tell_working_time(store: Connection, it: WorkingTime, since: date, now: datetime, by: Actor) -> bool:
    """Say how the organisation works from a day on, up to the next change that is entered; what was before stays. A day
    that is past is a correction. Whether anything was different. Raises `CapacityError`."""
    exclusive(store, Lock.PEOPLE)
    if any(not least <= getattr(it, name) <= most for name, (least, most) in BOUNDS.items()):
        raise CapacityError("A working day has 1 to 1440 minutes, of which meetings take 0 to 90 per cent.")
    before = read_working_time(store)
    return _keep(store, before, said(before, since, it), now, by)


def take_back_working_time(store: Connection, since: date, now: datetime, by: Actor) -> bool:
    """Take the change of a day back: what was before it goes on. As `tell_working_time`."""
    exclusive(store, Lock.PEOPLE)
    before = read_working_time(store)
    return _keep(store, before, taken_back(before, since), now, by)


def _keep(
    store: Connection, before: History[WorkingTime], after: History[WorkingTime], now: datetime, by: Actor
) -> bool:
    since = first_difference(before, after)
    if since is None:
        return False
    store.execute(delete(model.WorkingTime))
    rows = [it.value._asdict() | {"valid_from": it.since, "valid_to": it.until} for it in spans(after)]
    store.execute(insert(model.WorkingTime), rows)
    old, new = on(before, since)._asdict(), on(after, since)._asdict()
    differ = [name for name in new if old[name] != new[name]]
    told: dict[str, object] = {name: new[name] for name in differ} | {"since": since.isoformat()}
    told |= {} if corrected(store, [since], now) is None else {"correction": True}
    append(store, now, by, CHANGED, SUBJECT, old={name: old[name] for name in differ}, new=told)
    return True
