"""Any figure as of a past day is what a system computed on that day that had synced then.

Random edits over several days; the figures are told on the evenings on which there is a sync. At the end they are told
as of each of these days once more: by the same database, and by another one that reads the tracker for the first time.
"""

from __future__ import annotations

import os
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import Engine

from portfolio.audit.entry import COMMAND
from sync.connections import add_connection
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from tests.chaos.conftest import Fresh
from tests.chaos.days import Life, Told, differences, lives, told
from tests.chaos.jira_world import BEGINNING
from tests.chaos.stage import Clock, Stage, open_patiently, settings_for
from tests.chaos.worlds import KINDS, Kind

IN_CI = 2
ASKED = int(os.environ.get("CHAOS_HISTORIES", "0"))
WHOLE = ("asana", "cloud", "datacenter_by_minutes")
"""Where all projects are read: what moves out of those that are read is gone, see below."""
DAY_S = 86_400

GONE = "what is gone is told by no tracker: who reads it afresh never knew of it"
CORRECTED = "time belongs to the day it was spent on: a correction changes that day, and leaves no trace"
UNTOLD = {
    "archive": GONE,
    "archive_project": GONE,
    "correct_time": CORRECTED,
    "correct_work": CORRECTED,
    "delete": GONE,
    "delete_time": CORRECTED,
    "delete_work": CORRECTED,
    "edit_sprint": "a sprint has one begin and one end, whatever was said of them before",
    "hide": GONE,
    "hide_project": GONE,
    "join": "which of several projects comes first is told of the present only",
    "leave": "which of several projects comes first is told of the present only",
    "new_version": "versions have no history, not even of when they were made",
    "release": "a version may be released as of any day",
    "reparent": "of parents only the present one is kept, and since when",
    "restore": GONE,
    "skew": "a tracker whose clock is wrong dates what happens on another day",
    "unarchive": GONE,
}
"""Edits after which the law cannot hold, each with the reason: trackers do not tell of what was before."""
ON_THE_DAY = {"book_time": 55, "log_work": 100}
"""Factors that make these edits book the time on the day it was spent: what is logged later is a correction, too."""


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", WHOLE)
def test_the_past_is_as_it_was_told(fresh_sqlite: Fresh, name: str) -> None:
    @settings(
        max_examples=ASKED or IN_CI,
        deadline=None,
        derandomize=not ASKED,
        database=None,
        phases=tuple(Phase) if ASKED else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(life=lives(set(KINDS[name].edits) - UNTOLD.keys(), ON_THE_DAY))
    def run(life: Life) -> None:
        with fresh_sqlite() as engine, fresh_sqlite() as fresh:
            found = live(KINDS[name], life, engine, fresh)
        assert not found, "\n".join(found)

    run()


def live(kind: Kind, life: Life, engine: Engine, fresh: Engine) -> list[str]:
    """Live a life that `engine` follows; returns what it and `fresh` say otherwise at the end than was told then."""
    clock = Clock(BEGINNING)
    world = kind.make(clock)
    with Stage(world.app, world.path) as stage:
        reached = settings_for(kind.tracker, kind.sign_in, stage.address, kind.scope)
        ids = {each: add_connection(each, "chaos", reached, "env:CHAOS", clock(), COMMAND) for each in (engine, fresh)}

        def sync(where: Engine, mode: Mode) -> None:
            connector = open_patiently(reached)
            summary = sync_connection(where, ids[where], connector, clock=clock, mode=mode, threads=1)
            connector.close()
            assert summary.state == "done", summary.error

        then: dict[date, Told] = {}
        for number, day in enumerate(life):
            for edit in day.edits:
                world.editor.apply(edit.name, edit.pick, edit.value)
                clock.advance(edit.pause_s)
            if day.synced or number == 0:
                sync(engine, Mode.CENSUS)
                then[clock().date()] = told(engine, clock().date(), clock())
            clock.advance(DAY_S * day.pass_days)
        sync(engine, Mode.CENSUS)
        sync(fresh, Mode.FULL)
    return [
        f"{on} {word}: {line}"
        for on, before in then.items()
        for word, where in (("later", engine), ("afresh", fresh))
        for line in differences(before, told(where, on, clock()))
    ]
