"""A process that helps with the run of another one, as a worker does that was called.

    python -m tests.bench.helper ADDRESS DATABASE_URL

It says that it is ready, waits for the run, shares it until no slice is free, and tells how many it read.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from sqlalchemy import Engine, select

from connector.registry import open_connector
from connector.settings import Secret
from portfolio.model.landing import SliceClaim
from portfolio.store.engine import open_engine, reading
from sync.run.shared import help_run
from tests.bench.one_run import keep_quiet, settings
from tests.loopback import LOOPBACK

LOOK_EVERY_S = 0.02


def main(address: str, database_url: str) -> None:
    """Help with the first run that offers slices."""
    keep_quiet()
    engine = open_engine(database_url)
    connector = open_connector(settings(address), Secret("token"), outbound=LOOPBACK)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    run_id = _offered(engine)
    sys.stdout.write(f"{help_run(engine, run_id, connector, clock=lambda: datetime.now(UTC))}\n")
    connector.close()


def _offered(engine: Engine) -> int:
    while True:
        with reading(engine) as store:
            run_id = store.scalar(select(SliceClaim.run_id).limit(1))
        if run_id is not None:
            return run_id
        time.sleep(LOOK_EVERY_S)


if __name__ == "__main__":
    main(*sys.argv[1:3])
