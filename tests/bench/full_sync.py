"""The product's full sync of the static server: items, history and raw payloads, the way `sightline sync` does it.

The database must be there (`tests.bench.prepare`): what is measured is the sync.

    python -m tests.bench.full_sync ADDRESS DATABASE_URL
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.store.engine import open_engine
from sync.connections import list_connections
from sync.run import sync_connection


def settings(address: str) -> ConnectionSettings:
    """How to reach the static server."""
    return ConnectionSettings(
        tracker="jira", address=address, sign_in=SignIn.CLOUD_TOKEN, account="w@benchmark.invalid"
    )


def main(address: str, database_url: str) -> None:
    """One full sync into the store at `database_url`; again into the same store is the re-sync."""
    engine = open_engine(database_url)
    connector = open_connector(settings(address), Secret("token"))
    summary = sync_connection(engine, list_connections(engine)[0].id, connector, clock=lambda: datetime.now(UTC))
    connector.close()
    if summary.state != "done":
        sys.exit(f"the sync {summary.state}: {summary.error}")
    sys.stdout.write(f"{summary.streams['items'].fetched}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
