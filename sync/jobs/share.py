"""Helping with another process's run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from sqlalchemy import select

from portfolio.model.oversight import SyncRun
from portfolio.store.engine import reading
from sync.connections import open_connection
from sync.jobs.means import Means
from sync.run.runs import RUNNING
from sync.run.shared import help_run


def share_job(means: Means, run_id: int, *, stop: Callable[[], str | None] = lambda: None) -> int:
    """Read slices of a run until none is free; nothing when the run is over. Returns how many.

    Raises what opening the connection and `help_run` raise; the slices at hand are then left to others.
    """
    own = (SyncRun.id == run_id, SyncRun.state == RUNNING)
    with reading(means.engine) as store:
        connection_id = store.scalar(select(SyncRun.connection_id).where(*own))
    if connection_id is None:
        return 0
    with closing(open_connection(means.engine, connection_id, means.secrets, means.outbound)) as connector:
        return help_run(
            means.engine,
            run_id,
            connector,
            clock=means.clock,
            time_zone=means.time_zone,
            threads=means.threads,
            stop=stop,
        )
