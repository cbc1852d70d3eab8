"""One reading of facts in a process of its own; prints the seconds it took, without the start of the process.

python -m tests.bench.one_gathering DATABASE_URL all|one|year
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection

from portfolio.facts.numbers import numbers
from portfolio.facts.series import series
from portfolio.store.engine import open_engine, reading
from tests.bench.past import TODAY


def _all(connection: Connection) -> None:
    numbers(connection, TODAY)


def _one(connection: Connection) -> None:
    numbers(connection, TODAY, [1])


def _year(connection: Connection) -> None:
    for _ in series(connection, [TODAY - timedelta(weeks=back) for back in range(52)]):
        pass


WHAT: dict[str, Callable[[Connection], None]] = {"all": _all, "one": _one, "year": _year}


def main(database_url: str, what: str) -> None:
    """Read once to have the statements compiled, as in a server; a year only once."""
    with reading(open_engine(database_url)) as connection:
        if what != "year":
            WHAT[what](connection)
        started = time.perf_counter()
        WHAT[what](connection)
        sys.stdout.write(f"{time.perf_counter() - started}\n")


if __name__ == "__main__":
    main(*sys.argv[1:3])
