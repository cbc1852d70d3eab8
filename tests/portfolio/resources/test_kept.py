"""A plan is kept until something is finished that it rests on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, update

from portfolio.audit.append import append
from portfolio.audit.entry import SYSTEM
from portfolio.audit.trim import trim
from portfolio.capacity.time_off import Away, add_time_off
from portfolio.model.oversight import SyncRun
from portfolio.resources.heat import heat_map
from portfolio.resources.kept import APART, LOOKS, kept_plan
from portfolio.resources.memo import MOST, Memo
from portfolio.resources.periods import weeks_from
from portfolio.resources.plan import Plan
from portfolio.store.engine import open_engine, reading, writing
from portfolio.store.migrate import upgrade
from tests.portfolio.builders import World

TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def plan(engine: Engine, day: date = TODAY) -> Plan:
    with reading(engine) as store:
        return kept_plan(store, day, NOON)


def test_the_same_plan_is_given_while_nothing_is_finished(engine: Engine) -> None:
    kept = plan(engine)
    for number, action in enumerate((*LOOKS, *APART)):
        with writing(engine) as store:
            append(store, NOON + timedelta(seconds=number), SYSTEM, action)
    assert plan(engine) is kept
    with writing(engine) as store:
        # A run that goes on changes no figure yet.
        world = World(store)
        run = world.run(world.tracker_id, NOON, state="running")
        store.execute(update(SyncRun).where(SyncRun.id == run).values(finished_at=None))
    assert plan(engine) is kept


def test_what_is_finished_or_entered_has_it_read_anew(engine: Engine) -> None:
    with writing(engine) as store:
        world = World(store)
        run = world.run(world.tracker_id, NOON, state="running")
        store.execute(update(SyncRun).where(SyncRun.id == run).values(finished_at=None))
    seen = [plan(engine)]
    with writing(engine) as store:
        store.execute(update(SyncRun).where(SyncRun.id == run).values(finished_at=NOON, state="done"))
    seen.append(plan(engine))
    with writing(engine) as store:
        append(store, NOON, SYSTEM, "project.changed")
    seen.append(plan(engine))
    seen.append(plan(engine, TODAY + timedelta(days=1)))
    assert len({id(it) for it in seen}) == 4


def test_a_run_that_is_told_late_has_it_read_anew(engine: Engine) -> None:
    with writing(engine) as store:
        world = World(store)
        late, early = (world.run(world.tracker_id, NOON, state="running") for _ in range(2))
        store.execute(update(SyncRun).values(finished_at=None))
    seen = []
    for run, ended in ((early, NOON), (late, NOON - timedelta(seconds=1))):
        with writing(engine) as store:
            store.execute(update(SyncRun).where(SyncRun.id == run).values(finished_at=ended, state="done"))
        seen.append(plan(engine))
    assert seen[0] is not seen[1]


def test_what_is_entered_leaves_open_work_as_it_was_read(engine: Engine) -> None:
    with writing(engine) as store:
        World(store).person("Ann")
    before = plan(engine)
    with writing(engine) as store:
        add_time_off(store, Away(1, TODAY, TODAY), NOON, SYSTEM)
    after = plan(engine)
    assert after is not before
    assert after.rows is before.rows
    days = np.array([TODAY.toordinal()])
    assert [it.capacity.between(np.array([0]), days, days)[0] > 0 for it in (before, after)] == [True, False]


@pytest.mark.parametrize("action", ["never.heard.of", "person.merged", "project.entered", "backup.restored"])
def test_what_is_not_known_to_leave_it_has_all_of_it_read_anew(engine: Engine, action: str) -> None:
    before = plan(engine)
    with writing(engine) as store:
        append(store, NOON, SYSTEM, action)
    assert plan(engine).rows is not before.rows


def test_a_log_that_is_another_has_all_of_it_read_anew(engine: Engine) -> None:
    with writing(engine) as store:
        append(store, NOON, SYSTEM, "sign_in")
    before = plan(engine)
    with writing(engine) as store:
        trim(store, NOON + timedelta(days=1), NOON, SYSTEM, 10)
        append(store, NOON, SYSTEM, "sign_in")
    assert plan(engine).rows is not before.rows


def test_whoever_looks_at_an_earlier_moment_sets_it_back_for_nobody(engine: Engine) -> None:
    with writing(engine) as store:
        World(store).person("Ann")
    with reading(engine) as earlier:
        before = kept_plan(earlier, TODAY, NOON)
        with writing(engine) as store:
            add_time_off(store, Away(1, TODAY, TODAY), NOON, SYSTEM)
        after = plan(engine)
        days = np.array([TODAY.toordinal()])
        then = kept_plan(earlier, TODAY, NOON)
        assert then.capacity.between(np.array([0]), days, days) == before.capacity.between(np.array([0]), days, days)
    assert plan(engine) is after


def test_two_databases_have_two_plans(engine: Engine, tmp_path: Path) -> None:
    another = open_engine(f"sqlite:///{tmp_path / 'another.db'}")
    upgrade(another)
    kept = plan(engine)
    assert plan(another) is not kept
    assert plan(engine) is kept
    another.dispose()


def test_a_heat_map_is_worked_out_once(engine: Engine) -> None:
    kept = plan(engine)
    assert heat_map(kept, weeks_from(TODAY, 6)) is heat_map(kept, weeks_from(TODAY, 6))
    assert heat_map(kept, weeks_from(TODAY, 6)) is not heat_map(kept, weeks_from(TODAY, 7))


def test_only_the_last_answers_are_kept() -> None:
    memo, asked = Memo(), list[int]()

    def answer(number: int) -> int:
        return memo.once(number, lambda: asked.append(number) or number * 2)

    assert [answer(number) for number in (1, 1, 2)] == [2, 2, 4]
    assert asked == [1, 2]
    for number in range(3, MOST + 2):
        assert answer(1) == 2
        answer(number)
    assert asked.count(1) == 1
    answer(2)
    assert asked.count(2) == 2


def test_what_fails_is_asked_again() -> None:
    memo = Memo()
    with pytest.raises(ZeroDivisionError):
        memo.once("x", lambda: 1 // 0)
    assert memo.once("x", lambda: 3) == 3
