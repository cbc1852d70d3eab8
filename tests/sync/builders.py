"""Builders of records, and a connection to a fake tracker that can be synced."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert, select

from connector.protocol import Stream
from connector.records import ItemRecord, Membership, PersonRecord, ProjectRecord
from connector.settings import ConnectionSettings, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.base import Base
from portfolio.model.mapping import MappingVersion
from portfolio.store.engine import reading, writing
from sync.connections import add_connection
from sync.mapping.document import ConnectionRules, Mapping, Override, ProfileRules, Rules, encode
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from sync.run.remapping import remap_connection
from sync.run.runs import RunSummary
from sync.versions import number_in_force
from tests.sync.fake_connector import FakeConnector, readers

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    """An instant in UTC: "2026-01-05" or "2026-01-05T10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def item(ident: str, **fields: Any) -> ItemRecord:
    """An open task of project P1, created on 2026-01-05."""
    given: dict[str, Any] = {
        "external_id": ident,
        "key": f"ONE-{ident}",
        "url": f"https://tracker.invalid/browse/ONE-{ident}",
        "title": f"Item {ident}",
        "memberships": (Membership("P1"),),
        "kind_id": "3",
        "kind_name": "Task",
        "status_id": "1",
        "status_name": "To Do",
        "created": at("2026-01-05T10:00"),
        "updated": at("2026-02-01T10:00"),
    }
    return ItemRecord(**(given | fields))


def project(ident: str = "P1", **fields: Any) -> ProjectRecord:
    """A project."""
    given = {
        "external_id": ident,
        "key": ident.replace("P", "PRJ"),
        "name": f"Project {ident}",
        "url": "https://tracker.invalid/p",
    }
    return ProjectRecord(**(given | fields))


def person(ident: str, **fields: Any) -> PersonRecord:
    """A human account."""
    return PersonRecord(**({"external_id": ident, "name": f"Person {ident}"} | fields))


def rows(engine: Engine, model: type[Base], *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table, ordered by their first column; all columns unless some are named."""
    table = model.__table__
    chosen = [table.c[name] for name in columns] if columns else list(table.c)
    with reading(engine) as store:
        return [tuple(row) for row in store.execute(select(*chosen).order_by(*table.primary_key))]


def put_in_force(engine: Engine, mapping: Mapping) -> int:
    """Have the mapping in force, as if somebody had approved it. Returns its number."""
    with writing(engine) as store:
        number = (number_in_force(store) or 0) + 1
        row = {"number": number, "state": "approved", "body": encode(mapping), "edited_by": "Test", "edited_at": NOW}
        store.execute(insert(MappingVersion).values(**row))
    return number


def all_say(engine: Engine, rules: Rules, connection: str = "one", *overrides: Override) -> int:
    """Have a mapping in force by which the connection's profile says this and no more."""
    profiles = {"ours": ProfileRules(rules=rules, overrides=overrides)}
    return put_in_force(engine, Mapping(profiles=profiles, connections={connection: ConnectionRules(profile="ours")}))


class Tracker:
    """A connection to a fake tracker in one database."""

    def __init__(self, engine: Engine, name: str = "one") -> None:
        self.engine = engine
        settings = ConnectionSettings(tracker="fake", address="https://tracker.invalid", sign_in=SignIn.PERSONAL_TOKEN)
        self.id = add_connection(engine, name, settings, "store", NOW, COMMAND)
        self.connector = FakeConnector()
        self.now = NOW

    def put(self, stream: Stream, *records: Any, slice: str = "") -> Tracker:
        self.connector.put(stream, *records, slice=slice)
        return self

    def remap(self, **options: Any) -> RunSummary:
        """Map anew what is landed, with the mapping in force."""
        given = {"clock": lambda: self.now, "readers": readers} | options
        return remap_connection(self.engine, self.id, **given)

    def sync(self, **options: Any) -> RunSummary:
        given = {"threads": 2, "mode": Mode.FULL, "readers": readers} | options
        summary = sync_connection(self.engine, self.id, self.connector, clock=lambda: self.now, **given)
        for name, counts in summary.streams.items():
            total = counts.unchanged + counts.created + counts.updated + counts.quarantined
            assert counts.fetched == total, f"the figures of {name} do not add up"
        return summary
