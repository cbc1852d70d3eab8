"""The line on every page that says how fresh each connection is. Looked up every few seconds, not for every page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from portfolio.access.rows import knows_all
from portfolio.store.errors import StoreError
from sync.inbox.fresh import new_words
from webapp import here, signin
from webapp.queries.freshness import ConnectionState, connection_states, known_connections

KEPT_FOR = timedelta(seconds=5)
MOST_NAMED = 4
_KEPT = "sightline_freshness"
_WORDS = "sightline_new_words"


class _Kept(NamedTuple):
    at: datetime
    states: tuple[ConnectionState, ...]


def _states() -> tuple[ConnectionState, ...]:
    """The connections as they were a moment ago, of which the viewer may know; none when the database cannot tell,
    which the page itself says."""
    now = here.now()
    kept: _Kept | None = current_app.extensions.get(_KEPT)
    viewer = signin.viewer()
    if kept is not None and kept.at <= now < kept.at + KEPT_FOR and knows_all(viewer):
        return kept.states
    try:
        with here.reading() as connection:
            known = known_connections(connection, viewer)
            if kept is None or not kept.at <= now < kept.at + KEPT_FOR:
                kept = _Kept(now, connection_states(connection, now))
    except (StoreError, SQLAlchemyError):
        return ()
    current_app.extensions[_KEPT] = kept
    return tuple(state for state in kept.states if state.id in known)


class Line(NamedTuple):
    """The connections to name, and how many current ones are not named because there are many."""

    named: tuple[ConnectionState, ...]
    others: int


def line() -> Line:
    """What the line says. Whatever is not as it should be is always named."""
    states = _states()
    if len(states) <= MOST_NAMED:
        return Line(states, 0)
    named = tuple(
        it for it in states if it.enabled and (not it.current or it.held or it.state in ("partial", "running"))
    )
    return Line(named, sum(it.enabled for it in states) - len(named))


class _Words(NamedTuple):
    at: datetime
    new: int


def words() -> int:
    """How many words of the trackers are new since the mapping was approved, as of a moment ago; 0 when that cannot be
    told."""
    now = here.now()
    kept: _Words | None = current_app.extensions.get(_WORDS)
    if kept is None or not kept.at <= now < kept.at + KEPT_FOR:
        try:
            with here.reading() as connection:
                kept = current_app.extensions[_WORDS] = _Words(now, new_words(connection))
        except (StoreError, SQLAlchemyError):
            return 0
    return kept.new


def init_app(app: Flask) -> None:
    """Let the frame of the pages say it, and how many words are new."""
    app.jinja_env.globals["freshness"] = line
    app.jinja_env.globals["new_words"] = words
