"""The product's full sync of the static server: items, history and raw payloads, the way `sightline sync` does it.

python -m tests.bench.full_sync ADDRESS DATABASE_URL
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.store.engine import open_engine
from portfolio.store.migrate import upgrade
from sync.connections import add_connection, list_connections
from sync.run import sync_connection


def main(address: str, database_url: str) -> None:
    """One full sync into the store at `database_url`; again into the same store is the re-sync."""
    engine = open_engine(database_url)
    upgrade(engine)
    settings = ConnectionSettings(
        tracker="jira", address=address, sign_in=SignIn.CLOUD_TOKEN, account="w@benchmark.invalid"
    )
    known = [row.id for row in list_connections(engine)]
    ident = known[0] if known else add_connection(engine, "benchmark", settings, "env:UNUSED", datetime.now(UTC))
    connector = open_connector(settings, Secret("token"))
    summary = sync_connection(engine, ident, connector, clock=lambda: datetime.now(UTC))
    connector.close()
    if summary.state != "done":
        sys.exit(f"the sync {summary.state}: {summary.error}")
    sys.stdout.write(f"{summary.streams['items'].fetched}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
