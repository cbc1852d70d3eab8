"""Judging by all rules, in the order of a roll-up."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from portfolio.governance.rules import Step
from portfolio.governance.run import begin_run


def run_all(connection: Connection, *, as_of: date, now: datetime) -> set[int]:
    """Judge all projects by all rules; returns the projects of which something changed."""
    run = begin_run(connection, as_of=as_of, now=now)
    changed: set[int] = set()
    return changed.union(*(run.judge(connection, step) for step in Step))
