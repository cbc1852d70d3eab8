"""Whatever happens to a tracker while it is synced, at each quiet point the portfolio is what the tracker says.

Hypothesis draws the histories and shrinks those that fail. The same ones are drawn each time, unless CHAOS_HISTORIES
says how many there are to be: then they are new ones.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings

from portfolio.store.engine import open_engine
from tests.chaos.conftest import Fresh
from tests.chaos.play import play
from tests.chaos.story import History, histories, long_history
from tests.chaos.worlds import KINDS
from tests.postgres import Server

IN_CI = 300
ASKED = int(os.environ.get("CHAOS_HISTORIES", "0"))
PARTS = 2
"""Each kind of world in so many tests, for several processes to share them out."""


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_portfolio_is_what_its_tracker_says(fresh_sqlite: Fresh, name: str, part: int) -> None:
    @settings(
        max_examples=-(-(ASKED or IN_CI) // (len(KINDS) * PARTS)),
        deadline=None,
        derandomize=not ASKED,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(history=histories(KINDS[name].edits, part))
    def run(history: History) -> None:
        with fresh_sqlite() as engine:
            play(engine, KINDS[name], history)

    run()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", sorted(KINDS))
def test_some_hundred_edits_in_a_row(fresh_sqlite: Fresh, name: str) -> None:
    with fresh_sqlite() as engine:
        play(engine, KINDS[name], long_history(KINDS[name].edits, seed=len(name), chapters=25), threads=4)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_some_histories_on_postgresql(postgres: Server, postgres_template: str, name: str) -> None:
    url = postgres.create(postgres_template)
    engine = open_engine(url)
    play(engine, KINDS[name], long_history(KINDS[name].edits, seed=2 * len(name), chapters=4), threads=4)
    engine.dispose()
    postgres.drop(url)
