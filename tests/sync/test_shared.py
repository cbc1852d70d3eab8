"""A run whose slices several workers share."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select

from connector.errors import ForbiddenError, TrackerDownError
from connector.protocol import Page, Stream
from portfolio.model.landing import SliceClaim
from portfolio.model.oversight import KpiValue
from portfolio.model.people import Person, PersonIdentity
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading, writing
from sync.modes import Mode
from sync.run import share
from sync.run.lease import TERM
from sync.run.shared import _Held, help_run
from tests.sync.builders import NOW, Tracker, item, person, project, rows
from tests.sync.fake_connector import FakeConnector, readers
from tests.sync.test_modes import in_project

PROJECTS = [f"P{n}" for n in range(8)]


class Watched(FakeConnector):
    """Notes who reads which slice, and lets two readers start together."""

    def __init__(
        self, inner: FakeConnector, who: str, seen: list[tuple[str, str]], together: threading.Barrier
    ) -> None:
        super().__init__()
        self.content, self.trouble = inner.content, inner.trouble
        self.who, self.seen, self.together = who, seen, together
        self.first = True

    def pages(self, stream: Stream, slice: str = "", position: str | None = None) -> Iterator[Page]:
        if stream is Stream.ITEMS:
            self.seen.append((self.who, slice))
            if self.first:
                self.first = False
                self.together.wait(timeout=30)
        yield from super().pages(stream, slice, position)


@pytest.fixture
def company(engine: Engine) -> Tracker:
    """Eight projects with three items each; the same people, none of them listed, work in all."""
    made = Tracker(engine)
    for number, name in enumerate(PROJECTS):
        made.put(Stream.PROJECTS, project(name))
        for n in range(3):
            who = person(f"u{n}")
            given = item(f"{number}-{n}", memberships=in_project(name), assignee_id=who.external_id, people=(who,))
            made.put(Stream.ITEMS, given, slice=name)
    return made


def shared(company: Tracker, **options: object) -> list[tuple[str, str]]:
    """A run with one helper. Who read which slice."""
    seen: list[tuple[str, str]] = []
    together = threading.Barrier(2)
    helper = Watched(company.connector, "helper", seen, together)
    helped: list[int] = []
    threads: list[threading.Thread] = []

    def call(run_id: int, slices: int) -> None:
        assert slices == len(PROJECTS)
        args = {"clock": lambda: company.now, "threads": 1, "readers": readers}
        work = threading.Thread(target=lambda: helped.append(help_run(company.engine, run_id, helper, **args)))
        threads.append(work)
        work.start()

    company.connector = Watched(company.connector, "owner", seen, together)
    summary = company.sync(mode=Mode.INCREMENTAL, threads=1, call_helpers=call, **options)
    for thread in threads:
        thread.join(timeout=30)
    assert summary.state == "done"
    assert (summary.streams["items"].created, summary.streams["items"].slices_done) == (24, 8)
    assert helped == [sum(who == "helper" for who, _ in seen)]
    return seen


def test_each_slice_is_read_once_by_one_of_two(company: Tracker) -> None:
    seen = shared(company)
    assert sorted(name for _, name in seen) == PROJECTS
    assert {who for who, _ in seen} == {"owner", "helper"}
    assert set(rows(company.engine, SliceClaim, "state")) == {("done",)}
    assert len(rows(company.engine, WorkItem)) == 24
    # Strangers whom both met are one person each.
    assert len(rows(company.engine, PersonIdentity)) == len(rows(company.engine, Person)) == 3
    with reading(company.engine) as store:
        figures = select(func.count()).where(KpiValue.scope_type == "project", KpiValue.kpi == "SCO-01")
        assert store.scalar(figures) in (0, len(PROJECTS))
        assert store.scalar(
            select(func.count(func.distinct(KpiValue.scope_id))).where(KpiValue.scope_type == "project")
        )


def test_a_run_that_is_over_needs_no_help(company: Tracker) -> None:
    run_id = company.sync(mode=Mode.INCREMENTAL).run_id
    assert help_run(company.engine, run_id, company.connector, clock=lambda: NOW, readers=readers) == 0


def test_what_a_dead_worker_claimed_is_read_by_another(company: Tracker) -> None:
    def die(run_id: int, slices: int) -> None:
        with writing(company.engine) as store:
            for _ in range(3):
                assert share.claim(store, run_id, "elsewhere", NOW - TERM) is not None

    summary = company.sync(mode=Mode.INCREMENTAL, call_helpers=die)
    assert (summary.state, summary.streams["items"].created) == ("done", 24)


def test_what_a_worker_could_not_read_makes_the_run_partial(company: Tracker) -> None:
    company.connector.trouble[Stream.ITEMS, "P3"] = (0, ForbiddenError("The account may not see this"))
    summary = company.sync(mode=Mode.INCREMENTAL, call_helpers=lambda run_id, slices: None)
    assert (summary.state, summary.streams["items"].created) == ("partial", 21)
    assert summary.streams["items"].note == "P3: The account may not see this."


def test_a_helper_in_trouble_leaves_its_slices_to_others(company: Tracker) -> None:
    broken = FakeConnector()
    broken.content = company.connector.content
    broken.trouble = {(Stream.ITEMS, name): (0, TrackerDownError("The tracker went away")) for name in PROJECTS}

    def call(run_id: int, slices: int) -> None:
        with pytest.raises(TrackerDownError):
            help_run(company.engine, run_id, broken, clock=lambda: company.now, readers=readers)

    summary = company.sync(mode=Mode.INCREMENTAL, call_helpers=call)
    assert (summary.state, summary.streams["items"].created) == ("done", 24)


def test_a_full_run_that_is_shared_finds_what_is_missing_by_a_census(company: Tracker) -> None:
    company.sync(mode=Mode.INCREMENTAL)
    company.connector.content[Stream.ITEMS]["P3"].pop()
    summary = company.sync(mode=Mode.FULL, call_helpers=lambda run_id, slices: None)
    assert summary.streams["items"].retired == 1


def test_claims_stay_alive_while_the_tracker_is_slow(company: Tracker) -> None:
    later = NOW + TERM / 2
    run_ids: list[int] = []

    def look(run_id: int, slices: int) -> None:
        run_ids.append(run_id)
        claims = _Held(run_id, None)
        with writing(company.engine) as store:
            claims.claims = claims.take(store, NOW, 2)
            # One is finished by the writing thread at the moment of the beat.
            claims.claims[0].finish(store, None)
            claims.keep_alive().renew(store, later)
            ends = dict(store.execute(select(SliceClaim.slice, SliceClaim.expires_at)).all())
        assert ends[claims.claims[0].slice] is None
        assert ends[claims.claims[1].slice] == later + TERM
        with writing(company.engine) as store:
            claims.give_back(store)

    company.sync(mode=Mode.INCREMENTAL, call_helpers=look)
    assert len(run_ids) == 1
