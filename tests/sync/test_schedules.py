"""Which connections are due, and taking that up once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Schedule as Row
from portfolio.store.engine import reading, writing
from sync.connections import enable_connection
from sync.modes import Mode
from sync.schedule.cron import ScheduleError, last_due
from sync.schedule.schedules import MOST_ATTEMPTS, Due, Schedule, due, next_of
from sync.schedule.timetable import (
    LOST_AFTER,
    add_defaults,
    change,
    claim,
    resting,
    schedules_in_force,
    schedules_of,
    settle,
)
from tests.sync.builders import NOW, Tracker, rows

INCREMENTAL, CENSUS, FULL = Mode.INCREMENTAL, Mode.CENSUS, Mode.FULL


def schedule(
    mode: Mode = INCREMENTAL, cron: str = "*/10 * * * *", connection_id: int = 1, **fields: object
) -> Schedule:
    given = {
        "time_zone": "UTC",
        "enabled": True,
        "fired_at": NOW - timedelta(minutes=1),
        "again_at": None,
        "attempts": 0,
    }
    return Schedule(connection_id, mode, cron, **(given | fields))  # type: ignore[arg-type]


def modes(found: tuple[Due, ...]) -> list[Mode]:
    return [each.mode for each in found]


def test_the_last_due_time_is_now_at_the_latest() -> None:
    assert last_due("0 9 * * *", "UTC", NOW) == NOW
    assert last_due("0 9 * * *", "UTC", NOW - timedelta(seconds=1)) == NOW - timedelta(days=1)
    assert last_due("0 9 * * *", "Europe/Berlin", NOW) == datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize("minutes", range(0, 181, 15))
def test_the_hour_that_comes_twice_in_autumn_is_due_once(minutes: int) -> None:
    midnight = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    fired = last_due("30 1 * * *", "Europe/Lisbon", midnight)
    now = midnight + timedelta(minutes=minutes)
    found = due([schedule(FULL, "30 1 * * *", time_zone="Europe/Lisbon", fired_at=fired)], now)
    # Half past one comes at 00:30 and again at 01:30 UTC; only the first counts.
    assert bool(found) == (minutes >= 90)
    assert [each.ticks[0].at for each in found] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)] * len(found)


def test_what_was_missed_is_one_run() -> None:
    [found] = due([schedule(fired_at=NOW - timedelta(days=30))], NOW)
    assert found.ticks[0].at == NOW
    assert due([schedule(fired_at=NOW)], NOW + timedelta(minutes=9)) == ()


def test_of_several_modes_the_widest_is_run_and_answers_the_others() -> None:
    own = [schedule(), schedule(CENSUS, "0 * * * *"), schedule(FULL, "0 3 * * 0")]
    [found] = due(own, NOW)
    assert found.mode is CENSUS
    assert [tick.schedule.mode for tick in found.ticks] == [CENSUS, INCREMENTAL]


def test_one_that_was_never_acted_upon_is_due_at_once() -> None:
    assert modes(due([schedule(fired_at=None)], NOW + timedelta(minutes=1))) == [INCREMENTAL]


def test_the_longest_waiting_is_first() -> None:
    own = [schedule(connection_id=1), schedule(connection_id=2, cron="55 * * * *", fired_at=NOW - timedelta(hours=1))]
    assert [each.connection_id for each in due(own, NOW)] == [2, 1]


def test_disabled_and_unreadable_ones_are_never_due() -> None:
    own = [schedule(enabled=False), schedule(cron="nonsense", connection_id=2)]
    assert due(own, NOW) == ()
    assert [next_of(each, NOW) for each in own] == [None, None]


def test_a_connection_is_left_alone_until_the_next_attempt() -> None:
    own = [schedule(again_at=NOW + timedelta(minutes=3)), schedule(CENSUS, "0 * * * *")]
    assert due(own, NOW) == ()
    [found] = due(own, NOW + timedelta(minutes=3))
    assert (found.mode, found.attempts) == (CENSUS, 0)


def test_an_attempt_is_due_without_a_new_due_time_and_not_for_ever() -> None:
    tried = schedule(FULL, "0 3 * * 0", again_at=NOW, attempts=2)
    assert modes(due([tried], NOW)) == [FULL]
    assert due([tried._replace(attempts=MOST_ATTEMPTS)], NOW) == ()
    sunday = datetime(2026, 3, 8, 3, tzinfo=UTC)
    assert modes(due([tried._replace(attempts=MOST_ATTEMPTS)], sunday)) == [FULL]


def test_when_it_is_next() -> None:
    assert next_of(schedule(), NOW) == NOW + timedelta(minutes=10)
    assert next_of(schedule(fired_at=None), NOW) == NOW
    assert next_of(schedule(again_at=NOW + timedelta(minutes=3)), NOW) == NOW + timedelta(minutes=3)


def in_force(engine: Engine) -> tuple[Schedule, ...]:
    with reading(engine) as store:
        return schedules_in_force(store)


def test_a_new_connection_is_read_at_once_and_then_by_the_usual_schedule(tracker: Tracker) -> None:
    add_defaults(tracker.engine, "Europe/Berlin", NOW)
    found = schedules_of(tracker.engine, tracker.id)
    assert [(each.mode, each.cron, each.time_zone) for each in found] == [
        (INCREMENTAL, "*/10 * * * *", "Europe/Berlin"),
        (CENSUS, "17 * * * *", "Europe/Berlin"),
        (FULL, "0 3 * * 0", "Europe/Berlin"),
    ]
    assert modes(due(found, NOW)) == [INCREMENTAL]


def test_the_usual_schedule_replaces_none_that_is_there(tracker: Tracker) -> None:
    add_defaults(tracker.engine, "UTC", NOW)
    given = {CENSUS: "5 * * * *"}
    change(tracker.engine, tracker.id, NOW, COMMAND, crons=given, time_zone=None, switched={FULL: False})
    before = rows(tracker.engine, Row)
    add_defaults(tracker.engine, "Europe/Berlin", NOW)
    assert rows(tracker.engine, Row) == before


def test_a_changed_time_is_not_caught_up_on(tracker: Tracker) -> None:
    add_defaults(tracker.engine, "UTC", NOW - timedelta(days=1))
    later = NOW + timedelta(minutes=2)
    change(tracker.engine, tracker.id, later, COMMAND, crons={INCREMENTAL: "0 9 * * *"}, time_zone=None, switched={})
    own = schedules_of(tracker.engine, tracker.id)
    assert own[0].cron == "0 9 * * *"
    assert modes(due(own[:1], later)) == []


def test_nothing_is_changed_when_a_part_cannot_be_read(tracker: Tracker) -> None:
    add_defaults(tracker.engine, "UTC", NOW)
    before = rows(tracker.engine, Row)
    with pytest.raises(ScheduleError):
        change(
            tracker.engine,
            tracker.id,
            NOW,
            COMMAND,
            crons={INCREMENTAL: "0 9 * * *", FULL: "x"},
            time_zone=None,
            switched={},
        )
    with pytest.raises(ScheduleError):
        change(tracker.engine, tracker.id, NOW, COMMAND, crons={}, time_zone="Middle/Earth", switched={})
    assert rows(tracker.engine, Row) == before


def test_a_disabled_connection_is_due_for_nothing(tracker: Tracker) -> None:
    add_defaults(tracker.engine, "UTC", NOW)
    enable_connection(tracker.engine, tracker.id, False, NOW, COMMAND)
    assert in_force(tracker.engine) == ()


def test_a_due_time_is_taken_up_once(tracker: Tracker) -> None:
    add_defaults(tracker.engine, "UTC", NOW)
    [wanted] = due(in_force(tracker.engine), NOW)
    assert claim(tracker.engine, wanted, NOW)
    assert not claim(tracker.engine, wanted, NOW), "another process that saw the same"
    assert due(in_force(tracker.engine), NOW + LOST_AFTER - timedelta(seconds=1)) == ()


def test_what_is_taken_up_and_not_heard_of_is_due_again(tracker: Tracker) -> None:
    add_defaults(tracker.engine, "UTC", NOW)
    [wanted] = due(in_force(tracker.engine), NOW)
    claim(tracker.engine, wanted, NOW)
    [again] = due(in_force(tracker.engine), NOW + LOST_AFTER)
    assert again.mode is INCREMENTAL
    assert again.attempts == 1
    assert claim(tracker.engine, again, NOW + LOST_AFTER)


def test_a_run_that_ended_is_not_due_again(tracker: Tracker) -> None:
    add_defaults(tracker.engine, "UTC", NOW)
    [wanted] = due(in_force(tracker.engine), NOW)
    claim(tracker.engine, wanted, NOW)
    settle(tracker.engine, tracker.id, [INCREMENTAL], None)
    assert due(in_force(tracker.engine), NOW + timedelta(minutes=9)) == ()
    assert modes(due(in_force(tracker.engine), NOW + timedelta(minutes=10))) == [INCREMENTAL]


def test_a_connection_rests_after_a_run_that_came_to_nothing(tracker: Tracker) -> None:
    add_defaults(tracker.engine, "UTC", NOW)
    [wanted] = due(in_force(tracker.engine), NOW)
    claim(tracker.engine, wanted, NOW)
    settle(tracker.engine, tracker.id, [INCREMENTAL], NOW + timedelta(minutes=15))
    with reading(tracker.engine) as store:
        assert resting(store, NOW + timedelta(minutes=14)) == {tracker.id}
        assert resting(store, NOW + timedelta(minutes=15)) == frozenset()
    assert due(in_force(tracker.engine), NOW + timedelta(minutes=14)) == ()


def test_one_that_was_disabled_meanwhile_is_not_taken_up(tracker: Tracker) -> None:
    add_defaults(tracker.engine, "UTC", NOW)
    [wanted] = due(in_force(tracker.engine), NOW)
    with writing(tracker.engine) as store:
        store.execute(update(Row).values(enabled=False))
    assert not claim(tracker.engine, wanted, NOW)
