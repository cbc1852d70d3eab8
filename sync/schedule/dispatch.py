"""What there is to do for the connections, taking it up, and what becomes of it.

Whoever has a thread asks `wanted`, takes one thing with `take`, and has it done with `carry_out`, which never raises. A
connection that is being synced is left out, wherever that is: what it is due for stays due until the run has ended.
Nothing is lost with a process: what it took up and did not end is due again.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import ConnectorError
from portfolio.model.landing import Lease
from portfolio.store.engine import reading
from portfolio.store.errors import StoreError
from sync.errors import BusyError, SyncError
from sync.hooks import deliveries
from sync.jobs.deliver import deliver_job
from sync.jobs.means import Means
from sync.jobs.remap import remap_job
from sync.jobs.sync import sync_job
from sync.modes import Mode
from sync.run.lease import is_dead
from sync.run.runs import CANCELLED, RunSummary
from sync.schedule import requests, timetable
from sync.schedule.backoff import LONGEST, again_after
from sync.schedule.requests import Request
from sync.schedule.schedules import Due, due

log = logging.getLogger(__name__)

HAND, SCHEDULE = "hand", "schedule"


class Task(NamedTuple):
    """Something to do for one connection. NAMED is to fetch what deliveries name, REMAP to map anew what is landed.

    `answers` are the modes whose due times it answers, `attempts` how many came to nothing so far, `asked_by` the
    person who asked for it.
    """

    connection_id: int
    mode: Mode
    cause: str
    answers: tuple[Mode, ...] = ()
    attempts: int = 0
    asked_by: str = ""


class Wish(NamedTuple):
    """A task that nobody has taken up, and what it comes from; deliveries are taken by the task itself."""

    task: Task
    source: Request | Due | None


def wanted(engine: Engine, now: datetime) -> tuple[Wish, ...]:
    """What there is to do: what people asked for, then what trackers told of, then what is due."""
    with reading(engine) as store:
        asked = requests.waiting(store)
        planned = due(timetable.schedules_in_force(store), now)
        busy, resting = _busy(store, now), timetable.resting(store, now)
    told = [each for each in deliveries.waiting(engine, now) if each not in resting]
    wishes = [
        *(Wish(Task(each.connection_id, Mode(each.mode), HAND, asked_by=each.asked_by), each) for each in asked),
        *(Wish(Task(connection_id, Mode.NAMED, deliveries.CAUSE), None) for connection_id in told),
        *(Wish(_planned(each), each) for each in planned),
    ]
    return tuple(wish for wish in wishes if wish.task.connection_id not in busy)


def take(engine: Engine, wish: Wish, now: datetime) -> bool:
    """Take it up. False when somebody else was faster."""
    if isinstance(wish.source, Request):
        return requests.take(engine, wish.source)
    return wish.source is None or timetable.claim(engine, wish.source, now)


def carry_out(
    means: Means,
    task: Task,
    stop: Callable[[], str | None],
    call_helpers: Callable[[int, int], None] | None = None,
) -> bool:
    """Do it, and leave what came to nothing to be tried again, as far as that has a point. True if it went well.

    `stop` gives the reason why this process ends, if it does. What goes wrong is told by the run, else by the log.
    """
    problem: Exception | None = None
    summaries: tuple[RunSummary, ...] = ()
    try:
        summaries = _do(means, task, stop, call_helpers)
    except Exception as error:  # noqa: BLE001 - the thread goes on with other tasks
        problem = error
        _tell(task, error)
    last = summaries[-1] if summaries else None
    stopped = last is not None and last.state == CANCELLED and stop() is not None
    if last is not None and last.failure is not None:
        problem = last.failure
    wait = timedelta(0) if stopped else again_after(problem, task.attempts + 1) if problem is not None else None
    if wait is None and problem is not None and task.mode is Mode.NAMED:
        wait = LONGEST
    try:
        _settle(means, task, wait, unserved=stopped or isinstance(problem, BusyError))
    except (StoreError, SQLAlchemyError) as error:
        # It is thought of as lost, and due again soon.
        _tell(task, error)
    return problem is None and not stopped


def _do(
    means: Means, task: Task, stop: Callable[[], str | None], call_helpers: Callable[[int, int], None] | None
) -> tuple[RunSummary, ...]:
    if task.mode is Mode.NAMED:
        return deliver_job(means, task.connection_id, stop=stop)
    if task.mode is Mode.REMAP:
        return remap_job(means, task.connection_id, task.cause, stop=stop)
    return (sync_job(means, task.connection_id, task.mode, task.cause, stop=stop, call_helpers=call_helpers),)


def _settle(means: Means, task: Task, wait: timedelta | None, *, unserved: bool) -> None:
    now = means.clock()
    if task.answers:
        timetable.settle(means.engine, task.connection_id, task.answers, None if wait is None else now + wait)
    elif task.mode is Mode.NAMED and wait is not None and not unserved:
        # The next incremental run reads what the deliveries name; the connection is left alone until then.
        timetable.settle(means.engine, task.connection_id, (Mode.INCREMENTAL,), now + wait)
    elif task.asked_by and unserved and task.mode is not Mode.REMAP:
        requests.put_back(means.engine, Request(task.connection_id, task.mode.value, task.asked_by, now))


def _planned(each: Due) -> Task:
    answers = tuple(tick.schedule.mode for tick in each.ticks)
    return Task(each.connection_id, each.mode, SCHEDULE, answers, each.attempts)


def _busy(store: Connection, now: datetime) -> frozenset[int]:
    """The connections that a live process is syncing."""
    held = store.execute(select(Lease.connection_id, Lease.owner).where(Lease.expires_at > now))
    return frozenset(connection_id for connection_id, owner in held if not is_dead(owner))


def _tell(task: Task, error: Exception) -> None:
    """Log what no run tells of."""
    if not isinstance(error, BusyError):
        log.error("connection %d, %s run: %s", task.connection_id, task.mode.value, words(error))


def words(error: Exception) -> str:
    """An error in one line. The place of a defect is named, its text is not: that may be a tracker's."""
    if isinstance(error, ConnectorError | StoreError | SyncError):
        return " ".join(str(error).split())
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"unexpected {type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
