"""One run of one connection."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from sync.connections import open_connection
from sync.jobs.means import Means
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary


def sync_job(
    means: Means,
    connection_id: int,
    mode: Mode,
    cause: str,
    *,
    stop: Callable[[], str | None] = lambda: None,
    call_helpers: Callable[[int, int], None] | None = None,
) -> RunSummary:
    """Read what the mode says. Raises what opening the connection and `sync_connection` raise, `BusyError` included."""
    with closing(open_connection(means.engine, connection_id, means.secrets, means.outbound)) as connector:
        return sync_connection(
            means.engine,
            connection_id,
            connector,
            clock=means.clock,
            mode=mode,
            cause=cause,
            time_zone=means.time_zone,
            threads=means.threads,
            most_retired=means.most_retired,
            stop=stop,
            call_helpers=call_helpers,
        )
