"""Persons with everything that can hang on them, made up from a seed; and a picture of all of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from portfolio.audit.entry import Actor, ActorKind
from portfolio.bookings.asking import Action, Side
from portfolio.bookings.requests import Deed, act
from portfolio.model.access import User
from portfolio.model.base import FAR, Base
from portfolio.model.people import Allocation, Person, PersonIdentity, Team, TeamMember, TimeOff
from portfolio.model.resources import PersonTerms
from portfolio.model.structure import Portfolio, Program
from portfolio.model.work import FieldChange, ItemAssignee, Transition, Worklog
from portfolio.overlay.text import Value
from portfolio.overlay.values import tell
from portfolio.store.engine import reading, writing
from tests.webapp.builders import Rows

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVER, DAY = date(1, 1, 1), date(2026, 2, 2)
DAY = date(2026, 3, 2)
UNSEEN = frozenset({"audit_entry", "history_due", "person_decision", "run_request"})
"""What a decision that was undone leaves behind: that there was one, and what is to be mapped and computed anew."""


class Crowd:
    """Some persons on three connections. Each account is one person's; rows are of the accounts' connections."""

    def __init__(self, engine: Engine, seed: int, size: int = 8) -> None:
        self.engine = engine
        self.random = Random(seed)
        with writing(engine) as store:
            self.rows = Rows(store)
            self.connections = [self.rows.connection(f"C{number}") for number in range(3)]
            self.persons = [self._person(number) for number in range(size)]
            for person in self.persons:
                for connection in self.random.sample(self.connections, self.random.randint(1, 2)):
                    self.account(store, person, connection)
            self._above(store)
            teams = [self.rows.add(Team, name=f"T{number}") for number in range(2)]
            for team in teams:
                for person in self.random.sample(self.persons, min(4, size)):
                    store.execute(insert(TeamMember).values(team_id=team, person_id=person, share=Decimal("0.5")))

    def _person(self, number: int) -> int:
        pick = self.random.choice
        ident = self.rows.add(
            Person,
            name=f"Person {number}",
            email_hash=pick((None, f"hash {number}")),
            role=pick((None, "Tester")),
            segment=pick((None, "North")),
            origin=pick(("tracker", "hand")),
            active=pick((True, False)),
        )
        if pick((True, False)):
            spans = pick((((EVER, FAR),), ((EVER, DAY), (DAY, FAR))))
            for since, until in spans:
                self.rows.row(PersonTerms, person_id=ident, valid_from=since, valid_to=until, fte=pick((1, 0.5)))
        return ident

    def _above(self, store: Connection) -> None:
        """Managers, and what persons are to portfolios, programs and accounts here."""
        for low, high in zip(self.persons[1:], self.persons, strict=False):
            if self.random.random() < 0.6:
                store.execute(Person.__table__.update().where(Person.id == low).values(manager_id=high))
        pick = self.random.choice
        self.rows.add(Portfolio, code="F", name="F", currency="EUR", owner_id=pick(self.persons))
        self.rows.add(Program, code="G", name="G", status="active", manager_id=pick(self.persons))
        asked = self.rows.request(self.rows.project("Asks"), NOW)
        working = list(store.scalars(select(Person.id).where(Person.active).order_by(Person.id)))
        deed = Deed(Action.PROPOSE, seen=1, person_id=pick(working or [self.rows.person("Ned")]))
        by = Actor(ActorKind.USER, self.rows.add(User, name="res", origin="local", created_at=NOW))
        act(store, asked, deed, frozenset(Side), NOW, by)
        self.rows.add(
            User, name="mia", origin="local", active=True, session_epoch=0, created_at=NOW, person_id=pick(self.persons)
        )

    def account(self, store: Connection, person: int, connection: int, **fields: Any) -> int:
        """An account of the person, with a project they lead, items, history, time, bookings and days off."""
        number = self.random.randrange(10**9)
        row = {"name": f"Account {number}", "active": True, "human": True, "listed": True} | fields
        ident = self.rows.add(
            PersonIdentity, connection_id=connection, external_id=f"a{number}", person_id=person, **row
        )
        self.work(store, person, connection)
        return ident

    def work(self, store: Connection, person: int, connection: int) -> None:
        """What a tracker tells of one of its accounts."""
        number, own = self.random.randrange(10**9), {"connection_id": connection, "external_id": f"w{connection}"}
        own["external_id"] += f"-{number}"
        project = self.rows.project(f"Project {number}", connection, code=f"N{number}")
        tell(
            store, connection, NOW, {project: {"manager": Value(person_id=person), "sponsor": Value(person_id=person)}}
        )
        item = self.rows.item(
            project, connection, created=DAY, assignee_id=person, reporter_id=person, external_id=f"i{number}"
        )
        store.execute(insert(ItemAssignee).values(item_id=item, person_id=person))
        for table, fields in (
            (Transition, {"from_status": "", "to_status": "a", "from_category": "", "to_category": "todo"}),
            (FieldChange, {"field": "due"}),
        ):
            store.execute(insert(table).values(item_id=item, seq=9, at=NOW, by_id=person, **fields))
        self.rows.add(Worklog, **own, item_id=item, person_id=person, work_date=DAY, seconds=60, rejected=False)
        self.rows.add(Allocation, **own, project_id=project, person_id=person, start=DAY, end=DAY, kind="hard")
        self.rows.add(TimeOff, **own, person_id=person, start=DAY, end=DAY + timedelta(days=1), fraction=1)

    def picture(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with reading(self.engine) as store:
            return {
                table.name: sorted((tuple(row) for row in store.execute(select(table))), key=repr)
                for table in Base.metadata.sorted_tables
                if table.name not in UNSEEN
            }

    def owners(self) -> dict[str, list[Any]]:
        """By table, whose each row is, told by the accounts of that person: the same whichever number they kept.

        Not whose terms hold: like a role, that is told by who stays.
        """
        with reading(self.engine) as store:
            rows = store.execute(select(PersonIdentity.person_id, PersonIdentity.id)).all()
            whose: dict[int | None, list[int]] = {}
            for person, ident in rows:
                whose.setdefault(person, []).append(ident)
            found = {}
            for table in Base.metadata.sorted_tables:
                named = [
                    it for it in table.columns if any(key.column.table.name == "person" for key in it.foreign_keys)
                ]
                if named and table.name not in (*UNSEEN, "person", "person_identity", "person_terms"):
                    others = [it for it in table.columns if it not in named]
                    picked = store.execute(select(*others, *named)).all()
                    found[table.name] = sorted(
                        (repr((row[: len(others)], [sorted(whose.get(who, [])) for who in row[len(others) :]])))
                        for row in picked
                    )
        return found
