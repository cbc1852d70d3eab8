"""Slices of one run that several workers share."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, update

from portfolio.model.landing import SliceClaim
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import reading, writing
from sync.errors import LostLeaseError
from sync.run.lease import TERM, this_process
from sync.run.share import Claim, Finished, claim, finished, new_owner, offer, unfinished
from tests.sync.builders import NOW, Tracker, rows


@pytest.fixture
def run_id(tracker: Tracker) -> int:
    """A run under way that offers three slices."""
    row = {"connection_id": tracker.id, "mode": "full", "state": "running", "started_at": NOW}
    with writing(tracker.engine) as store:
        run_id = store.execute(insert(SyncRun).values(**row).returning(SyncRun.id)).scalar_one()
        offer(store, run_id, "items", ["P1", "P2", "P3"])
    return run_id


def take(engine: Engine, run_id: int, owner: str, at: timedelta = timedelta()) -> Claim | None:
    with writing(engine) as store:
        return claim(store, run_id, owner, NOW + at)


def end(engine: Engine, run_id: int) -> None:
    with writing(engine) as store:
        store.execute(update(SyncRun).where(SyncRun.id == run_id).values(state="interrupted"))


def test_each_slice_is_read_by_one(engine: Engine, run_id: int) -> None:
    taken = [take(engine, run_id, owner) for owner in ("a", "b", "a", "b")]
    assert [each and each.slice for each in taken] == ["P1", "P2", "P3", None]


def test_many_at_once_never_get_the_same(engine: Engine, run_id: int) -> None:
    with writing(engine) as store:
        offer(store, run_id, "items", [f"Q{number:02}" for number in range(30)])
    got: list[str] = []

    def help_out(owner: str) -> None:
        while (taken := take(engine, run_id, owner)) is not None:
            with writing(engine) as store:
                taken.finish(store, None)
            got.append(taken.slice)

    threads = [threading.Thread(target=help_out, args=(new_owner(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    # Whoever was skipped because another held the row looks again: the run's own process does.
    for thread in threads:
        thread.join(timeout=60)
    help_out(new_owner())
    assert len(got) == len(set(got)) == 33


def test_what_is_done_is_told(engine: Engine, run_id: int) -> None:
    first, second = take(engine, run_id, "a"), take(engine, run_id, "b")
    assert first is not None
    assert second is not None
    with writing(engine) as store:
        first.finish(store, "read")
        second.give_back(store)
    with reading(engine) as store:
        assert unfinished(store, run_id) == 2
        assert finished(store, run_id) == (Finished("P1", "a", "read"),)
    again = take(engine, run_id, "c")
    assert again is not None
    assert again.slice == "P2"


def test_offering_again_changes_nothing(engine: Engine, run_id: int) -> None:
    taken = take(engine, run_id, "a")
    assert taken is not None
    with writing(engine) as store:
        taken.finish(store, "read")
        offer(store, run_id, "items", ["P1", "P4"])
    assert [state for (state,) in rows(engine, SliceClaim, "state")] == ["done", "waiting", "waiting", "waiting"]


def test_one_who_is_not_heard_of_is_followed_by_another_and_writes_nothing_more(engine: Engine, run_id: int) -> None:
    lost = take(engine, run_id, "a")
    assert lost is not None
    for _ in range(2):
        take(engine, run_id, "b")
    assert take(engine, run_id, "c", TERM - timedelta(seconds=1)) is None
    with writing(engine) as store:
        lost.renew(store, NOW + timedelta(seconds=30))
    found = take(engine, run_id, "c", TERM)
    assert found is not None
    assert found.slice == "P2", "the one that was renewed is not yet over its term"
    second = take(engine, run_id, "c", TERM + timedelta(seconds=30))
    assert second is not None
    assert second.slice == "P1"
    with pytest.raises(LostLeaseError), writing(engine) as store:
        lost.renew(store, NOW)
    with pytest.raises(LostLeaseError), writing(engine) as store:
        lost.finish(store, "read")
    with writing(engine) as store:
        lost.give_back(store)
    with reading(engine) as store:
        assert unfinished(store, run_id) == 3


def test_a_dead_process_of_this_machine_is_followed_at_once(engine: Engine, run_id: int) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    gone = new_owner().replace(f"process {os.getpid()}", f"process {dead.pid}")
    first = take(engine, run_id, gone)
    assert first is not None
    second = take(engine, run_id, new_owner())
    assert second is not None
    assert (first.slice, second.slice) == ("P1", "P1")


def test_the_living_are_waited_for(engine: Engine, run_id: int) -> None:
    for _ in range(3):
        assert take(engine, run_id, new_owner()) is not None
    assert take(engine, run_id, new_owner()) is None
    assert new_owner() != new_owner()
    assert new_owner().endswith(this_process())


def test_nothing_is_read_for_a_run_that_has_ended(engine: Engine, run_id: int) -> None:
    taken = take(engine, run_id, "a")
    assert taken is not None
    end(engine, run_id)
    assert take(engine, run_id, "b") is None
    with pytest.raises(LostLeaseError), writing(engine) as store:
        taken.renew(store, NOW)
