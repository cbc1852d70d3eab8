"""One run of one connection."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from sqlalchemy import Engine

from sync.connections import open_connection
from sync.holds import MOST_RETIRED
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary
from sync.secrets import SecretStore


def sync_job(
    engine: Engine,
    secrets: SecretStore,
    connection_id: int,
    mode: Mode,
    cause: str,
    *,
    clock: Callable[[], datetime],
    time_zone: str = "UTC",
    threads: int = 4,
    most_retired: float = MOST_RETIRED,
    stop: Callable[[], str | None] = lambda: None,
    call_helpers: Callable[[int, int], None] | None = None,
) -> RunSummary:
    """Read what the mode says. Raises what opening the connection and `sync_connection` raise, `BusyError` included."""
    with closing(open_connection(engine, connection_id, secrets)) as connector:
        return sync_connection(
            engine,
            connection_id,
            connector,
            clock=clock,
            mode=mode,
            cause=cause,
            time_zone=time_zone,
            threads=threads,
            most_retired=most_retired,
            stop=stop,
            call_helpers=call_helpers,
        )
