"""Asking for a run and asking one to stop."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, insert

from portfolio.audit.entry import COMMAND
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import reading, writing
from sync.connections import enable_connection
from sync.schedule.requests import Request, ask_to_stop, request, take, waiting
from tests.sync.builders import NOW, Tracker, rows


def asked(engine: Engine) -> tuple[Request, ...]:
    with reading(engine) as store:
        return waiting(store)


def test_a_request_waits_until_one_process_takes_it(tracker: Tracker) -> None:
    request(tracker.engine, tracker.id, "census", "ada", NOW, COMMAND)
    request(tracker.engine, tracker.id, "incremental", "bea", NOW + timedelta(seconds=1), COMMAND)
    first, second = asked(tracker.engine)
    assert first == Request(tracker.id, "census", "ada", NOW)
    assert second.mode == "incremental"
    assert take(tracker.engine, first)
    assert not take(tracker.engine, first)
    assert asked(tracker.engine) == (second,)


def test_asking_twice_is_asking_once_and_the_first_is_remembered(tracker: Tracker) -> None:
    request(tracker.engine, tracker.id, "full", "ada", NOW, COMMAND)
    request(tracker.engine, tracker.id, "full", "bea", NOW + timedelta(minutes=1), COMMAND)
    assert asked(tracker.engine) == (Request(tracker.id, "full", "ada", NOW),)


def test_what_is_switched_off_waits_until_it_is_on_again(tracker: Tracker) -> None:
    request(tracker.engine, tracker.id, "full", "ada", NOW, COMMAND)
    enable_connection(tracker.engine, tracker.id, False, NOW, COMMAND)
    assert asked(tracker.engine) == ()
    enable_connection(tracker.engine, tracker.id, True, NOW, COMMAND)
    assert len(asked(tracker.engine)) == 1


def test_only_a_running_run_can_be_asked_to_stop(engine: Engine, tracker: Tracker) -> None:
    row = {"connection_id": tracker.id, "mode": "full", "started_at": NOW}
    with writing(engine) as store:
        add = insert(SyncRun).returning(SyncRun.id)
        running = store.execute(add.values(**row, state="running")).scalar_one()
        done = store.execute(add.values(**row, state="done")).scalar_one()
    assert ask_to_stop(engine, running, "ada", NOW, COMMAND)
    assert not ask_to_stop(engine, done, "ada", NOW, COMMAND)
    assert not ask_to_stop(engine, 77, "ada", NOW, COMMAND)
    assert dict(rows(engine, SyncRun, "id", "cancel_by")) == {running: "ada", done: None}
