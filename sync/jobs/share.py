"""Helping with another process's run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from sqlalchemy import Engine, select

from portfolio.model.oversight import SyncRun
from portfolio.store.engine import reading
from sync.connections import open_connection
from sync.run.runs import RUNNING
from sync.run.shared import help_run
from sync.secrets import SecretStore


def share_job(
    engine: Engine,
    secrets: SecretStore,
    run_id: int,
    *,
    clock: Callable[[], datetime],
    time_zone: str = "UTC",
    threads: int = 4,
    stop: Callable[[], str | None] = lambda: None,
) -> int:
    """Read slices of a run until none is free; nothing when the run is over. Returns how many.

    Raises what opening the connection and `help_run` raise; the slices at hand are then left to others.
    """
    own = (SyncRun.id == run_id, SyncRun.state == RUNNING)
    with reading(engine) as store:
        connection_id = store.scalar(select(SyncRun.connection_id).where(*own))
    if connection_id is None:
        return 0
    with closing(open_connection(engine, connection_id, secrets)) as connector:
        return help_run(engine, run_id, connector, clock=clock, time_zone=time_zone, threads=threads, stop=stop)
