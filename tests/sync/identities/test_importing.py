"""A table of people is taken in whole or not at all, whoever made it; what is given out comes in again unchanged."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, insert, select

from portfolio.audit.entry import COMMAND
from portfolio.model.access import AuditEntry
from portfolio.model.people import Calendar, Person, PersonIdentity
from portfolio.store.engine import reading, writing
from sync.errors import PersonDecisionError, TableError
from sync.identities.details import Details, change_details, read_details
from sync.identities.exporting import HEAD, people_table, report
from sync.identities.importing import Imported, import_people
from sync.identities.sheet import Sheet, read_sheet
from sync.people import email_hash
from tests.webapp.builders import Rows
from webapp.export import bare, csv_text

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def known(engine: Engine) -> list[int]:
    """Mia with an address and a handle, Ned and two who are called Sam."""
    with writing(engine) as store:
        add = Rows(store)
        jira = add.connection()
        store.execute(insert(Calendar).values(name="North"))
        persons = [add.person(name) for name in ("Mia Example", "Ned Other", "Sam Same", "Sam Same", "=cmd()")]
        trace = email_hash("mia@example.invalid")
        account = {"name": "Mia", "active": True, "human": True, "listed": True, "email_hash": trace, "handle": "mia"}
        store.execute(
            insert(PersonIdentity).values(connection_id=jira, external_id="a", person_id=persons[0], **account)
        )
    return persons


def take(engine: Engine, text: str, *, dry: bool = False) -> Imported:
    return import_people(engine, read_sheet(text.encode(), bare), NOW, COMMAND, dry=dry)


def details(engine: Engine) -> dict[int, Details]:
    with reading(engine) as store:
        return read_details(store, NOW.date())


def test_rows_are_found_by_number_address_handle_and_name(engine: Engine, known: list[int]) -> None:
    mia, ned, sam, *_ = known
    done = take(
        engine,
        "E-Mail;Vorname;Nachname;Abteilung;Vorgesetzter;Pensum;Kalender;Teams;Personalnummer\n"
        "MIA@example.invalid;Mia;Example;North;new@example.invalid;80%;North;Blue 60%; 17\n"
        "new@example.invalid;Ned;Other;;;;;;\n",
    )
    assert done.done
    assert done.ignored == ("Personalnummer",)
    assert [(it.outcome, it.found_by) for it in done.answers] == [("changed", "email"), ("added", None)]
    new = done.answers[1].person_id
    assert new not in known
    found = details(engine)
    assert found[mia] == Details(
        "Mia Example", None, "North", None, None, Decimal("0.8"), "North", new, True, (("Blue", Decimal("0.6")),)
    )
    by_name = take(engine, "name,role\nNed  OTHER,Lead\n")  # two of them by now
    assert "several persons" in (by_name.faults[0].fault or "")
    again = take(engine, f"login,number,title\n,{ned},Lead\nMIA,,Owner\n,{sam},-\n")
    assert [it.found_by for it in again.answers] == ["number", "handle", "number"]
    assert (details(engine)[ned].role, details(engine)[mia].role) == ("Lead", "Owner")
    with reading(engine) as store:
        told = store.scalars(select(AuditEntry.new).where(AuditEntry.action == "people.imported")).all()
    first = '{"added":1,"changed":1,"corrects_since":"0001-01-01","rows":2}'  # nothing was told of Mia before
    assert told == [first, '{"added":0,"changed":2,"rows":3}']


def test_all_or_nothing_and_every_row_answered(engine: Engine, known: list[int]) -> None:
    mia, ned, sam, other, _ = known
    before = details(engine)
    text = (
        "number,name,email,fte,calendar,manager,active,teams\n"
        f"{mia},,,0.5,,,,\n"
        "987654,,,,,,,\n"
        "x,,,,,,,\n"
        ",Sam Same,,,,,,\n"
        ",New One,nonsense,,,,,\n"
        f"{ned},,,7,,,,\n"
        f"{sam},,,,South,,,\n"
        f"{other},,,,,Who Ever,,\n"
        ",A,a@b.invalid,,,,maybe,\n"
        ",B,b@b.invalid,,,,,Blue 200%\n"
        ",C,c@b.invalid,,,c@b.invalid,,\n"
        ",D,d@b.invalid,,,,,\n"
        ",D,d@b.invalid,,,,,\n"
        ",,e@b.invalid,,,,,\n"
    )
    done = take(engine, text)
    assert not done.done
    assert details(engine) == before
    wrong = [it.fault for it in done.answers]
    assert wrong[0] is None
    words = (
        "no person 987654", "no number", "several persons", "no address", "from 0 to 2", "no such calendar",
        "nobody is",
        "neither yes nor no", "Write teams", "above themselves", "another row", "another row", "1 to 200",
    )  # fmt: skip
    for fault, word in zip(wrong[1:], words, strict=True):
        assert word in (fault or ""), (fault, word)
    sheet = read_sheet(text.encode(), bare)
    head, rows = report(sheet, done)
    assert head[-1] == "what is wrong"
    assert [row[-1] for row in rows] == [fault or "" for fault in wrong]
    dry = take(engine, f"number,role\n{mia},Lead\n", dry=True)
    assert (dry.done, dry.count("changed")) == (False, 1)
    assert details(engine) == before


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "no rows"),
        (b"name\n", "no rows"),
        (b"colour,size\nred,2\n", "no column says who"),
        (b"\x00\x01\x02", "no text"),
        (b"name\nMia,too,many\n", "more cells"),
        (b"name\n" + b"x" * 10_001 + b"\n", "10000 characters"),
    ],
)
def test_what_is_no_table_is_refused(engine: Engine, body: bytes, word: str) -> None:
    with pytest.raises(TableError, match=word):
        import_people(engine, read_sheet(body, bare), NOW, COMMAND)


def test_tables_of_all_ages_are_read() -> None:
    text = "name;fte\nJürgen;0,5\n\n"
    expected = Sheet(("name", "fte"), (("Jürgen", "0,5"),), (2,))
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        assert read_sheet(text.encode(encoding), bare) == expected


def test_what_is_given_out_comes_in_again_unchanged(engine: Engine, known: list[int]) -> None:
    mia, ned, *_ = known
    teams = (("Blue", Decimal("0.125")), ("Red", Decimal(1)))
    new = Details("Mia Example", "@role", "North", None, "-1", Decimal("0.5"), "North", ned, False, teams)
    assert change_details(engine, mia, new, NOW, COMMAND, meant=True)
    assert not change_details(engine, mia, new, NOW, COMMAND)
    with reading(engine) as store:
        written = csv_text(HEAD, people_table(store, NOW.date()))
    assert "'=cmd()" in written
    assert "'@role" in written
    before = details(engine)
    again = take(engine, written)
    assert again.done
    assert again.count("same") == len(known)
    assert details(engine) == before


def test_nobody_is_above_themselves(engine: Engine, known: list[int]) -> None:
    mia, ned, sam, *_ = known
    assert take(engine, f"number,manager\n{ned},{mia}\n{sam},{ned}\n").done
    turned = take(engine, f"number,manager\n{mia},{sam}\n")
    assert "above themselves" in (turned.faults[0].fault or "")
    with pytest.raises(PersonDecisionError, match="above themselves"):
        change_details(engine, mia, details(engine)[mia]._replace(manager_id=sam), NOW, COMMAND)
    freed = take(engine, f"number,manager\n{mia},{sam}\n{ned},-\n")
    assert freed.done


def test_ten_thousand_rows(engine: Engine) -> None:
    count = 10_000
    text = "name,email,manager,team\n" + "".join(
        f"Person {n},p{n}@example.invalid,p{n // 10}@example.invalid,Team {n % 50} 50%\n" for n in range(1, count + 1)
    )
    text = text.replace(",p0@example.invalid,", ",,")
    done = take(engine, text)
    assert done.done, done.faults[:3]
    with reading(engine) as store:
        assert store.scalar(select(func.count()).select_from(Person)) == count
        managed = select(func.count()).select_from(Person).where(Person.manager_id.is_not(None))
        assert store.scalar(managed) == count - 9
