"""The queue's tasks: our jobs, with what keeps two workers apart.

One run of a connection at a time, and at most one waiting of each mode, so that what is due while the workers are busy
is one run. What a person asked for comes before what is due, and helping a run under way before both.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import Engine

from sync.jobs.means import Means
from sync.jobs.share import share_job
from sync.modes import Mode
from sync.queue.schema import SCHEMA
from sync.schedule import dispatch, previews
from sync.schedule.dispatch import HAND, Task

log = logging.getLogger(__name__)

SYNC, SHARE, PREVIEW = "sync", "share", "preview"
_PRIORITY = {HAND: 10, "webhook": 5}
_HELPING = 20


class Worker(NamedTuple):
    """What the tasks need of the worker that does them.

    `stop` gives the reason why it ends, if it does; `call_helpers` has others share a run.
    """

    means: Means
    stop: Callable[[], str | None]
    call_helpers: Callable[[int, int], None]


def open_queue(engine: Engine) -> App:
    """The queue in the database of this engine. Nothing is asked of it yet."""
    _, given = engine.dialect.create_connect_args(engine.url)
    options = f"{given.get('options', '')} -c search_path={SCHEMA}".strip()
    return App(connector=PsycopgConnector(kwargs={**given, "options": options}, min_size=1, max_size=4))


def add_tasks(app: App, worker: Worker) -> None:
    """Tell the queue what to do for each kind of task."""

    def sync(connection_id: int, mode: str, cause: str, answers: list[str], attempts: int, asked_by: str) -> None:
        task = Task(connection_id, Mode(mode), cause, tuple(map(Mode, answers)), attempts, asked_by)
        dispatch.carry_out(worker.means, task, worker.stop, worker.call_helpers)

    def share(run_id: int) -> None:
        try:
            share_job(worker.means, run_id, stop=worker.stop)
        except Exception as error:  # noqa: BLE001 - the run goes on without our help
            log.warning("helping with run %d ended: %s", run_id, dispatch.words(error))

    def preview(preview_id: int) -> None:
        previews.carry_out(worker.means, preview_id, worker.stop)

    app.task(name=SYNC)(sync)
    app.task(name=PREVIEW)(preview)
    app.task(name=SHARE)(share)


async def enqueue(app: App, task: Task) -> bool:
    """Leave a task to whichever worker is free. False when one like it is waiting already."""
    lock, mode = f"connection {task.connection_id}", task.mode.value
    given: dict[str, Any] = {
        "connection_id": task.connection_id,
        "mode": mode,
        "cause": task.cause,
        "answers": [each.value for each in task.answers],
        "attempts": task.attempts,
        "asked_by": task.asked_by,
    }
    priority = _PRIORITY.get(task.cause, 0)
    waiting = app.configure_task(SYNC, lock=lock, queueing_lock=f"{lock}, {mode}", priority=priority)
    try:
        await waiting.defer_async(**given)
    except AlreadyEnqueued:
        return False
    return True


async def enqueue_preview(app: App, preview_id: int) -> None:
    """Leave a preview to whichever worker is free, if it is not waiting already."""
    waiting = app.configure_task(PREVIEW, queueing_lock=f"preview {preview_id}", priority=_PRIORITY[HAND])
    with suppress(AlreadyEnqueued):
        await waiting.defer_async(preview_id=preview_id)


async def enqueue_help(app: App, run_id: int, workers: int) -> None:
    """Ask for so many workers to share a run."""
    for _ in range(workers):
        await app.configure_task(SHARE, priority=_HELPING).defer_async(run_id=run_id)
