"""Kills syncs at random instants and starts them again until they are done; then all must be as if nobody had."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import IO, NamedTuple

import msgspec
from sqlalchemy import Engine, select

from connector.settings import ConnectionSettings
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Cursor, RawRecord
from portfolio.store.engine import open_engine, reading
from sync.connections import add_connection
from sync.modes import Mode
from tests.chaos.dump import dump, unlike
from tests.chaos.jira_world import BEGINNING
from tests.chaos.stage import Clock, Stage, settings_for
from tests.chaos.story import PAUSES_S, Edit
from tests.chaos.victim import BUSY, DONE, ELSE, Run
from tests.chaos.worlds import Kind, World

MOST_KILLS = 5
"""In one run; then it is left alone."""
HARMLESS = 400
"""The statements and commits of a run are about as many at most; where it ends earlier, nothing is killed."""

Databases = Callable[[], str]


class Victims:
    """A process that forks syncs. Use it in a `with` block."""

    def __init__(self) -> None:
        root = Path(__file__).resolve().parents[2]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.victim"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )

    def __enter__(self) -> Victims:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream(self._process.stdin).close()
        self._process.wait(timeout=60)
        self._stream(self._process.stdout).close()

    def start(self, run: Run) -> int:
        """Start a sync; gives the id of its process."""
        entry = self._stream(self._process.stdin)
        entry.write(msgspec.json.encode(run).decode() + "\n")
        entry.flush()
        return self._number()

    def wait(self) -> int:
        """The exit status of the sync that was started last; negative for the signal that killed it."""
        return self._number()

    def _number(self) -> int:
        line = self._stream(self._process.stdout).readline()
        assert line, "the process that forks the syncs ended"
        return int(line)

    @staticmethod
    def _stream(stream: IO[str] | None) -> IO[str]:
        assert stream is not None
        return stream


class Scene(NamedTuple):
    """One world with one database, synced in two acts with some edits in between."""

    kind: Kind
    world: World
    stage: Stage
    clock: Clock
    settings: ConnectionSettings
    database_url: str
    engine: Engine

    def run(self, mode: Mode) -> Run:
        return Run(self.database_url, self.settings, mode, self.clock())

    def edit(self, seed: int) -> None:
        """The edits between the acts: always the same ones for a seed."""
        draw = Random(seed)
        names = sorted(set(self.kind.edits) - {"skew", "hide_project", "archive_project"})
        for _ in range(25):
            edit = Edit(draw.choice(names), draw.randrange(60), draw.randrange(60), draw.choice(PAUSES_S))
            self.world.editor.apply(edit.name, edit.pick, edit.value)
            self.clock.advance(edit.pause_s)
        self.clock.advance(timedelta(hours=2).total_seconds())


@contextmanager
def scene(kind: Kind, fresh: Databases) -> Iterator[Scene]:
    """A scene at its beginning."""
    clock = Clock(BEGINNING)
    world = kind.make(clock)
    url = fresh()
    engine = open_engine(url)
    try:
        with Stage(world.app, world.path) as stage:
            settings = settings_for(kind.tracker, kind.sign_in, stage.address, kind.scope)
            add_connection(engine, "chaos", settings, "env:CHAOS", clock(), COMMAND)
            yield Scene(kind, world, stage, clock, settings, url, engine)
    finally:
        engine.dispose()


ACTS = (Mode.INCREMENTAL, Mode.CENSUS)


def undisturbed(kind: Kind, fresh: Databases, victims: Victims, seed: int) -> dict[str, list[str]]:
    """What is to come of a scene."""
    with scene(kind, fresh) as it:
        for number, mode in enumerate(ACTS):
            if number:
                it.edit(seed)
            victims.start(it.run(mode))
            assert victims.wait() == DONE, "an undisturbed sync did not end well"
        return dump(it.engine, it.stage.address)


def disturbed(kind: Kind, fresh: Databases, parties: list[Victims], seed: int, wanted: dict[str, list[str]]) -> int:
    """Play the scene of a seed with killings, by one process or by several at once. Returns how many were killed."""
    draw = Random(seed)
    kills = 0
    with scene(kind, fresh) as it:
        for number, mode in enumerate(ACTS):
            if number:
                it.edit(seed)
            kills += _until_done(it, mode, parties, draw)
        found = unlike(wanted, dump(it.engine, it.stage.address))
        assert not found, "\n".join([f"after {kills} kills (seed {seed}) the portfolio is another:", *found])
    return kills


def _until_done(it: Scene, mode: Mode, parties: list[Victims], draw: Random) -> int:
    """Have each party sync, again and again, until one has been let through to the end."""
    kills, over, guard = [0], threading.Event(), threading.Lock()
    failures: list[str] = []

    def sync(victims: Victims, own: Random) -> None:
        while not over.is_set():
            with guard:
                spared = kills[0] >= MOST_KILLS
            code = _attempt(it, mode, victims, own, spared)
            if code == -signal.SIGKILL:
                with guard:
                    kills[0] += 1
                    failures.extend(ahead_of_data(it))
            elif code == DONE:
                over.set()
            elif code == ELSE:
                failures.append("a sync failed of itself")
                over.set()
            else:
                assert code == BUSY
                over.wait(0.05)

    threads = [threading.Thread(target=sync, args=(party, Random(draw.random()))) for party in parties]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    it.stage.meddling.leave_be()
    assert not failures, "\n".join(failures)
    return kills[0]


def _attempt(it: Scene, mode: Mode, victims: Victims, draw: Random, spared: bool) -> int:
    run = it.run(mode)
    weapon = "none" if spared else draw.choice(("statement", "commit", "request", "delay"))
    if weapon == "statement":
        run = msgspec.structs.replace(run, statement=draw.randrange(1, HARMLESS))
    elif weapon == "commit":
        run = msgspec.structs.replace(run, commit=draw.randrange(1, HARMLESS // 8))
    pid = victims.start(run)

    def kill() -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    timer = threading.Timer(draw.uniform(0.01, 1.0), kill) if weapon == "delay" else None
    if weapon == "request":
        it.stage.meddling.meddle(draw.randrange(30), kill)
    if timer is not None:
        timer.start()
    code = victims.wait()
    if timer is not None:
        timer.cancel()
        timer.join()
    return code


def ahead_of_data(it: Scene) -> list[str]:
    """Cursors that stand behind records that are not landed, a line each."""
    with reading(it.engine) as store:
        landed = set(store.scalars(select(RawRecord.external_id).where(RawRecord.stream == "items")))
        cursors = store.execute(select(Cursor).where(Cursor.stream == "items")).all()
    there = it.world.expected(it.clock().date()).items
    found: list[str] = []
    for cursor in cursors:
        own = {ident for ident, item in there.items() if item.project == cursor.slice}
        if it.kind.sign_in == "personal_token" and it.kind.tracker == "jira" and cursor.position is not None:
            # Data Center is read in the order of ids, and the position is the last one.
            own = {ident for ident in own if int(ident) <= int(cursor.position)}
        elif cursor.position is not None or cursor.completed_at is None or cursor.completed_at != it.clock():
            continue
        missing = sorted(own - landed)
        if missing:
            found.append(f"the cursor of {cursor.slice} stands at {cursor.position}, but {missing} are not landed")
    return found
