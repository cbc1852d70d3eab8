"""Processes that sync and are there to be killed: one that has everything loaded, and forks for each run.

    python -m tests.chaos.victim

Each line of its input is a `Run` as JSON. It answers with the process id of that run, and with its exit status when it
is over. The dead are buried at once, so that nobody takes them for the living.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from datetime import datetime

import msgspec
import structlog
from sqlalchemy import Engine, event

from connector.settings import ConnectionSettings
from portfolio.store.engine import open_engine
from sync.connections import list_connections
from sync.errors import BusyError, LostLeaseError
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from tests.chaos.stage import open_patiently

DONE, BUSY, ELSE = 0, 3, 4


class Run(msgspec.Struct, frozen=True):
    """One run to be made. It kills itself before its n-th statement or commit; 0: never."""

    database_url: str
    settings: ConnectionSettings
    mode: Mode
    now: datetime
    threads: int = 2
    statement: int = 0
    commit: int = 0


def main() -> None:
    # Its output is how it talks to whoever started it.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for line in sys.stdin:
        run = msgspec.json.decode(line, type=Run)
        pid = os.fork()
        if pid == 0:
            _live(run)
        _tell(pid)
        _, status = os.waitpid(pid, 0)
        _tell(os.waitstatus_to_exitcode(status))


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _live(run: Run) -> None:
    """Sync, and never return: what the parent holds is not ours to clean up."""
    code = ELSE
    try:
        engine = open_engine(run.database_url)
        _die_in_time(engine, run)
        connector = open_patiently(run.settings)
        connection_id = list_connections(engine)[0].id
        summary = sync_connection(
            engine, connection_id, connector, clock=lambda: run.now, mode=run.mode, threads=run.threads
        )
        code = DONE if summary.state == "done" else ELSE
        if code == ELSE:
            sys.stderr.write(f"the run {summary.state}: {summary.error}\n")
    except (BusyError, LostLeaseError):
        code = BUSY
    except BaseException as error:  # noqa: BLE001 - told by its name; a forked process must not unwind
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        sys.stderr.flush()
        os._exit(code)


def _die_in_time(engine: Engine, run: Run) -> None:
    statements, commits = iter(range(1, sys.maxsize)), iter(range(1, sys.maxsize))

    @event.listens_for(engine, "before_cursor_execute")
    def statement(*_: object) -> None:
        if next(statements) == run.statement:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(engine, "commit")
    def commit(_: object) -> None:
        if next(commits) == run.commit:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
