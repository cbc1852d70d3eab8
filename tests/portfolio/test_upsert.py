"""Upserts: new rows, known rows, chosen columns, repeated keys, many rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import Engine, Table, func, select
from sqlalchemy.exc import IntegrityError

from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.people import Calendar, Holiday, PersonIdentity
from portfolio.model.work import Worklog
from portfolio.store.engine import reading, writing
from portfolio.store.upsert import CHUNK, insert_values, upsert

CALENDAR: Table = Calendar.__table__  # type: ignore[assignment]  # declared as FromClause by SQLAlchemy
HOLIDAY: Table = Holiday.__table__  # type: ignore[assignment]


KEY = ["calendar_id", "day"]


@pytest.fixture
def calendar(engine: Engine) -> Engine:
    """A database with a calendar, 1, to which days off belong."""
    with writing(engine) as connection:
        insert_values(connection, CALENDAR, ["id", "name"], [(1, "north")])
    return engine


def _day(number: int, **values: object) -> dict[str, object]:
    return {"calendar_id": 1, "day": date(2026, 12, number), **values}


def _names(engine: Engine) -> dict[int, str]:
    with reading(engine) as connection:
        return {row.day.day: row.name for row in connection.execute(select(Holiday.day, Holiday.name))}


def test_new_rows_are_inserted_and_known_ones_updated(calendar: Engine) -> None:
    with writing(calendar) as connection:
        upsert(connection, HOLIDAY, [_day(24, name="eve")], KEY)
        upsert(connection, HOLIDAY, [_day(24, name="the eve"), _day(25, name="first")], KEY)
    assert _names(calendar) == {24: "the eve", 25: "first"}


def test_only_the_named_columns_are_taken_over(calendar: Engine) -> None:
    with writing(calendar) as connection:
        upsert(connection, HOLIDAY, [_day(24, name="eve", fraction=1)], KEY)
        upsert(connection, HOLIDAY, [_day(24, name="other", fraction=Decimal("0.5"))], KEY, ["fraction"])
        upsert(connection, HOLIDAY, [_day(24, name="third", fraction=0)], KEY, [])
        assert connection.execute(select(Holiday.name, Holiday.fraction)).one() == ("eve", Decimal("0.5"))


def test_the_later_of_two_rows_with_one_key_wins(calendar: Engine) -> None:
    with writing(calendar) as connection:
        upsert(connection, HOLIDAY, [_day(24, name="one"), _day(24, name="two")], KEY)
    assert _names(calendar) == {24: "two"}


def test_columns_not_given_keep_their_value_and_new_rows_take_defaults(calendar: Engine) -> None:
    with writing(calendar) as connection:
        upsert(connection, HOLIDAY, [_day(24, name="eve")], KEY)
        upsert(connection, HOLIDAY, [_day(24), _day(25)], KEY)
    assert _names(calendar) == {24: "eve", 25: ""}


def test_more_rows_than_one_chunk_and_a_key_of_two_columns(engine: Engine) -> None:
    table: Table = PersonIdentity.__table__  # type: ignore[assignment]
    with writing(engine) as connection:
        upsert(
            connection,
            ConnectionRow.__table__,  # type: ignore[arg-type]
            [
                {
                    "name": "one",
                    "tracker": "jira",
                    "address": "https://jira.example",
                    "settings": "{}",
                    "secret_ref": "store",
                    "created_at": datetime(2026, 1, 1, tzinfo=UTC),
                }
            ],
            ["name"],
        )
        connection_id = connection.scalar(select(ConnectionRow.id))
        rows = [
            {"connection_id": connection_id, "external_id": f"u{number}", "name": f"User {number}", "active": True}
            for number in range(2 * CHUNK + 3)
        ]
        for _ in range(2):
            upsert(connection, table, rows, ["connection_id", "external_id"])
        assert connection.scalar(select(func.count()).select_from(table)) == 2 * CHUNK + 3


def test_rows_of_unlike_columns_are_refused(calendar: Engine) -> None:
    with pytest.raises(ValueError, match="unlike columns: name"), writing(calendar) as connection:
        upsert(connection, HOLIDAY, [_day(24, name="eve"), _day(25)], KEY)
    assert _names(calendar) == {}


def test_dates_instants_decimals_and_defaults_come_back_as_they_went_in(calendar: Engine) -> None:
    table: Table = ConnectionRow.__table__  # type: ignore[assignment]
    made = datetime(2026, 3, 1, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    row = {"name": "one", "tracker": "t", "address": "a", "settings": "{}", "secret_ref": "store", "created_at": made}
    with writing(calendar) as connection:
        insert_values(connection, table, tuple(row), [tuple(row.values())])
        insert_values(connection, HOLIDAY, ["calendar_id", "day", "name"], [(1, date(2026, 12, 25), "x")])
        insert_values(connection, HOLIDAY, [*KEY, "fraction"], [(1, date(2026, 12, 24), Decimal("0.375"))])
    with reading(calendar) as connection:
        assert connection.execute(select(ConnectionRow.created_at, ConnectionRow.enabled)).one() == (made, True)
        days = connection.execute(select(Holiday.day, Holiday.fraction).order_by(Holiday.day)).all()
        assert [tuple(row) for row in days] == [
            (date(2026, 12, 24), Decimal("0.375")),
            (date(2026, 12, 25), Decimal(1)),
        ]


def test_an_instant_without_a_zone_is_refused(engine: Engine) -> None:
    row = {"name": "one", "tracker": "t", "address": "a", "settings": "{}", "secret_ref": "store"}
    naive = {"created_at": datetime(2026, 3, 1)}  # noqa: DTZ001 - the fault under test
    with pytest.raises(ValueError, match="time zone"), writing(engine) as connection:
        upsert(connection, ConnectionRow.__table__, [row | naive], ["name"])  # type: ignore[arg-type]


def test_inserting_a_known_key_is_an_error(engine: Engine) -> None:
    with writing(engine) as connection:
        insert_values(connection, CALENDAR, ["name"], [("north",)])
    with pytest.raises(IntegrityError), writing(engine) as connection:
        insert_values(connection, CALENDAR, ["name"], [("north",)])


def test_effort_beyond_32_bits_is_kept(engine: Engine) -> None:
    table: Table = Worklog.__table__  # type: ignore[assignment]
    tracker = {"name": "one", "tracker": "t", "address": "a", "settings": "{}", "secret_ref": "store"}
    with writing(engine) as connection:
        row = tracker | {"created_at": datetime(2026, 1, 1, tzinfo=UTC)}
        upsert(connection, ConnectionRow.__table__, [row], ["name"])  # type: ignore[arg-type]
        ident = connection.scalar(select(ConnectionRow.id))
        row = {"connection_id": ident, "external_id": "1", "work_date": date(2026, 1, 1), "seconds": 2**40}
        upsert(connection, table, [row], ["connection_id", "external_id"])
        assert connection.scalar(select(Worklog.seconds)) == 2**40
