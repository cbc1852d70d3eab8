"""One run of the product against the static server, the way `sightline sync` does it.

The database must be there (`tests.bench.prepare`): what is measured is the run.

    python -m tests.bench.one_run ADDRESS DATABASE_URL MODE [--shared]
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import structlog

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.store.engine import open_engine
from sync.connections import list_connections
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from tests.loopback import LOOPBACK


def settings(address: str) -> ConnectionSettings:
    """How to reach the static server."""
    return ConnectionSettings(
        tracker="jira", address=address, sign_in=SignIn.CLOUD_TOKEN, account="w@benchmark.invalid"
    )


def keep_quiet() -> None:
    """Log what is wrong, as at a terminal: standard output is for the figures alone."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def main(address: str, database_url: str, mode: str, *, shared: bool) -> None:
    """One run into the store at `database_url`; the first of any mode reads everything.

    `shared`: other processes read along (`tests.bench.helper`).
    """
    keep_quiet()
    engine = open_engine(database_url)
    connector = open_connector(settings(address), Secret("token"), outbound=LOOPBACK)
    summary = sync_connection(
        engine,
        list_connections(engine)[0].id,
        connector,
        clock=lambda: datetime.now(UTC),
        mode=Mode(mode),
        # The helpers look out for the run themselves.
        call_helpers=(lambda _run_id, _slices: None) if shared else None,
    )
    connector.close()
    if summary.state != "done":
        sys.exit(f"the run {summary.state}: {summary.error or summary.streams}")
    items = summary.streams["items"]
    sys.stdout.write(f"{items.fetched} {items.created + items.updated}\n")


if __name__ == "__main__":
    main(*sys.argv[1:4], shared="--shared" in sys.argv)
