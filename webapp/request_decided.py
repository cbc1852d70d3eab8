"""Deciding about a request, from a page or over the API: by the same rules, and noted the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import abort
from sqlalchemy import Connection

from portfolio.access.narrow import in_project
from portfolio.bookings.asking import Action, Side, State, possible
from portfolio.bookings.effects import NONE, Effect, effect_now
from portfolio.bookings.requests import Deed, Request, act, find_request
from portfolio.bookings.sides import sides_of
from portfolio.bookings.wish import HARD
from portfolio.resources.kept import kept_plan
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.queries import requests as query


@dataclass(frozen=True)
class Opened:
    """A request as the viewer sees it, and for whom they act about it."""

    line: query.Line
    kept: Request
    sides: frozenset[Side]

    def may(self, action: Action, now: datetime) -> bool:
        """Whether they can do it. Who may not learns nothing of whom they name: `decided` says why not."""
        return action in possible(self.kept.state, self.sides, over=self.line.end < now.date())


def opened(connection: Connection, request_id: int) -> Opened:
    """The request, if it is in the viewer's sight."""
    viewer = signin.viewer()
    line = query.find_line(connection, viewer, request_id)
    kept = find_request(connection, request_id)
    if line is None or kept is None:
        abort(404)
    return Opened(line, kept, sides_of(in_project(connection, viewer, line.project_id), kept.asked_by_id))


def decided(
    it: Opened, action: Action, seen: int, person_id: int | None, note: str, now: datetime, *, confirmed: bool
) -> State:
    """Do it, and return the state after it. `seen` is the newest step that whoever decides has seen.

    Raises `EntryError` and `UnconfirmedError` as `portfolio.bookings.requests.act` does.
    """
    if person_id is not None:
        with here.reading() as connection:
            kept_plan(connection, now.date(), now)  # so that nobody who books has to wait for it to be read
    with writing(here.engine()) as store:
        deed = Deed(action, seen, person_id, note, _effect(store, it.kept, person_id, now), confirmed)
        return act(store, it.kept.id, deed, it.sides, now, signin.actor())


def _effect(store: Connection, kept: Request, person_id: int | None, now: datetime) -> Effect:
    wish = kept.ask.booking(now.date(), person_id, HARD)
    if person_id is None or wish.end < now.date():
        return NONE
    return effect_now(store, wish, now)
