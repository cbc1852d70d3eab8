"""Setting up a connection in steps: tested, what to follow, first read, mapped, scheduled. It can be left and resumed.

How far it has come stands in `connection.setup`. Until the end the connection has schedules that are switched off: it
is read only because somebody asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection as Store
from sqlalchemy import Engine, select, update

from connector.protocol import Probe
from connector.settings import ConnectionSettings, Follow, Secret
from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.model.landing import Connection
from portfolio.store.engine import writing
from sync.connections import add_connection, edit_connection, enable_connection, get_connection
from sync.modes import Mode
from sync.schedule import requests, timetable
from sync.schedule.schedules import SCHEDULED
from sync.secrets import STORE, SecretStore


class Step(StrEnum):
    """What is to be done next."""

    FOLLOW = "follow"  # say what to follow
    MAP = "map"  # wait for the first read, say what values mean, approve, schedule


class Setup(msgspec.Struct, frozen=True):
    """How far the setting up has come, and what the tracker said when it was tested."""

    step: Step
    probe: Probe
    begun_by: str
    begun_at: datetime


class Unfinished(NamedTuple):
    """A connection whose setting up was begun and not ended."""

    connection_id: int
    name: str
    setup: Setup


class Begun(NamedTuple):
    """What a connection is made of: its name, its settings, its secret, and what the tracker said of them."""

    name: str
    settings: ConnectionSettings
    secret: Secret
    probe: Probe


def begin(
    engine: Engine, secrets: SecretStore, begun: Begun, time_zone: str, name: str, now: datetime, by: Actor
) -> int:
    """Keep a connection that was tested, at rest, and return its id. `name` is what pages call whoever does it.

    Raises what `add_connection` and the secret store raise. A process that dies on the way leaves a connection at rest,
    which can be set up again or removed.
    """
    connection_id = add_connection(engine, begun.name, begun.settings, STORE, now, by, enabled=False)
    secrets.put(connection_id, begun.secret, now, by)
    timetable.add_defaults(engine, time_zone, now)
    _switch_schedules(engine, connection_id, False, now, by)
    _keep(engine, connection_id, Setup(Step.FOLLOW, begun.probe, name, now), now, by)
    return connection_id


def setup_of(store: Store, connection_id: int) -> Setup | None:
    """How far the setting up of a connection has come; None when it is done, or there is no such connection."""
    kept = store.scalar(select(Connection.setup).where(Connection.id == connection_id))
    return None if kept is None else msgspec.json.decode(kept, type=Setup)


def unfinished(store: Store) -> tuple[Unfinished, ...]:
    """The connections that are being set up, by name."""
    query = select(Connection.id, Connection.name, Connection.setup).where(Connection.setup.is_not(None))
    return tuple(
        Unfinished(ident, name, msgspec.json.decode(kept or "", type=Setup))
        for ident, name, kept in store.execute(query.order_by(Connection.name))
    )


def choose(engine: Engine, connection_id: int, rules: Sequence[Follow], now: datetime, by: Actor) -> None:
    """Keep the rules of what to follow as far as they are, right or not. Nothing is read yet."""
    row = get_connection(engine, connection_id)
    edit_connection(engine, connection_id, replace(row.settings, follow=tuple(rules)), row.secret_ref, now, by)


def reconsider(engine: Engine, connection_id: int, setup: Setup, now: datetime, by: Actor) -> None:
    """Back to what to follow; what was read stays."""
    _keep(engine, connection_id, replace(setup, step=Step.FOLLOW), now, by)


def follow(
    engine: Engine, connection_id: int, setup: Setup, rules: Sequence[Follow], name: str, now: datetime, by: Actor
) -> None:
    """Say what to follow (nothing: all that can be seen), and ask for the first read. Can be said again."""
    choose(engine, connection_id, rules, now, by)
    enable_connection(engine, connection_id, True, now, by)
    _keep(engine, connection_id, replace(setup, step=Step.MAP), now, by)
    requests.request(engine, connection_id, Mode.FULL.value, name, now, by)


def finish(engine: Engine, connection_id: int, now: datetime, by: Actor) -> None:
    """The end: from now on the schedules hold."""
    _switch_schedules(engine, connection_id, True, now, by)
    _keep(engine, connection_id, None, now, by)


def _switch_schedules(engine: Engine, connection_id: int, to: bool, now: datetime, by: Actor) -> None:
    timetable.change(engine, connection_id, now, by, crons={}, time_zone=None, switched=dict.fromkeys(SCHEDULED, to))


def _keep(engine: Engine, connection_id: int, setup: Setup | None, now: datetime, by: Actor) -> None:
    kept = msgspec.json.encode(setup).decode() if setup is not None else None
    with writing(engine) as store:
        store.execute(update(Connection).where(Connection.id == connection_id).values(setup=kept))
        new = {"step": str(setup.step) if setup is not None else "done"}
        append(store, now, by, "connection.set_up", Subject("connection", connection_id), new=new)
