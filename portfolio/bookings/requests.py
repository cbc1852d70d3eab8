"""Asking for people and deciding on it: the request, its booking and the step go together, or none of them.

All in the caller's transaction; `now` carries the portfolio's time zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.bookings.asking import LONGEST_NOTE, Action, Ask, RequestError, Side, State, decide, wrong_ask
from portfolio.bookings.effects import NONE, Effect
from portfolio.bookings.keep import UnconfirmedError, absent, find_booking, go_on, insert_booking, stop
from portfolio.bookings.known import read_known
from portfolio.bookings.wish import HARD, SOFT, Booking, Wish
from portfolio.faults import Fault, require
from portfolio.model.people import Allocation
from portfolio.model.resources import RequestStep, ResourceRequest
from portfolio.store.locks import Lock, exclusive

NOTED = {
    Action.PROPOSE: "request.proposed",
    Action.ACCEPT: "request.accepted",
    Action.SEND_BACK: "request.sent_back",
    Action.DECLINE: "request.declined",
    Action.WITHDRAW: "request.withdrawn",
}
"""What an action is called in the audit log."""
_A_LITTLE = 0.05
"""Hours by which the load may have moved since a person was proposed."""


class Request(NamedTuple):
    """A request as it is kept. `person_id` is who is proposed or was accepted; `last_step` the id of its newest step;
    `agreed_h` by how many hours it may be too much for that person, as who proposed them agreed to."""

    id: int
    ask: Ask
    state: State
    person_id: int | None
    asked_by_id: int
    last_step: int
    agreed_h: float


class Deed(NamedTuple):
    """What somebody does about a request. `seen` is the newest step they have seen, `person_id` whom they propose,
    `effect` what a firm booking of the person does now (`effect_now`)."""

    action: Action
    seen: int
    person_id: int | None = None
    note: str = ""
    effect: Effect = NONE
    confirmed: bool = False


def find_request(store: Connection, request_id: int) -> Request | None:
    """The request of that id."""
    it = ResourceRequest
    row = store.execute(select(it.__table__).where(it.id == request_id)).one_or_none()
    if row is None:
        return None
    steps = select(RequestStep.id, RequestStep.over_hours).where(RequestStep.request_id == request_id)
    last = store.execute(steps.order_by(RequestStep.id.desc()).limit(1)).one()
    ask = Ask(row.project_id, row.role, row.hours, row.start, row.end, row.skill, row.level, row.answer_by)
    return Request(row.id, ask, State(row.state), row.person_id, row.asked_by_id, last.id, float(last.over_hours or 0))


def wrong_to_ask(store: Connection, ask: Ask, today: date, *, confirmed: bool = False) -> Iterator[Fault]:
    """All that cannot be asked for as things stand; what is asked about only if that is not confirmed."""
    yield from wrong_ask(ask, today)
    yield from absent(store, ask.booking(today))
    if not confirmed:
        known = read_known(store)
        yield from filter(None, (known.role(ask.role), known.skill(ask.skill or "")))


def ask_for(store: Connection, ask: Ask, note: str, now: datetime, by: Actor, *, confirmed: bool = False) -> int:
    """Ask; the role is booked, as proposed, while nobody is named. Returns the id. Raises `EntryError`."""
    exclusive(store, Lock.STRUCTURE)
    require(wrong_to_ask(store, ask, now.date(), confirmed=confirmed))
    wish = ask.booking(now.date())
    values: dict[str, Any] = {"project_id": ask.project_id, "role": ask.role, "skill": ask.skill, "level": ask.level}
    values |= {"hours": ask.hours, "start": ask.start, "end": ask.end, "answer_by": ask.answer_by}
    asked = insert(ResourceRequest).values(**values, state=State.OPEN.value, asked_by_id=by.user_id, asked_at=now)
    request_id = int(store.execute(asked.returning(ResourceRequest.id)).scalar_one())
    insert_booking(store, wish, now, by, request_id)
    _step(store, request_id, State.OPEN, None, note, now, by)
    told = {"project": ask.project_id, "role": ask.role, "hours": f"{ask.hours.normalize():f}"}
    days = {"start": ask.start.isoformat(), "end": ask.end.isoformat()}
    append(store, now, by, "request.asked", Subject("request", request_id), new=told | days)
    return request_id


def act(store: Connection, request_id: int, deed: Deed, sides: frozenset[Side], now: datetime, by: Actor) -> State:
    """Do it, and return the state after it.

    Raises `EntryError` for what cannot be done, also where somebody else did something meanwhile, and
    `UnconfirmedError` where whoever staffs is to confirm that the person has too much. Then nothing may be committed.
    """
    exclusive(store, Lock.STRUCTURE)
    found = find_request(store, request_id)
    if found is None:
        raise RequestError(Fault("do", "The request is not there any more."))
    if found.last_step != deed.seen:
        raise RequestError(Fault("do", f"Somebody acted meanwhile: the request is {found.state}. Look at it again."))
    today = now.date()
    after = decide(found.state, deed.action, sides, deed.note, over=found.ask.end < today)
    person_id = _person_after(found, deed)
    wish = _wish_after(found.ask, after, person_id, today)
    if deed.action in (Action.PROPOSE, Action.ACCEPT):
        _require_agreed(found, deed, sides)
    if wish is not None:
        require(absent(store, wish))
    # The state is compared where it is written: of two who act at once the second finds another one.
    it = ResourceRequest
    same = it.person_id.is_(None) if found.person_id is None else it.person_id == found.person_id
    moved = update(it).where(it.id == request_id, it.state == found.state.value, same)
    if store.execute(moved.values(state=after.value, person_id=person_id)).rowcount != 1:
        raise RequestError(
            Fault("do", "Somebody acted at the same time. Look at what became of it, then decide again.")
        )
    _book(store, found, wish, now, by)
    over = deed.effect.hours if deed.action is Action.PROPOSE else 0.0
    _step(store, request_id, after, person_id or found.person_id, deed.note, now, by, over)
    old, new = {"state": found.state.value}, {"state": after.value, "person": person_id}
    if over:
        new["too_much_h"] = f"{over:.2f}"
    append(store, now, by, NOTED[deed.action], Subject("request", request_id), old=old, new=new)
    return after


def _person_after(found: Request, deed: Deed) -> int | None:
    if deed.action is Action.PROPOSE:
        if deed.person_id is None:
            raise RequestError(Fault("person", "Say who is proposed."))
        return deed.person_id
    return found.person_id if deed.action is Action.ACCEPT else None


def _wish_after(ask: Ask, after: State, person_id: int | None, today: date) -> Wish | None:
    """What is booked for the request in that state; None for nothing, or where all its days are over."""
    if after in (State.DECLINED, State.WITHDRAWN) or ask.end < today:
        return None
    return ask.booking(today, person_id, HARD if after is State.ACCEPTED else SOFT)


def _require_agreed(found: Request, deed: Deed, sides: frozenset[Side]) -> None:
    effect = deed.effect
    if effect.idle:
        raise RequestError(Fault("person", "They work on none of these days. Propose somebody who does."))
    if not effect.over or (deed.confirmed and Side.STAFFING in sides):
        return
    if deed.action is Action.ACCEPT and effect.hours <= found.agreed_h + _A_LITTLE:
        return
    if Side.STAFFING in sides:
        raise UnconfirmedError(effect)
    raise RequestError(
        Fault(
            "person",
            f"They would have {effect.hours:.1f} h too much by now, and {found.agreed_h:.1f} h were agreed to. "
            "A resource manager has to propose again.",
        )
    )


def _book(store: Connection, found: Request, wish: Wish | None, now: datetime, by: Actor) -> None:
    booking = _booking_of(store, found.id, now.date())
    if wish is None:
        if booking is not None:
            stop(store, booking, now.date())
    elif booking is None:
        insert_booking(store, wish, now, by, found.id)
    else:
        go_on(store, booking, wish, now, by)


def _booking_of(store: Connection, request_id: int, today: date) -> Booking | None:
    """The booking of a request that is not over."""
    newest = select(func.max(Allocation.id)).where(Allocation.request_id == request_id, Allocation.end >= today)
    booking_id = store.scalar(newest)
    return None if booking_id is None else find_booking(store, booking_id)


def _step(
    store: Connection,
    request_id: int,
    state: State,
    person_id: int | None,
    note: str,
    now: datetime,
    by: Actor,
    over: float = 0.0,
) -> None:
    values: dict[str, Any] = {"request_id": request_id, "state": state.value, "person_id": person_id, "at": now}
    told = {"by_id": by.user_id, "note": " ".join(note.split())[:LONGEST_NOTE]}
    too_much = {"over_hours": Decimal(f"{over:.3f}") if over else None}
    store.execute(insert(RequestStep).values(**values, **told, **too_much))
