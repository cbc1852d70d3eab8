"""The accounts of the demo: one that holds every role, and one for each, so that each view can be looked at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Engine

EVERYTHING = "demo"


def add_accounts(engine: Engine, password: str, now: datetime) -> tuple[str, ...]:
    """Make the accounts, all with the same password, and return the names of those with one role.

    The project manager is the person who leads most projects; the trackers name nobody for a program, so the program
    manager is given the largest one.
    """
    from portfolio.access.grants import usual
    from portfolio.access.roles import Grant, Role, Scope, ScopeType
    from portfolio.audit.entry import COMMAND
    from portfolio.model.structure import Project
    from portfolio.store.engine import reading, writing
    from webapp.accounts.passwords import hashed
    from webapp.accounts.users import add_account

    with reading(engine) as connection:
        leader = _commonest(connection, Project.__table__.c.manager_id)
        program = _commonest(connection, Project.__table__.c.program_id)
    accounts = {EVERYTHING: usual(*Role)} | {role.replace("_", "-"): usual(role) for role in Role}
    if program is not None:
        given = Grant(Role.PROGRAM_MANAGER, Scope(ScopeType.PROGRAM, program))
        accounts["program-manager"] = frozenset({given})
    password_hash = hashed(password)
    with writing(engine) as connection:
        for name, grants in accounts.items():
            person = leader if name in (EVERYTHING, "project-manager") else None
            add_account(connection, name, grants, now, COMMAND, password_hash=password_hash, person_id=person)
    return tuple(name for name in accounts if name != EVERYTHING)


def _commonest(connection: Connection, column: ColumnElement[int | None]) -> int | None:
    """The value most projects have, None where none has any."""
    from sqlalchemy import func, select

    counted = select(column).where(column.is_not(None)).group_by(column).order_by(func.count().desc(), column)
    return connection.scalar(counted.limit(1))
