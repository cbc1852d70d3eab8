"""The shadow of a database: written to like the real one, seen by nobody else, and gone at the end."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import cast

import pytest
from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from portfolio.model import Base
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.landing import RawRecord
from portfolio.model.people import Team
from portfolio.store.engine import reading, writing
from portfolio.store.errors import StoreError
from portfolio.store.locks import Lock, exclusive
from portfolio.store.shadow import shadow
from portfolio.store.upsert import upsert

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEAM, RAW = cast(Table, Team.__table__), cast(Table, RawRecord.__table__)


@pytest.fixture
def teams(engine: Engine) -> Engine:
    connection = {
        "name": "c", "tracker": "jira", "address": "a", "settings": "{}", "secret_ref": "store", "created_at": NOW,
    }  # fmt: skip
    with writing(engine) as store:
        one = store.execute(insert(ConnectionRow).values(**connection).returning(ConnectionRow.id)).scalar_one()
        for name in ("red", "blue"):
            store.execute(insert(Team).values(connection_id=one, external_id=name, name=name))
        raw = {"connection_id": one, "stream": "items", "hash": b"h", "payload": b"p", "landed_at": NOW}
        store.execute(insert(RawRecord), [{**raw, "external_id": str(number)} for number in range(4)])
    return engine


def names(store: Connection, table: Table = TEAM) -> list[str]:
    return sorted(store.scalars(select(table.c.name)))


def test_what_is_written_in_a_shadow_is_seen_there_alone(teams: Engine) -> None:
    with shadow(teams) as ours:
        ours.copy(TEAM)
        ours.close_doors()
        ours.store.execute(update(Team).where(Team.name == "red").values(name="green"))
        row = {"connection_id": 1, "external_id": "blue", "name": "navy"}
        upsert(ours.store, TEAM, [row, {**row, "external_id": "new", "name": "new"}], ["connection_id", "external_id"])
        assert names(ours.store) == ["green", "navy", "new"]
        assert names(ours.store, ours.real(TEAM)) == ["blue", "red"]
        with reading(teams) as store:
            assert names(store) == ["blue", "red"]
        # New rows continue the numbers of the real table, whose own are not used up.
        assert (ours.store.scalar(select(Team.id).where(Team.name == "new")) or 0) > 2
    with writing(teams) as store:
        assert names(store) == ["blue", "red"]
        again = insert(Team).values(connection_id=1, external_id="three", name="three").returning(Team.id)
        assert store.execute(again).scalar_one() == 3


def test_keys_hold_in_a_shadow(teams: Engine) -> None:
    with shadow(teams) as ours:
        ours.copy(TEAM)
        ours.close_doors()
        with pytest.raises(IntegrityError):
            ours.store.execute(insert(Team).values(connection_id=1, external_id="red", name="x"))


@pytest.mark.parametrize("statement", ["insert", "update", "delete"])
def test_the_database_refuses_to_write_a_real_table(teams: Engine, statement: str) -> None:
    with shadow(teams) as ours:
        ours.copy(TEAM)
        ours.close_doors()
        real = ours.real(TEAM)
        doing = {
            "insert": insert(real).values(connection_id=1, external_id="x", name="x"),
            "update": update(real).values(name="x"),
            "delete": delete(real),
        }
        with pytest.raises((DBAPIError, StoreError)):
            ours.store.execute(doing[statement])
    with reading(teams) as store:
        assert names(store) == ["blue", "red"]


def test_a_table_without_a_shadow_cannot_be_written(teams: Engine) -> None:
    with shadow(teams) as ours:
        ours.close_doors()
        with pytest.raises((DBAPIError, StoreError)):
            ours.store.execute(update(Team).values(name="x"))


def test_others_write_meanwhile_and_the_shadow_stays_at_its_moment(teams: Engine) -> None:
    with shadow(teams) as ours:
        ours.copy(TEAM)
        ours.close_doors()
        ours.store.execute(update(Team).values(name="grey"))
        with writing(teams) as store:
            store.execute(update(Team).values(name="theirs"))
        assert names(ours.store) == ["grey", "grey"]
        assert names(ours.store, ours.real(TEAM)) == ["blue", "red"]
    with reading(teams) as store:
        assert names(store) == ["theirs", "theirs"]


def test_a_table_that_is_seen_through_loses_rows_in_the_shadow_only(teams: Engine) -> None:
    with shadow(teams) as ours:
        ours.see_through(RAW)
        ours.close_doors()
        ours.store.execute(delete(RawRecord).where(RawRecord.external_id.in_(["1", "2"])))
        assert sorted(ours.store.scalars(select(RawRecord.external_id))) == ["0", "3"]
    with reading(teams) as store:
        assert store.scalar(select(func.count()).select_from(RawRecord)) == 4


def test_an_empty_shadow_begins_without_rows(teams: Engine) -> None:
    with shadow(teams) as ours:
        ours.empty(TEAM)
        ours.close_doors()
        assert names(ours.store) == []
        ours.store.execute(insert(Team).values(connection_id=1, external_id="red", name="red"))
        assert names(ours.store) == ["red"]


def test_every_table_can_be_shadowed(teams: Engine) -> None:
    with shadow(teams) as ours:
        ours.copy(*Base.metadata.sorted_tables)
        ours.close_doors()
        for table in Base.metadata.sorted_tables:
            both = [ours.store.scalar(select(func.count()).select_from(each)) for each in (table, ours.real(table))]
            assert both[0] == both[1], table.name


def test_nobody_waits_for_what_a_shadow_locks(teams: Engine) -> None:
    with shadow(teams) as ours:
        ours.close_doors()
        exclusive(ours.store, Lock.PEOPLE)
        with writing(teams) as store:
            if store.dialect.name == "postgresql":
                store.exec_driver_sql("SET LOCAL lock_timeout = 1000")
            exclusive(store, Lock.PEOPLE)
            store.execute(insert(Team).values(connection_id=1, external_id="late", name="late"))
            assert "late" in names(store)


def test_a_long_statement_is_broken_off_from_another_thread(teams: Engine) -> None:
    endless = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT count(*) FROM n"
    )
    with shadow(teams) as ours:
        timer = threading.Timer(0.2, ours.interrupt)
        timer.start()
        began = time.monotonic()
        with pytest.raises((DBAPIError, StoreError)):
            ours.store.execute(endless)
        timer.join()
        assert time.monotonic() - began < 5
