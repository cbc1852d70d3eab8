"""A backup is the whole store as of one moment; what is restored from it is the same, in either kind of database."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard
from sqlalchemy import Engine, LargeBinary, func, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from portfolio.audit.append import append
from portfolio.audit.entry import COMMAND
from portfolio.audit.verify import verify
from portfolio.backup.errors import CannotRestore, DamagedBackup, NewerBackup, NotABackup
from portfolio.backup.layout import LEFT_OUT, VERSION, Contents, layout_of, tables
from portfolio.backup.read import BackupReader, check_backup
from portfolio.backup.restore import restore_backup
from portfolio.backup.write import write_backup
from portfolio.calendar import hours_by_calendar
from portfolio.model import Base
from portfolio.model.access import AuditEntry, User
from portfolio.model.base import EVER, FAR
from portfolio.model.landing import Lease, RateBudget, RawRecord, RunRequest, SliceClaim, StoredSecret
from portfolio.model.oversight import SyncRun
from portfolio.model.people import Holiday, Person
from portfolio.model.resources import PersonTerms, WorkingTime
from portfolio.model.sealed import PLAIN, SEALED
from portfolio.model.structure import ObjectiveLink, Project
from portfolio.model.work import WorkItem
from portfolio.store.engine import open_engine, reading, writing
from portfolio.store.migrate import downgrade, require_current, upgrade
from tests.portfolio.builders import World
from tests.postgres import Server

NOW = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
# In neither, by what a restore does to them.
SETTLED = {"sync_run", "user", "audit_entry"}

Make = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def emptied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database without any tables, of both kinds: with `engine`, each into each."""
    if request.param == "sqlite":
        made = open_engine(f"sqlite:///{tmp_path / 'restored.db'}")
        yield made
        made.dispose()
        return
    server: Server = request.getfixturevalue("postgres")
    url = server.create()
    made = open_engine(url)
    yield made
    made.dispose()
    server.drop(url)


def fill(engine: Engine) -> None:
    """Something of every kind of column, hostile texts, a parent after its child, and what belongs to processes."""
    with writing(engine) as store:
        world = World(store)
        project = world.project("P1")
        child = world.item(project, created=date(2026, 1, 5))
        parent = world.item(project)
        store.execute(update(WorkItem).where(WorkItem.id == child).values(parent_id=parent, title=HOSTILE, points=0.1))
        world.finished(project, date(2026, 1, 5), date(2026, 1, 9))
        world.milestone(project, date(2026, 2, 1))
        parent_objective = world.objective(project, code=HOSTILE, weight=Decimal("0.125"), entered_by="ada")
        objective = world.objective(project, parent_id=parent_objective, gone_at=NOW)
        said = {"strength": 0, "reason": HOSTILE, "said_by": "ada", "said_at": NOW}
        pair = {"objective_id": objective, "project_id": project}
        store.execute(insert(ObjectiveLink).values(**pair, **said, valid_from=date(2026, 1, 6), valid_to=FAR))
        store.execute(update(Project).values(budget=Decimal("1234567890.12"), budget_currency="EUR"))
        calendar = world.calendar("Fünf", (EVER, "7.75 8 8 8 0 0 0"), (date(2026, 2, 1), "7 7 7 7 7 0 0"))
        store.execute(insert(Holiday).values(calendar_id=calendar, day=date(2026, 1, 6), fraction=Decimal("0.5")))
        span = {"valid_from": EVER, "valid_to": FAR}
        store.execute(insert(WorkingTime).values(**span, minutes_per_day=450, overhead_percent=10))
        record = {"connection_id": world.tracker_id, "stream": "items", "landed_at": NOW, "hash": bytes(range(16))}
        store.execute(
            insert(RawRecord), [record | {"external_id": str(n), "payload": bytes([n]) * n} for n in range(9)]
        )
        store.execute(insert(StoredSecret).values(connection_id=world.tracker_id, token=b"sealed", updated_at=NOW))
        run = world.run(world.tracker_id, NOW, state="running")
        store.execute(insert(Lease).values(connection_id=world.tracker_id, owner="x", run_id=run, expires_at=LATER))
        store.execute(insert(SliceClaim).values(run_id=run, stream="items", slice="1"))
        store.execute(insert(RateBudget).values(connection_id=world.tracker_id))
        store.execute(
            insert(RunRequest).values(connection_id=world.tracker_id, mode="full", asked_by="somebody", asked_at=NOW)
        )
        store.execute(insert(User).values(name="ada", created_at=NOW, session_epoch=4))
        for number in range(3):
            append(store, NOW + timedelta(seconds=number), COMMAND, "test.done", new={"n": number})


HOSTILE = "a\tb\nc\\d\"e'f,\u2028 \\N \U0001f600 \u202e </script> \x01"


def backed_up(engine: Engine) -> bytes:
    out = io.BytesIO()
    write_backup(engine, out, product="9.9", now=NOW)
    return out.getvalue()


def restored(engine: Engine, file: bytes, *, replace: bool = False) -> Contents:
    return restore_backup(engine, BackupReader(io.BytesIO(file)), replace=replace, now=LATER, actor=COMMAND)


def rows_of(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with reading(engine) as store:
        return {
            table.name: [tuple(row) for row in store.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def lines_of(file: bytes) -> list[bytes]:
    return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(file)).read().splitlines(keepends=True)


def packed(lines: list[bytes]) -> bytes:
    return zstandard.ZstdCompressor().compress(b"".join(lines))


def test_what_is_restored_is_what_was_there_in_either_kind_of_database(engine: Engine, emptied: Engine) -> None:
    fill(engine)
    before = rows_of(engine)
    file = backed_up(engine)
    restored(emptied, file)
    require_current(emptied)
    after = rows_of(emptied)
    for name in before.keys() - SETTLED - LEFT_OUT:
        assert after[name] == before[name], name
    assert all(after[name] == [] for name in LEFT_OUT)
    assert any(before[name] for name in LEFT_OUT)
    with reading(emptied) as store:
        assert verify(store).broken_at is None
        assert store.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()[3:] == ["backup.restored"]
    # And what was restored makes the same backup again, but for what the restore itself did.
    again = check_backup(BackupReader(io.BytesIO(backed_up(emptied)))).digests
    first = check_backup(BackupReader(io.BytesIO(file))).digests
    assert {name for name in first if first[name] != again[name]} == SETTLED


def test_new_rows_are_numbered_after_the_restored_ones(engine: Engine, emptied: Engine) -> None:
    fill(engine)
    restored(emptied, backed_up(engine))
    with writing(emptied) as store:
        person = store.execute(insert(Person).values(name="new").returning(Person.id)).scalar_one()
        project = store.execute(insert(Project).values(code="P9", name="new").returning(Project.id)).scalar_one()
    assert (person, project) == (1, 2)


def test_nobody_runs_and_nobody_is_signed_in_after_a_restore(engine: Engine, emptied: Engine) -> None:
    fill(engine)
    restored(emptied, backed_up(engine))
    with reading(emptied) as store:
        run = store.execute(select(SyncRun.state, SyncRun.finished_at, SyncRun.error)).one()
        assert run.state == "interrupted"
        assert run.finished_at == NOW
        assert "Start the sync again" in run.error
        epoch = store.scalar(select(User.session_epoch))
        # Above any that sessions from between the backup and its restore may carry.
        assert epoch is not None
        assert epoch > 1_000_000


def test_a_backup_restored_twice_ends_the_sessions_twice(engine: Engine) -> None:
    fill(engine)
    file = backed_up(engine)
    restored(engine, file, replace=True)
    newer = backed_up(engine)
    with reading(engine) as store:
        first = store.scalar(select(User.session_epoch))
    restored(engine, newer, replace=True)
    with reading(engine) as store:
        assert store.scalar(select(User.session_epoch)) != first


def test_a_database_with_rows_is_replaced_only_when_told_to(engine: Engine) -> None:
    fill(engine)
    file = backed_up(engine)
    with writing(engine) as store:
        store.execute(insert(Person).values(name="since"))
        append(store, LATER, COMMAND, "test.since")
    kept = rows_of(engine)
    with pytest.raises(CannotRestore, match="--replace"):
        restored(engine, file)
    assert rows_of(engine) == kept
    restored(engine, file, replace=True)
    require_current(engine)
    with reading(engine) as store:
        assert store.scalars(select(Person.name)).all() == []
        assert verify(store).broken_at is None
        # The log that was replaced can still be told by its head.
        old = store.scalar(select(AuditEntry.old).order_by(AuditEntry.id.desc()).limit(1))
        assert json.loads(old or "") == {"entry": 4, "hash": kept["audit_entry"][-1][-1]}
    # The rules of the log hold as before.
    with pytest.raises(DBAPIError, match="append-only"), writing(engine) as store:
        store.execute(update(AuditEntry).values(action="else"))


def test_tables_of_another_program_are_left_alone(emptied: Engine) -> None:
    with emptied.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE person (id INTEGER)")
    upgraded = open_engine("sqlite:///:memory:")
    upgrade(upgraded)
    with pytest.raises(CannotRestore, match="another program"):
        restored(emptied, backed_up(upgraded), replace=True)
    upgraded.dispose()


def test_a_backup_of_an_older_schema_is_brought_up_to_date(engine: Engine, emptied: Engine) -> None:
    """A file as a version before roles had scopes would have written it."""
    fill(engine)
    with writing(engine) as store:
        store.execute(insert(Person).values(name="Mia"))
    file = as_of_older_schema(engine)
    restored(emptied, file)
    require_current(emptied)
    with reading(emptied) as store:
        assert store.execute(text("SELECT role, scope_type FROM role_grant")).all() == [("admin", "all")]
        assert store.scalar(select(func.count()).select_from(WorkItem)) == 3
        told = set(store.scalars(select(PersonTerms.fte)))
        assert told == {Decimal("0.5")}
        assert [on for calendar in hours_by_calendar(store).values() for on in calendar] == [
            (EVER, "7.75 7.75 7.75 7.75 0 0 0")
        ]


def as_of_older_schema(engine: Engine) -> bytes:
    """The present file with the tables and the columns of revision 0002 only."""
    older = open_engine("sqlite://")
    upgrade(older, "0002")
    known = {
        name: {each["name"] for each in inspect(older).get_columns(name)} for name in inspect(older).get_table_names()
    }
    older.dispose()
    header, *lines = lines_of(backed_up(engine))
    document = json.loads(header) | {"revision": "0002"}
    tables_then, body, digests = [], [], []
    for table in document["tables"]:
        name, columns = table["name"], table["columns"]
        rows, lines = [json.loads(line) for line in lines[: table["rows"]]], lines[table["rows"] + 1 :]
        if name not in known:
            continue
        keep = [at for at, (column, _) in enumerate(columns) if column in known[name]]
        rows = [[row[at] for at in keep] for row in rows]
        table["columns"] = [columns[at] for at in keep]
        if name == "user":
            # Everybody had a password and one role then.
            table["columns"].append(["role", "text"])
            password = [column for column, _ in table["columns"]].index("password_hash")
            rows = [[*row[:password], "x", *row[password + 1 :], "admin"] for row in rows]
        if name == "baseline":
            table["columns"].append(["is_current", "boolean"])
            rows = [[*row, True] for row in rows]
        if name == "person":
            # How somebody worked stood with them then.
            table["columns"] += [["fte", "decimal"], ["calendar_id", "integer"]]
            rows = [[*row, "0.5", None] for row in rows]
        if name == "calendar":
            # As did what the hours of a calendar were, for all time.
            table["columns"] += [["workdays", "text"], ["hours_per_day", "decimal"]]
            rows = [[*row, "1111000", "7.75"] for row in rows]
        written = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        digest = hashlib.sha256(written)
        digests.append(digest.digest())
        tables_then.append(table)
        body += [written, msgspec.json.encode({"sha256": digest.hexdigest()}) + b"\n"]
    first = msgspec.json.encode(document | {"tables": tables_then})
    end = hashlib.sha256(first + b"".join(digests)).hexdigest()
    return packed([first + b"\n", *body, msgspec.json.encode({"end": end}) + b"\n"])


def _cut(file: bytes) -> bytes:
    return file[: len(file) // 2]


def _without_trailer(file: bytes) -> bytes:
    return packed(lines_of(file)[:-1])


def _swapped_bit(file: bytes) -> bytes:
    middle = len(file) // 2
    return file[:middle] + bytes([file[middle] ^ 0x10]) + file[middle + 1 :]


def _other_row(file: bytes) -> bytes:
    return packed([line.replace(b'"Project P1"', b'"Project P2"') for line in lines_of(file)])


def _row_less(file: bytes) -> bytes:
    return packed([line for line in lines_of(file) if b'"Project P1"' not in line])


def _other_header(file: bytes) -> bytes:
    return packed([line.replace(b'"9.9"', b'"9.8"') for line in lines_of(file)])


def _more_after_the_end(file: bytes) -> bytes:
    return packed([*lines_of(file), b"more\n"])


DAMAGES = [_cut, _without_trailer, _swapped_bit, _other_row, _row_less, _other_header, _more_after_the_end]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_file_is_found_out_and_changes_nothing(engine: Engine, damage: Callable[[bytes], bytes]) -> None:
    fill(engine)
    file = damage(backed_up(engine))
    kept = rows_of(engine)
    with pytest.raises(DamagedBackup) as found:
        check_backup(BackupReader(io.BytesIO(file)))
    assert "Project" not in str(found.value)
    with pytest.raises(DamagedBackup):
        restored(engine, file, replace=True)
    assert rows_of(engine) == kept


def test_every_cut_is_found_out(sqlite_template: Path) -> None:
    engine = open_engine(f"sqlite:///{sqlite_template}")
    file = backed_up(engine)
    engine.dispose()
    # The last bytes are the frame's own checksum, which says no more than the digest before it.
    for length in range(len(file) - 8):
        with pytest.raises((DamagedBackup, NotABackup)):
            check_backup(BackupReader(io.BytesIO(file[:length])))
    assert check_backup(BackupReader(io.BytesIO(file))).header.rows == 0


@pytest.mark.parametrize("other", [b"", b"SQLite format 3\x00", zstandard.ZstdCompressor().compress(b"{}\n")])
def test_another_file_is_no_backup(other: bytes) -> None:
    with pytest.raises(NotABackup):
        BackupReader(io.BytesIO(other))


def test_a_newer_file_says_which_version_made_it(engine: Engine) -> None:
    first, *rest = lines_of(backed_up(engine))
    newer_format = packed([first.replace(b'"version":%d' % VERSION, b'"version":%d' % (VERSION + 1)), *rest])
    with pytest.raises(NewerBackup, match=r"9\.9"):
        BackupReader(io.BytesIO(newer_format))
    document = json.loads(first)
    newer_schema = packed([msgspec.json.encode(document | {"revision": "9999"}) + b"\n", *rest])
    with pytest.raises(NewerBackup, match=r"9\.9"):
        restored(engine, newer_schema)


def test_names_of_columns_in_a_file_never_become_statements(engine: Engine) -> None:
    first, *rest = lines_of(backed_up(engine))
    document = json.loads(first)
    document["tables"][0]["columns"][0][0] = 'id"; DROP TABLE person; --'
    with pytest.raises(DamagedBackup, match="not those of its version"):
        restored(engine, packed([msgspec.json.encode(document) + b"\n", *rest]))
    assert rows_of(engine)["person"] == []


def test_what_refers_to_nothing_is_not_restored(engine: Engine, emptied: Engine) -> None:
    """Digests prove that a file is as it was written, not that whoever wrote it wrote sense."""
    fill(engine)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
            connection.exec_driver_sql("UPDATE work_item SET parent_id = 777")
        else:
            connection.exec_driver_sql("ALTER TABLE work_item DROP CONSTRAINT fk_work_item_parent_id_work_item")
            connection.exec_driver_sql("UPDATE work_item SET parent_id = 777")
        connection.commit()
    with pytest.raises(DamagedBackup):
        restored(emptied, backed_up(engine))
    with reading(emptied) as store:
        assert not store.dialect.has_table(store, "person")


def test_a_value_the_other_database_cannot_hold_is_told_by_its_table(
    sqlite_template: Path, postgres: Server, tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "a.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with writing(engine) as store:
        store.execute(insert(Person).values(name="nul \x00 secret words"))
    file = backed_up(engine)
    engine.dispose()
    url = postgres.create()
    other = open_engine(url)
    with pytest.raises(CannotRestore, match="a row of person") as refused:
        restored(other, file)
    assert "secret words" not in str(refused.value)
    other.dispose()
    postgres.drop(url)


def test_every_table_is_in_a_backup_or_left_out_on_purpose() -> None:
    assert {table.name for table in tables()} | LEFT_OUT == set(Base.metadata.tables)
    for table in tables():
        assert len(layout_of(table, 0).columns) == len(table.columns)
        assert not {key.column.table.name for key in table.foreign_keys} & LEFT_OUT


def test_every_binary_column_is_sealed_or_known_to_be_plain() -> None:
    known = {str(column) for column in (*(sealed.column for sealed in SEALED), *PLAIN)}
    binary = {
        f"{mapper.class_.__name__}.{prop.key}"
        for mapper in Base.registry.mappers
        for prop in mapper.column_attrs
        if isinstance(prop.columns[0].type, LargeBinary)
    }
    assert binary == known


def test_an_older_store_is_replaced_too(engine: Engine) -> None:
    fill(engine)
    file = backed_up(engine)
    downgrade(engine, "0002")
    restored(engine, file, replace=True)
    require_current(engine)
    with reading(engine) as store:
        assert store.scalar(select(func.count()).select_from(WorkItem)) == 3
