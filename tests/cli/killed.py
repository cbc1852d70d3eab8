"""A command that is killed at its first step, then at its second, and so on until it ends by itself.

    python -m tests.cli.killed ARGUMENTS

A step is a statement, a commit, or a file that is about to take the place of another. Each attempt is a process of its
own, forked from this one. How it ended is told in a line (0: by itself and well), and the next begins when a line comes
back.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from itertools import count
from typing import Any

from sqlalchemy import Engine, event

from cli.main import main

# What the command loads when it needs it, loaded once, before the first fork.
LOADED = (
    "cli.commands.secrets",
    "cli.runtime",
    "portfolio.audit.append",
    "portfolio.store.migrate",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sync.rotation",
    "sync.secrets",
)


def attempt(last_step: int) -> int:
    """Run the command until it is about to take its step number `last_step`."""
    steps = iter(count(1))

    def step(*_: Any) -> None:
        if next(steps) == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    pid = os.fork()
    if pid == 0:
        event.listen(Engine, "before_cursor_execute", step)
        event.listen(Engine, "commit", step)
        sys.addaudithook(lambda name, _: step() if name == "os.rename" else None)
        try:
            main()
        except SystemExit as ended:
            os._exit(int(ended.code or 0))
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    for name in LOADED:
        import_module(name)
    for number in count(1):
        ended = attempt(number)
        print(ended, flush=True)  # noqa: T201 - how it talks to whoever started it
        if ended == 0 or not sys.stdin.readline():
            break
