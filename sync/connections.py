"""The connections: which accounts on which trackers feed the portfolio."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Engine, Row, insert, select, update

from connector.addresses import refuse_passwords
from connector.choosing import Chooser
from connector.outbound import Outbound
from connector.protocol import Connector
from connector.settings import ConnectionSettings
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.landing import Connection
from portfolio.store.engine import reading, writing
from sync.errors import TakenNameError, UnknownConnectionError
from sync.governor import SharedGovernor
from sync.mapping.queries import queries_of
from sync.noting import differing, noted
from sync.secrets import SecretStore
from sync.versions import in_force


class ConnectionRow(NamedTuple):
    """A connection as the rest of the product sees it; no secret is in it."""

    id: int
    name: str
    tracker: str
    address: str
    settings: ConnectionSettings
    secret_ref: str
    enabled: bool
    created_at: datetime


_QUERY = select(
    Connection.id,
    Connection.name,
    Connection.tracker,
    Connection.address,
    Connection.settings,
    Connection.secret_ref,
    Connection.enabled,
    Connection.created_at,
)


def add_connection(
    engine: Engine,
    name: str,
    settings: ConnectionSettings,
    secret_ref: str,
    now: datetime,
    by: Actor,
    *,
    enabled: bool = True,
) -> int:
    """Add a connection and return its id. `secret_ref`: "store" or "env:NAME". One not `enabled` is left at rest.

    Raises `TakenNameError`, and `BadAddressError` for an address with a password in it.
    """
    refuse_passwords(settings)
    row = {
        "name": name,
        "tracker": settings.tracker,
        "address": settings.address,
        "settings": msgspec.json.encode(settings).decode(),
        "secret_ref": secret_ref,
        "enabled": enabled,
        "created_at": now,
    }
    with writing(engine) as connection:
        if connection.scalar(select(Connection.id).where(Connection.name == name)) is not None:
            raise TakenNameError(name)
        ident = connection.execute(insert(Connection).values(**row).returning(Connection.id)).scalar_one()
        new = {"name": name, "enabled": enabled, **noted(settings, secret_ref)}
        append(connection, now, by, "connection.added", Subject("connection", ident), new=new)
    return ident


def require_new_name(engine: Engine, name: str) -> None:
    """Raise `TakenNameError` when a connection of this name exists."""
    with reading(engine) as connection:
        if connection.scalar(select(Connection.id).where(Connection.name == name)) is not None:
            raise TakenNameError(name)


def edit_connection(
    engine: Engine, connection_id: int, settings: ConnectionSettings, secret_ref: str, now: datetime, by: Actor
) -> None:
    """Give a connection other settings; its tracker and what was read from it stay."""
    refuse_passwords(settings)
    values = {
        "address": settings.address,
        "settings": msgspec.json.encode(settings).decode(),
        "secret_ref": secret_ref,
    }
    own = Connection.id == connection_id
    with writing(engine) as connection:
        before = connection.execute(_QUERY.where(own)).one()
        connection.execute(update(Connection).where(own).values(**values))
        changed = differing(_read(before).settings, before.secret_ref, settings, secret_ref)
        if changed:
            append(
                connection,
                now,
                by,
                "connection.changed",
                Subject("connection", connection_id),
                old={name: old for name, (old, _) in changed.items()},
                new={name: new for name, (_, new) in changed.items()},
            )


def enable_connection(engine: Engine, connection_id: int, enabled: bool, now: datetime, by: Actor) -> None:
    """Let runs of all connections take it along, or leave it out."""
    other = (Connection.id == connection_id, Connection.enabled.is_(not enabled))
    with writing(engine) as connection:
        if connection.execute(update(Connection).where(*other).values(enabled=enabled)).rowcount:
            append(
                connection,
                now,
                by,
                "connection.switched",
                Subject("connection", connection_id),
                old={"enabled": not enabled},
                new={"enabled": enabled},
            )


def overlapping(engine: Engine, settings: ConnectionSettings, besides: int | None = None) -> str | None:
    """The name of a connection, other than `besides`, that follows the same of the same tracker by one of its rules.

    Hosts are compared without regard to case. No rule is all projects the account sees, which are taken for the same
    whatever the account. That two different rules mean the same project, only the tracker could tell.
    """
    for row in list_connections(engine):
        same = row.tracker == settings.tracker and _place(row.address) == _place(settings.address)
        rules = set(row.settings.rules), set(settings.rules)
        if same and row.id != besides and (not all(rules) or rules[0] & rules[1]):
            return row.name
    return None


def list_connections(engine: Engine) -> Sequence[ConnectionRow]:
    """All connections, by name."""
    with reading(engine) as connection:
        return [_read(row) for row in connection.execute(_QUERY.order_by(Connection.name))]


def find_connection(engine: Engine, name: str) -> ConnectionRow:
    """The connection of this name. Raises `UnknownConnectionError`."""
    with reading(engine) as connection:
        row = connection.execute(_QUERY.where(Connection.name == name)).first()
    if row is None:
        raise UnknownConnectionError(name)
    return _read(row)


def get_connection(engine: Engine, connection_id: int) -> ConnectionRow:
    """The connection with this id. Raises `UnknownConnectionError`."""
    with reading(engine) as connection:
        row = connection.execute(_QUERY.where(Connection.id == connection_id)).first()
    if row is None:
        raise UnknownConnectionError(connection_id)
    return _read(row)


def open_connection(engine: Engine, connection_id: int, secrets: SecretStore, outbound: Outbound) -> Connector:
    """Open the connector of a connection; the caller closes it. Nothing is asked of the tracker yet.

    It shares the connection's rate budget with all other processes, and connects only where `outbound` lets it. It asks
    for the queries of the mapping in force.
    """
    # The trackers' own libraries are slow to import and not needed to list connections.
    from connector.registry import open_connector

    row = get_connection(engine, connection_id)
    governor = SharedGovernor(engine, connection_id, row.settings.requests_per_minute)
    with reading(engine) as store:
        version = in_force(store)
    queries = queries_of(version.mapping, row.name) if version is not None else ()
    settings = msgspec.structs.replace(row.settings, queries=queries)
    return open_connector(settings, secrets.get(connection_id), governor, outbound)


def open_choices(engine: Engine, connection_id: int, secrets: SecretStore, outbound: Outbound) -> Chooser:
    """Open what tells what a connection could follow; the caller closes it. It keeps to what `open_connection` does."""
    from connector.registry import open_chooser

    row = get_connection(engine, connection_id)
    governor = SharedGovernor(engine, connection_id, row.settings.requests_per_minute)
    return open_chooser(row.settings, secrets.get(connection_id), governor, outbound)


def _place(address: str) -> tuple[str, str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower(), parts.path.rstrip("/")


def _read(row: Row[int, str, str, str, str, str, bool, datetime]) -> ConnectionRow:
    ident, name, tracker, address, settings, secret_ref, enabled, created_at = row
    decoded = msgspec.json.decode(settings, type=ConnectionSettings)
    return ConnectionRow(ident, name, tracker, address, decoded, secret_ref, enabled, created_at)
