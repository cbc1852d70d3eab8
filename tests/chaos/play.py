"""Plays one history: edits and syncs in turn, what must hold after every run, and the comparison at quiet points."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Engine

from portfolio.audit.entry import COMMAND
from portfolio.store.engine import reading
from sync import holds
from sync.connections import add_connection
from sync.modes import Mode
from sync.run.pipeline import RunSummary, sync_connection
from tests.chaos import kept
from tests.chaos.jira_world import BEGINNING
from tests.chaos.portrait import differences
from tests.chaos.stage import Clock, Stage, open_patiently, settings_for
from tests.chaos.story import Chapter, Edit, History
from tests.chaos.worlds import Kind, World

MINUTES_S = 300

Both = tuple[set[str], set[tuple[str, str]]]
"""Ids of items, and of worklogs with their items."""


def play(engine: Engine, kind: Kind, history: History, threads: int = 1) -> None:
    """Play a history on a fresh world and an empty, migrated database. Raises `AssertionError` with what is wrong."""
    clock = Clock(BEGINNING)
    world = kind.make(clock)
    with Stage(world.app, world.path) as stage:
        player = _Player(engine, kind, world, stage, clock, threads)
        player.run(Mode.INCREMENTAL, "at the beginning")
        for number, chapter in enumerate(history):
            player.live(chapter, f"in chapter {number}")
        player.quiet("at the end")
        player.stand_still("at the end")


class _Player:
    def __init__(self, engine: Engine, kind: Kind, world: World, stage: Stage, clock: Clock, threads: int) -> None:
        self._engine = engine
        self._world = world
        self._stage = stage
        self._clock = clock
        self._threads = threads
        self._settings = settings_for(kind.tracker, kind.sign_in, stage.address, kind.scope)
        self._connection = add_connection(engine, "chaos", self._settings, "env:CHAOS", clock(), COMMAND)
        self._ever: set[str] = set()
        self._refused = False

    def live(self, chapter: Chapter, where: str) -> None:
        """One chapter."""
        for edit in chapter.edits:
            self._edit(edit)
        self._world.editor.touched.clear()
        for after, edit in chapter.meanwhile:
            self._stage.meddling.meddle(after, partial(self._edit, edit))
        self._stage.faults.add(*(trouble.fault() for trouble in chapter.troubles))
        known = self._world.ids()
        named = [known[pick % len(known)] for pick in chapter.named] if known else []
        before, visible = self._live(), self._visible()
        summary = self._sync(chapter.mode, named)
        self._stage.faults.clear()
        self._stage.meddling.leave_be()
        self._check(f"{where} ({chapter.mode} run {summary.state}: {summary.error})")
        refused = any(trouble.kind == "forbidden" for trouble in chapter.troubles)
        self._refused = self._refused or refused
        if not refused:
            self._nothing_lost(before, visible, where)
        if chapter.quiet:
            self.quiet(f"at the quiet point {where}")

    def quiet(self, where: str) -> None:
        """Nothing happens any more: what changed and what there is are read, and the portfolio is as it should be."""
        self._clock.advance(MINUTES_S)
        last = Mode.FULL if self._world.editor.needs_full else Mode.CENSUS
        self._world.editor.needs_full = False
        for mode in (Mode.INCREMENTAL, last):
            self.run(mode, where)
        if kept.unsettled(self._engine):
            # What is not listed any more is given some minutes to turn up again.
            self._clock.advance(MINUTES_S)
            self.run(Mode.INCREMENTAL, where)
        with reading(self._engine) as store:
            held = holds.pending(store, self._connection)
        if held is not None:
            holds.decide(self._engine, self._connection, approve=True, name="chaos", by=COMMAND, now=self._clock())
            self.run(Mode.CENSUS, where)
        today = self._clock().date()
        portrait, expected = kept.portrait(self._engine, self._connection, today), self._world.expected(today)
        if self._refused:
            # A tracker that refuses an item says that it is out of sight, and is believed.
            expected = expected._replace(gone={ident: {*why, "access_lost"} for ident, why in expected.gone.items()})
        unseen = self._world.unseen()
        found = differences(expected, portrait, unseen)
        self._ever |= portrait.items.keys()
        forgotten = self._ever - portrait.items.keys() - portrait.gone.keys()
        found += [f"history: {ident} was in the portfolio and is not even kept" for ident in sorted(forgotten)]
        found += kept.waiting(self._engine)
        found += kept.unfinished_cursors(self._engine, self._connection, self._clock())
        assert not found, "\n".join([f"{where}, the portfolio is not as the tracker says:", *found])
        self._check(where)

    def stand_still(self, where: str) -> None:
        """A second look at a tracker that stands still changes no row."""
        before = kept.digest(self._engine)
        self._clock.advance(MINUTES_S)
        self.run(Mode.INCREMENTAL, where)
        after = kept.digest(self._engine)
        changed = [name for name in before if before[name] != after[name]]
        assert not changed, f"{where}, a second sync changed rows of {changed}"

    def run(self, mode: Mode, where: str) -> None:
        """A run that has no reason not to end well."""
        summary = self._sync(mode, [])
        notes = {name: counts.note for name, counts in summary.streams.items() if counts.note}
        assert summary.state == "done", f"{where}, the {mode} run {summary.state}: {summary.error} {notes}"

    def _sync(self, mode: Mode, ids: list[str]) -> RunSummary:
        connector = open_patiently(self._settings)
        try:
            return sync_connection(
                self._engine,
                self._connection,
                connector,
                clock=self._clock,
                mode=mode,
                ids=ids,
                threads=self._threads,
            )
        finally:
            connector.close()

    def _edit(self, edit: Edit) -> None:
        self._world.editor.apply(edit.name, edit.pick, edit.value)
        self._clock.advance(edit.pause_s)

    def _live(self) -> Both:
        return kept.live_ids(self._engine, self._connection)

    def _visible(self) -> Both:
        items = self._world.expected(self._clock().date()).items
        return set(items), {(ident, log) for ident, item in items.items() for log, _ in item.worked}

    def _nothing_lost(self, before: Both, visible: Both, where: str) -> None:
        """What the portfolio and the tracker both had before the run, and nobody touched meanwhile, is still there."""
        after, still = self._live(), self._visible()
        surely = (before[0] & visible[0] & still[0]) - self._world.editor.touched
        lost = sorted(surely - after[0])
        assert not lost, f"{where}, items were lost that the tracker shows: {lost}"
        logs = sorted((before[1] & visible[1] & still[1]) - after[1])
        logs = [(item, log) for item, log in logs if item in surely]
        assert not logs, f"{where}, worklogs were lost that the tracker shows: {logs}"

    def _check(self, where: str) -> None:
        found = kept.inconsistencies(self._engine, self._connection)
        assert not found, "\n".join([f"{where}, the portfolio contradicts itself:", *found])
