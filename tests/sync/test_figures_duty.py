"""Figures kept up with time: once, by one process, and never when there is nothing to do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, select

from portfolio.figures.due import all_due, past_changed
from portfolio.figures.rollup import roll_up
from portfolio.model.oversight import DutyLease, RollUp
from portfolio.store.engine import reading, writing
from sync.duty import on_duty
from sync.jobs.figures import DUTY, keep_figures
from tests.portfolio.builders import World

NOW = datetime(2026, 3, 13, 23, 30, tzinfo=UTC)
ZONE = "Europe/Berlin"
"""Where it is the 14th already."""
TODAY = date(2026, 3, 14)


def days(engine: Engine) -> dict[date, str]:
    with reading(engine) as store:
        return dict(store.execute(select(RollUp.as_of, RollUp.origin)).all())


def test_figures_are_brought_to_the_day_of_the_portfolio_and_the_past_with_them(engine: Engine) -> None:
    assert keep_figures(engine, lambda: NOW, ZONE) == 0
    assert days(engine) == {}, "nobody has computed anything yet"
    with writing(engine) as store:
        project = World(store).project()
        roll_up(store, as_of=TODAY - timedelta(days=3), now=NOW - timedelta(days=3))
        past_changed(store, {project: TODAY - timedelta(days=10)})
    told: list[tuple[int, int]] = []
    assert keep_figures(engine, lambda: NOW, ZONE, told=lambda *each: told.append(each)) == 4
    assert told == [(4, 4)]
    observed = {TODAY, TODAY - timedelta(days=3)}
    missed = {TODAY - timedelta(days=back) for back in (1, 2)}
    assert days(engine) == dict.fromkeys(observed, "observed") | dict.fromkeys(
        missed | {date(2026, 3, 8)}, "reconstructed"
    )
    before = days(engine)
    assert keep_figures(engine, lambda: NOW, ZONE) == 0
    assert days(engine) == before


def test_one_process_at_a_time_does_it_and_who_is_stopped_leaves_the_rest(engine: Engine) -> None:
    with writing(engine) as store:
        project = World(store).project()
        roll_up(store, as_of=TODAY, now=NOW)
        past_changed(store, {project: TODAY - timedelta(days=10)})
    with on_duty(engine, DUTY, lambda: NOW) as duty:
        assert duty is not None
        assert keep_figures(engine, lambda: NOW, ZONE) == 0
    assert keep_figures(engine, lambda: NOW, ZONE, stop=lambda: "somebody") == 0
    with reading(engine) as store:
        assert len(all_due(store, NOW)) == 1
        assert store.scalar(select(DutyLease.owner)) is None
    assert keep_figures(engine, lambda: NOW, ZONE) == 1
