"""A database with the schema and one connection to the static server, made before anything is measured.

python -m tests.bench.prepare ADDRESS DATABASE_URL
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from portfolio.audit.entry import COMMAND
from portfolio.store.engine import open_engine
from portfolio.store.migrate import upgrade
from sync.connections import add_connection
from tests.bench.one_run import settings


def main(address: str, database_url: str) -> None:
    """Make the database at `database_url` ready for `tests.bench.one_run`."""
    engine = open_engine(database_url)
    upgrade(engine)
    add_connection(engine, "benchmark", settings(address), "env:UNUSED", datetime.now(UTC), COMMAND)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
