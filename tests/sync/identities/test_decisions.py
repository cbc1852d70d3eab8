"""Deciding who is who, and taking it back: nothing is lost on the way, on both databases."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import Engine, func, select

from portfolio.audit.entry import COMMAND
from portfolio.audit.verify import verify
from portfolio.model.mapping import PersonApart, PersonDecision
from portfolio.model.people import Person, PersonIdentity
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem
from portfolio.overlay.enter import enter
from portfolio.overlay.text import Value
from portfolio.overlay.values import held
from portfolio.store.engine import reading, writing
from sync.erasure import erase
from sync.errors import BusyError, PersonDecisionError, UnknownPersonError
from sync.identities.deciding import Pair, merge, reject, split
from sync.identities.undoing import undo
from sync.run.lease import Lease
from tests.sync.identities.crowd import NOW, Crowd

WHO = (NOW, "ada", COMMAND)


def identities(engine: Engine, person_id: int) -> list[int]:
    with reading(engine) as store:
        query = select(PersonIdentity.id).where(PersonIdentity.person_id == person_id)
        return list(store.scalars(query.order_by(PersonIdentity.id)))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_was_decided_can_be_undone_row_for_row(engine: Engine, seed: int) -> None:
    crowd, random = Crowd(engine, seed), Random(seed)
    before, made = crowd.picture(), []
    for _ in range(6):
        with reading(engine) as store:
            there = list(store.scalars(select(Person.id).order_by(Person.id)))
        one, other = random.sample(there, 2)
        accounts = identities(engine, one)
        match random.randrange(3):
            case 0 if len(accounts) > 1:
                made.append(split(engine, one, random.sample(accounts, len(accounts) - 1), *WHO)[1])
            case 1:
                made += reject(engine, [Pair(one, other)], *WHO)
            case _:
                made += merge(engine, [Pair(one, other)], *WHO)
    assert crowd.picture() != before
    for decision in reversed(made):
        undo(engine, decision, *WHO)
    assert crowd.picture() == before
    with reading(engine) as store:
        assert verify(store).broken_at is None


@pytest.mark.parametrize("seed", range(2))
def test_many_at_once_are_undone_one_by_one(engine: Engine, seed: int) -> None:
    crowd = Crowd(engine, seed)
    before = crowd.picture()
    a, b, c, d, e, f, *_ = crowd.persons
    made = merge(engine, [Pair(b, a), Pair(c, b), Pair(e, d), Pair(f, d)], *WHO)
    assert len(made) == 4
    assert len(crowd.picture()["person"]) == len(crowd.persons) - 4
    for decision in reversed(made):
        undo(engine, decision, *WHO)
    assert crowd.picture() == before


def test_the_order_of_merges_does_not_matter(engine: Engine) -> None:
    crowd = Crowd(engine, 3)
    a, b, c, *_ = crowd.persons
    found = []
    for pairs in ([(b, a), (c, a)], [(c, b), (b, a)], [(a, c), (c, b)], [(b, c), (a, c)]):
        made = [merge(engine, [Pair(*pair)], *WHO)[0] for pair in pairs]
        found.append(crowd.owners())
        for decision in reversed(made):
            undo(engine, decision, *WHO)
    at_once = merge(engine, [Pair(c, b), Pair(b, a)], *WHO)
    assert len(at_once) == 2
    assert all(each == crowd.owners() for each in found)


def test_what_one_tells_and_the_other_does_not_is_told_of_both(engine: Engine) -> None:
    crowd = Crowd(engine, 1)
    a, b, *_ = crowd.persons
    with writing(engine) as store:
        store.execute(Person.__table__.update().where(Person.id == a).values(role=None, segment="South", origin="hand"))
        store.execute(
            Person.__table__.update().where(Person.id == b).values(role="Lead", segment="North", origin="hand")
        )
    (decision,) = merge(engine, [Pair(b, a, 0.9, ("the same name",))], *WHO)
    with reading(engine) as store:
        assert store.execute(select(Person.role, Person.segment).where(Person.id == a)).one() == ("Lead", "South")
        row = store.execute(select(PersonDecision).where(PersonDecision.id == decision)).mappings().one()
    assert (row["kind"], row["person_id"], row["other_id"], row["score"]) == ("merged", b, a, 0.9)
    assert row["decided_by"] == "ada"


def test_nobody_comes_to_be_above_themselves(engine: Engine) -> None:
    crowd = Crowd(engine, 1)
    a, b, c, *_ = crowd.persons
    table = Person.__table__
    with writing(engine) as store:
        store.execute(table.update().values(manager_id=None))
        store.execute(table.update().where(table.c.id == c).values(manager_id=b))
        store.execute(table.update().where(table.c.id == b).values(manager_id=a))
    before = crowd.picture()
    (decision,) = merge(engine, [Pair(c, a)], *WHO)
    with reading(engine) as store:
        assert store.execute(select(table.c.manager_id).where(table.c.id.in_((a, b))).order_by(table.c.id)).all() == [
            (None,),
            (a,),
        ]
    undo(engine, decision, *WHO)
    assert crowd.picture() == before


def test_what_accounts_bring_after_the_merge_goes_back_with_them(engine: Engine) -> None:
    crowd = Crowd(engine, 5, size=2)
    a, b = crowd.persons
    with writing(engine) as store:
        crowd.rows.db = store
        store.execute(PersonIdentity.__table__.update().values(connection_id=crowd.connections[0]))
        store.execute(
            PersonIdentity.__table__.update()
            .where(PersonIdentity.person_id == b)
            .values(connection_id=crowd.connections[1])
        )
    (decision,) = merge(engine, [Pair(b, a)], *WHO)
    with writing(engine) as store:
        crowd.rows.db = store
        crowd.work(store, a, crowd.connections[1])
        newest = store.scalar(select(func.max(WorkItem.id)))
    undo(engine, decision, *WHO)
    with reading(engine) as store:
        assert store.scalar(select(WorkItem.assignee_id).where(WorkItem.id == newest)) == b


def test_what_cannot_be_decided_is_refused_and_changes_nothing(engine: Engine) -> None:
    crowd = Crowd(engine, 2)
    a, b, c, *_ = crowd.persons
    first = merge(engine, [Pair(b, a)], *WHO)[0]
    second = merge(engine, [Pair(a, c)], *WHO)[0]
    before = crowd.picture()
    with pytest.raises(PersonDecisionError, match=f"undo {second} first"):
        undo(engine, first, *WHO)
    with pytest.raises(PersonDecisionError, match="with themselves"):
        merge(engine, [Pair(c, c)], *WHO)
    with pytest.raises(UnknownPersonError):
        merge(engine, [Pair(b, c)], *WHO)
    with pytest.raises(PersonDecisionError, match="at least one account"):
        split(engine, c, identities(engine, c), *WHO)
    with pytest.raises(PersonDecisionError, match="choose accounts"):
        split(engine, c, [987], *WHO)
    with pytest.raises(PersonDecisionError, match="no decision"):
        undo(engine, 987, *WHO)
    with writing(engine) as store:
        Lease(crowd.connections[0], "C0", 77).acquire(store, NOW)
        Lease(crowd.connections[1], "C1", 78).acquire(store, NOW)
    with pytest.raises(BusyError):
        undo(engine, second, *WHO)
    assert {name: rows for name, rows in crowd.picture().items() if name != "lease"} == {
        name: rows for name, rows in before.items() if name != "lease"
    }


def test_who_was_erased_stays_who_they_are(engine: Engine) -> None:
    crowd = Crowd(engine, 2)
    a, b, c, *_ = crowd.persons
    (decision,) = merge(engine, [Pair(b, a)], *WHO)
    erase(engine, a, "asked for it", NOW, COMMAND)
    with pytest.raises(PersonDecisionError, match="was erased"):
        undo(engine, decision, *WHO)
    with pytest.raises(PersonDecisionError, match="was erased"):
        merge(engine, [Pair(a, c)], *WHO)
    with reading(engine) as store:
        assert store.scalar(select(PersonDecision.body).where(PersonDecision.id == decision)) == ""
        assert store.scalar(select(func.count()).select_from(PersonApart)) == 0


def test_who_leads_a_project_is_told_with_the_account_and_entered_by_hand_stays(engine: Engine) -> None:
    crowd = Crowd(engine, 5)
    with writing(engine) as store:
        crowd.rows.db = store
        person = crowd.rows.person("Mia")
        for connection in crowd.connections[:2]:
            crowd.account(store, person, connection)
        [first, second] = store.scalars(select(Project.id).where(Project.manager_id == person).order_by(Project.id))
        enter(store, {first: {"sponsor": f"[{person}]"}}, NOW, "ada", COMMAND)
    gone = identities(engine, person)[0]
    made, decision = split(engine, person, [gone], *WHO)
    with reading(engine) as store:
        known = held(store, [first, second])
        leads = store.execute(select(Project.manager_id, Project.sponsor_id).order_by(Project.id.desc()).limit(2)).all()
    assert [known[each]["sponsor"].told for each in (first, second)] == [Value(person_id=made), Value(person_id=person)]
    assert leads == [(person, person), (made, person)]
    undo(engine, decision, *WHO)
    with reading(engine) as store:
        assert held(store, [first])[first]["manager"].value == Value(person_id=person)
