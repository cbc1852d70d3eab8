"""/api/v1/requests: the requests for people of the projects in sight, asking, and deciding about one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec
from flask import Blueprint, Response, abort
from sqlalchemy import Connection

from portfolio.access.narrow import in_project
from portfolio.bookings.asking import Action, Ask
from portfolio.bookings.keep import UnconfirmedError
from portfolio.bookings.requests import ask_for
from portfolio.bookings.sides import may_ask
from portfolio.faults import EntryError, require
from portfolio.store.engine import writing
from webapp import here, record, signin
from webapp.api.asked import Nothing, Part, Shape, answer, body, one_line, query
from webapp.api.bookings import MADE, Made, not_namable, refused, unconfirmed
from webapp.queries import requests as found
from webapp.request_decided import Opened, decided, opened

part = Blueprint("requests", __name__)


class Wanted(Part, frozen=True):
    """Which requests, as on the page."""

    project: str = ""
    which: Literal["waiting", "own"] | None = None
    stands: Literal["decided", "any"] | None = None


class Request(msgspec.Struct, frozen=True):
    """A request. `state`: open, proposed, accepted, declined or withdrawn; `person` is who is proposed or accepted;
    `seen` says what it is by now: whoever decides sends it."""

    id: int
    project_id: int
    project: str
    role: str
    skill: str | None
    level: int | None
    hours: float
    start: date
    end: date
    answer_by: date | None
    overdue: bool
    state: str
    person_id: int | None
    person: str | None
    asked_at: datetime
    seen: int


class Requests(msgspec.Struct, frozen=True):
    """Some of the requests, those whose answer is due first at the top."""

    total: int
    limit: int
    offset: int
    requests: list[Request]


class New(Shape, frozen=True):
    """What is asked for. `confirmed`: a role or a skill that nobody has is meant."""

    project_id: int
    role: str
    hours: Decimal
    start: date
    end: date
    skill: str | None = None
    level: int | None = None
    answer_by: date | None = None
    note: str = ""
    confirmed: bool = False


class Decision(Shape, frozen=True):
    """What somebody does about a request: `person_id` is whom they propose; `confirmed`: too much is meant."""

    do: Action
    seen: int
    person_id: int | None = None
    note: str = ""
    confirmed: bool = False


@part.get("/requests")
def requests() -> Response:
    asked, viewer, today = query(Wanted), signin.viewer(), here.today()
    wish = found.Wish(asked.project, asked.which, asked.stands)
    with here.reading() as connection:
        total = found.count_requests(connection, viewer, wish)
        lines = found.list_requests(connection, viewer, wish, limit=asked.limit, offset=asked.offset)
    record.people("requests", (it.person_id for it in lines))
    return answer(Requests(total, asked.limit, asked.offset, [_told(it, today) for it in lines]))


def _told(it: found.Line, today: date) -> Request:
    what = (it.role, it.skill, it.level, float(it.hours), it.start, it.end, it.answer_by, it.overdue(today))
    return Request(it.id, it.project_id, it.project, *what, it.state, it.person_id, it.person, it.asked_at, it.step)


@part.post("/requests")
def ask() -> Response:
    new, now = body(New), here.now().astimezone(here.zone())
    role, skill = (one_line(text) for text in (new.role, new.skill or ""))
    wanted = Ask(new.project_id, role, new.hours, new.start, new.end, skill or None, new.level, new.answer_by)
    with here.reading() as connection:
        if not may_ask(in_project(connection, signin.viewer(), new.project_id)):
            abort(403)
    try:
        with writing(here.engine()) as store:
            request_id = ask_for(store, wanted, new.note, now, signin.actor(), confirmed=new.confirmed)
    except EntryError as error:
        raise refused(error) from error
    return answer(Made(request_id), MADE)


@part.get("/requests/<id:request_id>")
def request(request_id: int) -> Response:
    query(Nothing)
    with here.reading() as connection:
        line = opened(connection, request_id).line
    return _one(line, here.today())


@part.post("/requests/<id:request_id>")
def decide(request_id: int) -> Response:
    """Do it as on the page; the answer is the request as it is then."""
    new, now, whom = body(Decision), here.now().astimezone(here.zone()), None
    try:
        with here.reading() as connection:
            it = opened(connection, request_id)
            whom = _whom(connection, it, new, now) if it.may(new.do, now) else None
        decided(it, new.do, new.seen, whom, new.note, now, confirmed=new.confirmed)
    except EntryError as error:
        raise refused(error) from error
    except UnconfirmedError as error:
        record.people("requests", [whom])  # it tells what load they have
        raise unconfirmed(error) from error
    with here.reading() as connection:
        line = opened(connection, request_id).line
    return _one(line, now.date())


def _one(line: found.Line, today: date) -> Response:
    record.people("requests", [line.person_id])
    return answer(_told(line, today))


def _whom(connection: Connection, it: Opened, new: Decision, now: datetime) -> int | None:
    """Whom it is about: who is named, of those that may be named, or who is proposed already."""
    if new.do is not Action.PROPOSE:
        return it.kept.person_id if new.do is Action.ACCEPT else None
    require(not_namable(connection, new.person_id, now))
    return new.person_id
