"""The accounts by name, for choosing one."""

from __future__ import annotations

from sqlalchemy import Connection, select

from portfolio.model.access import User


def account_names(connection: Connection) -> tuple[tuple[int, str], ...]:
    """The id and the name of every account, active or not."""
    return tuple((ident, name) for ident, name in connection.execute(select(User.id, User.name).order_by(User.name)))
