"""Asking for a preview, taking it up, and what becomes of it when people or processes go away."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from portfolio.audit.entry import COMMAND
from portfolio.model.mapping import MappingVersion
from portfolio.store.engine import reading, writing
from sync.preview import requests
from sync.preview.requests import ask, cancel, find, finish, newest, put_back, take
from sync.preview.result import Change, Example, Figure, KpiChange, Result, Said, Turn
from tests.sync.builders import NOW

LATER = NOW + timedelta(seconds=5)
RESULT = Result(
    as_of=date(2026, 3, 2),
    looked_at=NOW,
    seconds=1.5,
    items=12,
    changed=3,
    changes=(Change("kind", 3),),
    kpis=(KpiChange("all", 0, "", "", "SCH-01", None, Figure(0.5, "red")),),
    examples=(
        Example(
            1,
            "jira",
            "A-1",
            "<b>",
            "https://t.invalid/1",
            (Said("status", "Done"),),
            (Turn("kind", "kind", None, "bug"),),
        ),
    ),
)


@pytest.fixture
def draft(engine: Engine) -> int:
    row = {"state": "draft", "body": "{}", "edited_by": "ada", "edited_at": NOW}
    with writing(engine) as store:
        return store.execute(insert(MappingVersion).values(**row).returning(MappingVersion.id)).scalar_one()


def waiting(engine: Engine, now: datetime = NOW) -> tuple[int, ...]:
    with reading(engine) as store:
        return requests.waiting(store, now)


def state(engine: Engine, preview_id: int) -> str:
    with reading(engine) as store:
        found = find(store, preview_id)
    assert found is not None
    return found.state


def beat(engine: Engine, preview_id: int, now: datetime, done: int = 1) -> str | None:
    with writing(engine) as store:
        return requests.beat(store, preview_id, now, done, 12)


def test_asking_twice_for_a_revision_is_asking_once(engine: Engine, draft: int) -> None:
    first = ask(engine, draft, 1, "ada", NOW, COMMAND)
    assert ask(engine, draft, 1, "bea", LATER, COMMAND) == first
    assert waiting(engine) == (first,)
    assert take(engine, first, NOW) is not None
    assert take(engine, first, NOW) is None
    assert ask(engine, draft, 1, "bea", LATER, COMMAND) == first
    finish(engine, first, requests.DONE, LATER, result=RESULT)
    again = ask(engine, draft, 1, "bea", LATER, COMMAND)
    assert again != first


def test_a_newer_revision_stops_what_nobody_waits_for(engine: Engine, draft: int) -> None:
    running = ask(engine, draft, 1, "ada", NOW, COMMAND)
    assert take(engine, running, NOW) is not None
    idle = ask(engine, draft, 2, "ada", NOW, COMMAND)
    assert beat(engine, running, LATER) == "ada"
    third = ask(engine, draft, 3, "bea", LATER, COMMAND)
    assert (state(engine, running), state(engine, idle), state(engine, third)) == ("running", "cancelled", "waiting")


def test_what_was_found_is_kept_as_it_was_told(engine: Engine, draft: int) -> None:
    preview_id = ask(engine, draft, 4, "ada", NOW, COMMAND)
    taken = take(engine, preview_id, NOW)
    assert taken is not None
    assert taken.under_way
    assert beat(engine, preview_id, LATER, done=7) is None
    finish(engine, preview_id, requests.DONE, LATER, result=RESULT)
    with reading(engine) as store:
        found = newest(store, draft, 4)
        assert newest(store, draft, 3) is None
        assert newest(store, draft) == found == find(store, preview_id)
    assert found is not None
    assert (found.state, found.done, found.total, found.finished_at) == ("done", 12, 12, LATER)
    assert found.result == RESULT
    assert not cancel(engine, preview_id, "ada", LATER, COMMAND)


def test_stopping(engine: Engine, draft: int) -> None:
    idle = ask(engine, draft, 1, "ada", NOW, COMMAND)
    assert cancel(engine, idle, "bea", NOW, COMMAND)
    assert state(engine, idle) == "cancelled"
    running = ask(engine, draft, 1, "ada", NOW, COMMAND)
    assert take(engine, running, NOW) is not None
    assert cancel(engine, running, "bea", LATER, COMMAND)
    assert beat(engine, running, LATER) == "bea"


def test_what_a_dead_process_left_is_taken_up(engine: Engine, draft: int) -> None:
    preview_id = ask(engine, draft, 1, "ada", NOW, COMMAND)
    assert take(engine, preview_id, NOW) is not None
    alive, dead = NOW + requests.DEAD_AFTER, NOW + requests.DEAD_AFTER + timedelta(seconds=1)
    assert waiting(engine, alive) == ()
    assert waiting(engine, dead) == (preview_id,)
    assert take(engine, preview_id, dead) is not None
    put_back(engine, preview_id)
    assert waiting(engine, dead) == (preview_id,)
    assert beat(engine, preview_id, dead) is not None, "whoever had it is told that it has it no more"


def test_what_was_to_stop_when_its_process_died_is_ended(engine: Engine, draft: int) -> None:
    preview_id = ask(engine, draft, 1, "ada", NOW, COMMAND)
    assert take(engine, preview_id, NOW) is not None
    assert cancel(engine, preview_id, "bea", NOW, COMMAND)
    assert take(engine, preview_id, NOW + timedelta(minutes=1)) is None
    assert state(engine, preview_id) == "cancelled"
