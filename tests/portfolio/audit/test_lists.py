"""Lists of persons: whom they showed is noted once an hour, chained like all else, and found by who stood in them."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, func, select

from portfolio.audit.append import append
from portfolio.audit.entry import COMMAND, Actor, ActorKind, Subject
from portfolio.audit.lists import LIST, VIEWED, looked
from portfolio.audit.seen import Look, looks_at
from portfolio.audit.verify import verify
from portfolio.model.access import AuditEntry
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.builders import Rows

ADA, BEN = (Actor(ActorKind.USER, number, network="127.0.0.1") for number in (1, 2))


def looks(engine: Engine, *persons: int) -> list[Look]:
    with reading(engine) as store:
        return list(looks_at(store, persons))


def entries(engine: Engine) -> int:
    with reading(engine) as store:
        assert verify(store).broken_at is None
        return store.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_each_person_is_noted_once_an_hour_for_each_account_and_list(engine: Engine, clock: Clock) -> None:
    looked(engine, [3, 12, None], "load", clock(), ADA)
    looked(engine, [12, 3], "load", clock(), ADA)
    assert entries(engine) == 1
    looked(engine, [3, 12, 30], "load", clock(), ADA)  # the next page: who was not shown before
    assert [len(looks(engine, who)) for who in (3, 12, 30)] == [1, 1, 1]
    for what, by, subject in (("bench", ADA, LIST), ("load", BEN, LIST), ("load", COMMAND, LIST),
                              ("load", ADA, Subject("project", 3)), ("load", ADA, Subject("project", 4))):  # fmt: skip
        looked(engine, [3], what, clock(), by, subject)
        looked(engine, [3], what, clock(), by, subject)
    assert entries(engine) == 7
    clock.advance(minutes=61)
    looked(engine, [3], "load", clock(), ADA)
    assert entries(engine) == 8
    looked(engine, [None], "load", clock(), ADA)
    assert entries(engine) == 8


@pytest.mark.parametrize("who", [1, 2, 23, 123])
def test_only_who_stood_in_a_list_is_told_of_it_and_of_nobody_else(engine: Engine, clock: Clock, who: int) -> None:
    looked(engine, [1, 23, 123], "load", clock(), ADA)
    looked(engine, [2], "bench", clock(), BEN)
    (found,) = looks(engine, who)
    expected = (2, "bench") if who == 2 else (1, "load")
    assert (found.user_id, found.told) == (expected[0], f'{{"what":"{expected[1]}"}}')
    assert (found.action, found.subject_type, found.subject_id) == (VIEWED, "list", None)
    assert looks(engine, 12) == looks(engine, 3) == []


def test_looks_come_newest_first_some_at_a_time_and_of_all_one_was_before(engine: Engine, clock: Clock) -> None:
    looked(engine, [7], "load", clock(), ADA)
    with writing(engine) as store:
        append(store, clock(), ADA, "person.viewed", Subject("person", 8), new={"what": "load", "project": None})
        append(store, clock(), ADA, "thing.done", Subject("project", 7), new={"persons": [7]})
    looked(engine, [8], "bench", clock(), ADA)
    assert [it.id for it in looks(engine, 7, 8)] == [4, 2, 1]
    with reading(engine) as store:
        assert [it.id for it in looks_at(store, [7, 8], limit=2)] == [4, 2]
        assert [it.id for it in looks_at(store, [7, 8], limit=2, before=2)] == [1]


def test_an_older_entry_counts_for_whose_items_are_in_its_project(engine: Engine, clock: Clock) -> None:
    with writing(engine) as store:
        add = Rows(store)
        jira, ann, ben = add.connection(), add.person("Ann"), add.person("Ben")
        project = add.project("One", jira)
        add.item(project, jira, created=clock().date(), assignee_id=ann)
        append(store, clock(), ADA, VIEWED, Subject("project", project), new={})
    assert [it.subject_id for it in looks(engine, ann)] == [project]
    assert looks(engine, ben) == []
    looked(engine, [ben], "items", clock(), ADA, Subject("project", project))
    assert (len(looks(engine, ann)), len(looks(engine, ben))) == (1, 1)
