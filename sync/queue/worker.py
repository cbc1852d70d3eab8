"""A worker: does what the queue holds, and sees to it that what is due gets there. Any number may run, anywhere.

Every worker looks for what is due, asked for or told of; of two that see the same, one takes it up. Every worker looks,
too, for what dead ones left, and gives it to the living. A worker that is asked to stop ends its runs between two
batches, and leaves the rest to the others.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from datetime import timedelta

import psycopg
from procrastinate.exceptions import ProcrastinateException, UniqueViolation
from procrastinate.jobs import Job, Status
from sqlalchemy import DateTime, Engine, column, func, select, table
from sqlalchemy.exc import SQLAlchemyError

from portfolio.store.engine import reading
from portfolio.store.errors import StoreError
from sync.jobs.means import Means
from sync.queue.app import Worker, add_tasks, enqueue, enqueue_help, enqueue_preview, open_queue
from sync.queue.schema import SCHEMA
from sync.schedule import dispatch, previews, timetable
from sync.schedule.daily import Daily

log = logging.getLogger(__name__)

EVERY_S = 3.0
BEAT_S = 3.0
# A worker that was not heard of for so long is dead.
DEAD_AFTER_S = 15.0
PATIENCE_S = 60.0
AGAIN_S = 5.0
# Jobs that ended badly, for people to look at.
KEPT_H = 72
STOPPING = "the worker, which is shutting down"


class _Process:
    """One worker process: its queue, and whether it is to end."""

    def __init__(self, means: Means, threads: int, helpers: int) -> None:
        self._means = means
        self._threads = threads
        self._helpers = helpers
        self._daily = Daily(means)
        self._app = open_queue(means.engine)
        self._ending = threading.Event()
        self._asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        add_tasks(self._app, Worker(means, self._reason, self._call_helpers))

    def end(self) -> None:
        """End, from any thread or signal."""
        self._ending.set()
        self._loop.call_soon_threadsafe(self._asked.set)

    async def work(self, ready: Callable[[], None]) -> None:
        """Work until `end`; a database that goes away is waited for."""
        told = False
        while not self._asked.is_set():
            try:
                async with self._app.open_async():
                    if not told:
                        ready()
                        told = True
                    await self._work()
            except (ProcrastinateException, psycopg.Error) as error:
                log.error("the queue is out of reach (%s); trying again", type(error).__name__)
            await self._pause(AGAIN_S)

    async def _work(self) -> None:
        """One turn: until asked to end, or until the queue fails."""
        doing = asyncio.create_task(
            self._app.run_worker_async(
                concurrency=self._threads,
                install_signal_handlers=False,
                delete_jobs="successful",
                shutdown_graceful_timeout=PATIENCE_S,
                update_heartbeat_interval=BEAT_S,
                stalled_worker_timeout=DEAD_AFTER_S,
            )
        )
        keeping = [asyncio.create_task(each) for each in (self._keep(), self._do_duties())]
        beside = [doing, *keeping, asyncio.create_task(self._asked.wait())]
        await asyncio.wait(beside, return_when=asyncio.FIRST_COMPLETED)
        for each in reversed(beside):
            each.cancel()
        ended = await asyncio.gather(*beside, return_exceptions=True)
        for failed in ended:
            if isinstance(failed, Exception):
                raise failed

    async def _keep(self) -> None:
        """What is due gets into the queue, and what the dead left gets to the living."""
        manager = self._app.job_manager
        await manager.delete_old_jobs(KEPT_H, include_failed=True, include_cancelled=True, include_aborted=True)
        while True:
            try:
                for task in await asyncio.to_thread(self._take_up):
                    await enqueue(self._app, task)
                for preview_id in await asyncio.to_thread(previews.waiting, self._means):
                    await enqueue_preview(self._app, preview_id)
            except (StoreError, SQLAlchemyError) as error:
                log.error("the database is out of reach: %s", " ".join(str(error).split()))
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_S):
                await self._rescue(job)
            await asyncio.sleep(EVERY_S)

    async def _do_duties(self) -> None:
        """Apart from the queue, which need not wait for what takes long."""
        while True:
            try:
                await asyncio.to_thread(self._daily.do, self._reason)
            except (StoreError, SQLAlchemyError) as error:
                log.error("the database is out of reach: %s", " ".join(str(error).split()))
            await asyncio.sleep(EVERY_S)

    def _take_up(self) -> list[dispatch.Task]:
        engine, clock = self._means.engine, self._means.clock
        timetable.add_defaults(engine, self._means.time_zone, clock())
        wishes = dispatch.wanted(engine, clock())
        return [wish.task for wish in wishes if dispatch.take(engine, wish, clock())]

    async def _rescue(self, job: Job) -> None:
        assert job.id is not None
        try:
            await self._app.job_manager.retry_job(job)
            log.warning("took up what a dead worker left: %s", job.task_name)
        except UniqueViolation:
            # One like it is waiting anyway.
            await self._app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)

    def _call_helpers(self, run_id: int, slices: int) -> None:
        """Called by a run, in its own thread. A run does without help rather than fail for want of it."""
        # Some of the calls may be answered by our own other threads: as good as none, but no harm.
        wanted = min(slices - 1, self._helpers)
        if wanted > 0 and workers_alive(self._means.engine) > 1:
            asked = asyncio.run_coroutine_threadsafe(enqueue_help(self._app, run_id, wanted), self._loop)
            with suppress(ProcrastinateException, FutureTimeout):
                asked.result(timeout=AGAIN_S)

    def _reason(self) -> str | None:
        return STOPPING if self._ending.is_set() else None

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), seconds)


def run_worker(means: Means, *, threads: int, helpers: int, ready: Callable[[], None]) -> None:
    """Work in this process until it is asked to end (Ctrl-C, SIGTERM). `ready` is called once the queue is open.

    `threads` things are done at once; up to `helpers` other workers are asked to share a large run.
    """
    asyncio.run(_main(means, threads, helpers, ready))


async def _main(means: Means, threads: int, helpers: int, ready: Callable[[], None]) -> None:
    # One thread for each thing done at once, and some for looking after the queue.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads + 2))
    process = _Process(means, threads, helpers)

    def end(number: int, _: object) -> None:
        # Who asks twice does not want to wait.
        signal.signal(number, signal.SIG_DFL)
        process.end()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    await process.work(ready)


def workers_alive(engine: Engine) -> int:
    """How many workers were heard of a moment ago. 0 where there is no queue."""
    beats = table("procrastinate_workers", column("last_heartbeat", DateTime(timezone=True)), schema=SCHEMA)
    alive = beats.c.last_heartbeat > func.now() - timedelta(seconds=DEAD_AFTER_S)
    with reading(engine) as store:
        return store.scalar(select(func.count()).select_from(beats).where(alive)) or 0
