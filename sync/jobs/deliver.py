"""Fetching what deliveries name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from sqlalchemy import Engine

from sync.connections import open_connection
from sync.errors import BusyError
from sync.holds import MOST_RETIRED
from sync.hooks import deliveries
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from sync.run.runs import ENDED_WELL, RunSummary
from sync.secrets import SecretStore


def deliver_job(
    engine: Engine,
    secrets: SecretStore,
    connection_id: int,
    *,
    clock: Callable[[], datetime],
    time_zone: str = "UTC",
    threads: int = 4,
    most_retired: float = MOST_RETIRED,
    stop: Callable[[], str | None] = lambda: None,
) -> tuple[RunSummary, ...]:
    """Ask the tracker for what the waiting deliveries of a connection name, and bring the portfolio up to date.

    Items are one run by name; other streams are an incremental one, which reads them. The deliveries go on waiting when
    a run does not end well, and when another run of the connection is under way. Raises what `sync_connection` raises,
    but for `BusyError`.
    """
    batch = deliveries.take(engine, connection_id)
    if batch is None:
        return ()
    summaries: list[RunSummary] = []
    wanted = [mode for mode, named in ((Mode.NAMED, batch.items), (Mode.INCREMENTAL, batch.streams)) if named]
    deliveries.make_due(engine, connection_id, batch.streams)
    with closing(open_connection(engine, connection_id, secrets)) as connector:
        for mode in wanted:
            try:
                summary = sync_connection(
                    engine,
                    connection_id,
                    connector,
                    clock=clock,
                    mode=mode,
                    cause=deliveries.CAUSE,
                    time_zone=time_zone,
                    threads=threads,
                    most_retired=most_retired,
                    ids=batch.items if mode is Mode.NAMED else (),
                    stop=stop,
                )
            except BusyError:
                return tuple(summaries)
            summaries.append(summary)
            if summary.state not in ENDED_WELL:
                return tuple(summaries)
    deliveries.done(engine, batch.deliveries, clock())
    return tuple(summaries)
