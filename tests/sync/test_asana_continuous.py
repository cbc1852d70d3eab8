"""Asana followed over real HTTP: edits arrive by deltas and the census, and what is held is as if read anew."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import SliceCount
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem
from portfolio.store.engine import open_engine, reading
from simulator.asana import edits
from simulator.asana.workspace import Workspace
from simulator.company.build import build_company
from simulator.serve import Simulator
from sync.connections import add_connection
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary
from tests.conftest import Clock
from tests.loopback import LOOPBACK

BEGIN = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)

Follow = Callable[..., RunSummary]


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGIN)


@pytest.fixture
def state() -> Workspace:
    return build_company(7, today=BEGIN.date(), scale=0.02).workspace


@pytest.fixture
def simulator(state: Workspace, clock: Clock) -> Iterator[Simulator]:
    with Simulator(asana=state, clock=clock) as running:
        yield running


@contextmanager
def database(template: Path, path: Path) -> Iterator[Engine]:
    shutil.copyfile(template, path)
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def follow(engine: Engine, simulator: Simulator, clock: Clock, scope: tuple[str, ...] = ()) -> Follow:
    """Runs of one new connection."""
    address = simulator.addresses["asana"]
    settings = ConnectionSettings(tracker="asana", address=address, sign_in=SignIn.PERSONAL_TOKEN, scope=scope)
    ident = add_connection(engine, "asana", settings, "store", clock(), COMMAND)

    def run(mode: Mode, **options: Any) -> RunSummary:
        with closing(open_connector(settings, Secret("simulated-token"), outbound=LOOPBACK)) as connector:
            summary = sync_connection(engine, ident, connector, clock=clock, mode=mode, most_retired=1.0, **options)
        assert summary.state == "done", summary
        return summary

    return run


def held(engine: Engine) -> dict[str, tuple[Any, ...]]:
    """The live items by gid, as far as edits change them."""
    columns = (
        WorkItem.title, WorkItem.status, WorkItem.category, Project.name, WorkItem.parent_external_id,
        WorkItem.assignee_id.is_not(None), WorkItem.due, WorkItem.updated_at, WorkItem.finished_on,
    )  # fmt: skip
    query = select(WorkItem.external_id, *columns).outerjoin(Project, Project.id == WorkItem.project_id)
    with reading(engine) as store:
        return {row[0]: tuple(row[1:]) for row in store.execute(query.where(WorkItem.deleted_at.is_(None)))}


class People:
    """Who edits at random, in followed projects and in as many others."""

    def __init__(self, state: Workspace, clock: Clock, seed: int) -> None:
        self._state = state
        self._clock = clock
        self._random = random.Random(seed)
        self._projects = sorted(state.projects)[:4]
        self._trash: list[edits.Trash] = []

    def work(self, steps: int) -> None:
        for _ in range(steps):
            self._clock.advance(seconds=7)
            self._step(self._random.choice(self._projects), at=self._clock(), by=self._state.me)

    def _step(self, project: str, **by: Any) -> None:  # noqa: PLR0912 - one case for each kind of edit
        state, rng = self._state, self._random
        listed = state.project_tasks.get(project) or []
        tops = [gid for gid in listed if gid in state.tasks]
        if not tops:
            edits.create_task(state, "First", project=project, **by)
            return
        whole = [one for one in tops if state.subtasks.get(one)]
        gid = rng.choice(whole if whole and rng.random() < 0.5 else tops)
        below = self._below(gid)
        any_one = rng.choice([gid, *below])
        match rng.randrange(12):
            case 0:
                edits.create_task(state, f"New {rng.random()}", project=project, **by)
            case 1:
                edits.create_task(state, f"Below {rng.random()}", parent=any_one, **by)
            case 2:
                edits.edit(state, any_one, name=f"Renamed {rng.random()}", **by)
            case 3:
                edits.edit(state, any_one, due_on=str((by["at"] + timedelta(days=rng.randrange(60))).date()), **by)
            case 4:
                (edits.reopen if state.tasks[any_one]["completed"] else edits.complete)(state, any_one, **by)
            case 5:
                edits.assign(state, any_one, rng.choice([None, *state.users]), **by)
            case 6:
                edits.move_to_section(state, gid, project, rng.choice(state.sections[project])["gid"], **by)
            case 7 | 8:
                other = rng.choice([one for one in self._projects if one != project])
                if gid not in state.project_tasks.get(other, []):
                    edits.add_to_project(state, gid, other, **by)
                if rng.random() < 0.5:
                    edits.remove_from_project(state, gid, project, **by)
            case 9:
                self._trash.append(edits.delete_task(state, any_one, **by))
            case 10 if below:
                moved = rng.choice(below)
                free = [one for one in tops if one not in (moved, *self._below(moved))]
                edits.reparent(state, moved, rng.choice(free) if free else None, **by)
            case _ if self._trash:
                edits.undelete_task(state, self._trash.pop(), **by)

    def _below(self, gid: str) -> list[str]:
        children = self._state.subtasks.get(gid, [])
        return [*children, *(deeper for child in children for deeper in self._below(child))]


@pytest.mark.parametrize("seed", [3, 5])
@pytest.mark.parametrize("told", [True, False], ids=["events", "modified"])
def test_what_is_followed_equals_what_is_read_anew(
    state: Workspace, simulator: Simulator, clock: Clock, sqlite_template: Path, tmp_path: Path, seed: int, told: bool
) -> None:
    """Events tell at once what there is; what is there no more may take the census.

    A subtask that leaves the task above it, after that has left all followed projects, is in no stream of theirs.
    """
    state.events_allowed = told
    scope = tuple(sorted(state.projects))[:2]
    people = People(state, clock, seed)
    people.work(60)
    with database(sqlite_template, tmp_path / "followed.db") as followed:
        run = follow(followed, simulator, clock, scope)
        run(Mode.INCREMENTAL)
        for round in range(2):
            people.work(40)
            clock.advance(minutes=20)
            run(Mode.INCREMENTAL)
            with database(sqlite_template, tmp_path / f"anew{round}.db") as anew:
                follow(anew, simulator, clock, scope)(Mode.INCREMENTAL)
                expected = held(anew)
            found = held(followed)
            assert not told or {gid: found.get(gid) for gid in expected} == expected
            run(Mode.CENSUS)
            assert held(followed) == expected
        with reading(followed) as store:
            counts = store.execute(select(SliceCount.told, SliceCount.listed, SliceCount.kept)).all()
        assert len(counts) == len(scope)
        assert {told == listed == kept for told, listed, kept in counts} == {True}


def test_a_run_of_an_unchanged_organisation_asks_for_next_to_nothing(
    state: Workspace, simulator: Simulator, clock: Clock, engine: Engine
) -> None:
    run = follow(engine, simulator, clock)
    run(Mode.INCREMENTAL)
    first = len(simulator.faults["asana"].log)
    simulator.faults["asana"].forget()
    clock.advance(minutes=15)
    run(Mode.INCREMENTAL)
    asked = simulator.faults["asana"].log
    assert len(simulator.faults["asana"].seen("/events")) == len(state.projects)
    assert len(asked) < first / 10
    assert simulator.faults["asana"].seen("/stories|/subtasks|/tasks") == []
