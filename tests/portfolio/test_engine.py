"""The engine's promises: isolation of writers, read-only readers, and clear words when the database fails."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from portfolio.model.access import User
from portfolio.model.people import Calendar, Team, TeamMember
from portfolio.store import engine as engine_module
from portfolio.store.engine import hurried, open_engine, reading, writing
from portfolio.store.errors import CannotOpen, DatabaseLocked, DiskFull, SchemaBehind, StoreError, explain

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _user(name: str) -> dict[str, object]:
    return {"name": name, "origin": "local", "password_hash": "x", "created_at": NOW}


def _add_one_by_one(connection: Connection, names: list[str]) -> None:
    for name in names:
        connection.execute(insert(User), [_user(name)])


def _users(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(User)) or 0


def test_a_write_is_there_after_the_block_and_gone_after_an_error(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(User), [_user("ada")])
    with pytest.raises(IntegrityError), writing(engine) as connection:
        _add_one_by_one(connection, ["bob", "ada"])
    assert _users(engine) == 1


def test_a_reader_sees_one_moment_while_another_writes(engine: Engine) -> None:
    with reading(engine) as reader:
        assert reader.scalar(select(func.count()).select_from(User)) == 0
        with writing(engine) as writer:
            writer.execute(insert(User), [_user("ada")])
        assert reader.scalar(select(func.count()).select_from(User)) == 0
    assert _users(engine) == 1


def test_a_reader_cannot_write_and_leaves_the_connection_fit_for_writing(engine: Engine) -> None:
    with pytest.raises((DBAPIError, StoreError)), reading(engine) as connection:
        connection.execute(insert(User), [_user("ada")])
    with writing(engine) as connection:
        connection.execute(insert(User), [_user("bob")])
    assert _users(engine) == 1


def test_foreign_keys_are_held(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(TeamMember), [{"team_id": 7, "person_id": 9}])
    with reading(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(Team)) == 0


def test_instants_come_back_aware_and_naive_ones_are_refused(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(User), [_user("ada")])
    with reading(engine) as connection:
        assert connection.scalar(select(User.created_at)) == NOW
    with pytest.raises(Exception, match="needs a time zone"), writing(engine) as connection:
        connection.execute(insert(User), [_user("bob") | {"created_at": NOW.replace(tzinfo=None)}])


def test_a_second_sqlite_writer_is_told_the_database_is_locked(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 0)
    path = tmp_path / "a.db"
    path.write_bytes(sqlite_template.read_bytes())
    first, second = open_engine(f"sqlite:///{path}"), open_engine(f"sqlite:///{path}")
    with writing(first), pytest.raises(DatabaseLocked) as caught, writing(second):
        pass
    assert "locked" in caught.value.words
    assert "try again" in caught.value.remedy
    first.dispose()
    second.dispose()


def test_a_hurried_write_gives_up_soon_and_leaves_the_patience_of_others_as_it_was(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(User), [_user("ada")])
    rename = update(User).values(name="eve")
    with writing(engine) as connection:
        connection.execute(update(User).values(origin="proxy"))
        with pytest.raises(DatabaseLocked), hurried(engine) as other:
            other.execute(rename)
    with hurried(engine) as connection:
        connection.execute(rename)
    assert _users(engine) == 1
    with reading(engine) as connection:
        assert connection.scalar(select(User.name)) == "eve"
        if engine.dialect.name == "sqlite":
            patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
            assert patience == engine_module.BUSY_TIMEOUT_MS
        else:
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "0"


def test_sqlite_is_set_up_for_many_readers_and_one_writer(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with writing(engine) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_full_disk_is_told_as_such_and_nothing_is_half_written(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 1"))
    with pytest.raises(DiskFull), writing(engine) as connection:
        connection.execute(insert(User), [_user(f"user {number} " + "x" * 500) for number in range(500)])
    assert _users(engine) == 0
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////no-such-folder/deeper/a.db",
        "postgresql://nobody@localhost:1/none?connect_timeout=2",
        "mysql://localhost/a",
        "just words",
    ],
)
def test_a_database_that_cannot_be_opened_is_told_with_a_remedy(url: str) -> None:
    with pytest.raises(CannotOpen) as caught, reading(open_engine(url)):
        pass
    assert caught.value.remedy


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 200)
    with pytest.raises(CannotOpen, match="not a Sightline database"), reading(open_engine(f"sqlite:///{path}")):
        pass


def test_a_missing_table_means_the_schema_is_behind(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(SchemaBehind, match="db upgrade"), reading(engine) as connection:
        connection.execute(select(User.id))
    engine.dispose()


def test_an_unknown_postgres_database_is_told(postgres: object) -> None:
    url = getattr(postgres, "url").replace("/postgres?", "/no_such_database?")  # noqa: B009
    with pytest.raises(CannotOpen, match="does not exist"), reading(open_engine(url)):
        pass


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_server_that_goes_away_is_told_and_the_engine_finds_back(engine: Engine) -> None:
    other = open_engine(engine.url.render_as_string(hide_password=False))
    with pytest.raises(CannotOpen, match="was lost"), writing(engine) as connection:
        _write_and_break_off(connection, other)
    assert _users(engine) == 0
    # A connection that died in the pool is replaced unseen.
    with reading(engine) as connection:
        pid = connection.scalar(select(func.pg_backend_pid()))
    with writing(other) as terminator:
        terminator.execute(select(func.pg_terminate_backend(pid)))
    assert _users(engine) == 0
    other.dispose()


def _write_and_break_off(connection: Connection, other: Engine) -> None:
    connection.execute(insert(User), [_user("ada")])
    pid = connection.scalar(select(func.pg_backend_pid()))
    with writing(other) as terminator:
        terminator.execute(select(func.pg_terminate_backend(pid)))
    connection.execute(insert(User), [_user("bob")])


def test_a_programming_mistake_is_not_dressed_up() -> None:
    assert explain("sqlite", ValueError("UNIQUE constraint failed: user.name")) is None


def test_an_interrupted_write_is_rolled_back_and_lets_go_of_its_lock(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 100)

    def interrupted(cursor: object, statement: str, parameters: object, context: object) -> None:
        if "never" in statement:
            raise KeyboardInterrupt

    event.listen(engine, "do_execute", interrupted)
    engine.dispose()
    kept = []  # An exception in flight keeps the connection alive, as a traceback does in a real process.

    def write() -> None:
        with writing(engine) as connection:
            kept.append(connection)
            connection.execute(insert(Calendar).values(name="north"))
            connection.exec_driver_sql("select 'never'")

    with pytest.raises(KeyboardInterrupt):
        write()
    with writing(engine) as connection:
        connection.execute(insert(Calendar).values(name="south"))
    with reading(engine) as connection:
        assert connection.scalars(select(Calendar.name)).all() == ["south"]
