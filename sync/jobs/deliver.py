"""Fetching what deliveries name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from sync.connections import open_connection
from sync.errors import BusyError
from sync.hooks import deliveries
from sync.jobs.means import Means
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from sync.run.runs import ENDED_WELL, RunSummary


def deliver_job(
    means: Means, connection_id: int, *, stop: Callable[[], str | None] = lambda: None
) -> tuple[RunSummary, ...]:
    """Ask the tracker for what the waiting deliveries of a connection name, and bring the portfolio up to date.

    Items are one run by name; other streams are an incremental one, which reads them. The deliveries go on waiting when
    a run does not end well, and when another run of the connection is under way. Raises what `sync_connection` raises,
    but for `BusyError`.
    """
    batch = deliveries.take(means.engine, connection_id)
    if batch is None:
        return ()
    summaries: list[RunSummary] = []
    wanted = [mode for mode, named in ((Mode.NAMED, batch.items), (Mode.INCREMENTAL, batch.streams)) if named]
    deliveries.make_due(means.engine, connection_id, batch.streams)
    with closing(open_connection(means.engine, connection_id, means.secrets, means.outbound)) as connector:
        for mode in wanted:
            try:
                summary = sync_connection(
                    means.engine,
                    connection_id,
                    connector,
                    clock=means.clock,
                    mode=mode,
                    cause=deliveries.CAUSE,
                    time_zone=means.time_zone,
                    threads=means.threads,
                    most_retired=means.most_retired,
                    ids=batch.items if mode is Mode.NAMED else (),
                    stop=stop,
                )
            except BusyError:
                return tuple(summaries)
            summaries.append(summary)
            if summary.state not in ENDED_WELL:
                return tuple(summaries)
    deliveries.done(means.engine, batch.deliveries, means.clock())
    return tuple(summaries)
