"""Requests for people: what becomes of one, and who may decide it. Pure.

A project asks for a role, staffing proposes a person, the project accepts. Staffing is the resource manager; asking is
whoever manages the project, or asked; the PMO lead may do both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portfolio.bookings.wish import LONGEST_ROLE, SOFT, Wish, mark_of, wrong
from portfolio.faults import EntryError, Fault

LONGEST_NOTE = 500
LEVELS = (1, 5)


class State(StrEnum):
    """How a request stands. accepted, declined and withdrawn are its end."""

    OPEN = "open"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What somebody does about a request."""

    PROPOSE = "propose"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class Side(StrEnum):
    """For whom somebody acts."""

    ASKING = "asking"
    STAFFING = "staffing"


UNDECIDED = (State.OPEN, State.PROPOSED)
"""In these states the booking of a request is the request's to change."""
STEPS: Mapping[tuple[State, Action], tuple[Side, State]] = {
    (State.OPEN, Action.PROPOSE): (Side.STAFFING, State.PROPOSED),
    (State.OPEN, Action.DECLINE): (Side.STAFFING, State.DECLINED),
    (State.OPEN, Action.WITHDRAW): (Side.ASKING, State.WITHDRAWN),
    (State.PROPOSED, Action.PROPOSE): (Side.STAFFING, State.PROPOSED),
    (State.PROPOSED, Action.DECLINE): (Side.STAFFING, State.DECLINED),
    (State.PROPOSED, Action.ACCEPT): (Side.ASKING, State.ACCEPTED),
    (State.PROPOSED, Action.SEND_BACK): (Side.ASKING, State.OPEN),
    (State.PROPOSED, Action.WITHDRAW): (Side.ASKING, State.WITHDRAWN),
}
"""What can be done in which state, for whom, and the state after it."""
BOOKING = frozenset({Action.PROPOSE, Action.ACCEPT})
"""Of no use once the last day asked for is over."""
NEEDS_REASON = frozenset({Action.SEND_BACK, Action.DECLINE})
WAITS_FOR: Mapping[State, Side] = {State.OPEN: Side.STAFFING, State.PROPOSED: Side.ASKING}
"""Whose turn it is."""


class RequestError(EntryError):
    """What was to be done about a request cannot be. As `EntryError`."""


@dataclass(frozen=True)
class Ask:
    """What a project asks for: so many hours of a role between two days, both included, perhaps with a skill at a
    level or above; and by when it wants an answer."""

    project_id: int
    role: str
    hours: Decimal
    start: date
    end: date
    skill: str | None = None
    level: int | None = None
    answer_by: date | None = None

    @property
    def mark(self) -> str:
        """By which whoever confirms it shows what they have seen."""
        return mark_of(self)

    def booking(self, today: date, person_id: int | None = None, kind: str = SOFT) -> Wish:
        """What is booked for it, from today on at the earliest: of the person, or of the role while nobody is named."""
        role, start = self.role if person_id is None else None, max(self.start, today)
        return Wish(self.project_id, person_id, role, start, self.end, total_hours=self.hours, kind=kind)


def wrong_ask(ask: Ask, today: date) -> Iterator[Fault]:
    """All that cannot be asked for."""
    if not ask.role:
        yield Fault("role", "Say which role is asked for.")
    if ask.skill and len(ask.skill) > LONGEST_ROLE:
        yield Fault("skill", f"A skill has at most {LONGEST_ROLE} characters.")
    if ask.level is not None and (not ask.skill or not LEVELS[0] <= ask.level <= LEVELS[1]):
        yield Fault("level", "A level is 1 to 5, of a skill that is named.")
    last = ask.end if ask.end >= today else date.max
    if ask.answer_by is not None and not today <= ask.answer_by <= last:
        yield Fault("answer_by", "An answer can be wanted from today on, up to the last day asked for.")
    if ask.start < today:
        yield Fault("start", "Days that are over cannot be asked for. Begin today or later.")
    # Who is booked is the role, of which it is said above when there is none.
    yield from (it for it in wrong(ask.booking(today), today) if it.field != "person")


def decide(state: State, action: Action, sides: Collection[Side], note: str = "", *, over: bool = False) -> State:
    """The state after the action of somebody who acts for these sides. `over`: the last day asked for is. Raises
    `RequestError` for what cannot be done, or not by them."""
    step = STEPS.get((state, action))
    if step is None:
        raise RequestError(
            Fault("do", f"The request is {state}, where that cannot be done. Look at what became of it.")
        )
    side, after = step
    if side not in sides:
        who = "a resource manager" if side is Side.STAFFING else "whoever manages the project"
        raise RequestError(Fault("do", f"That is for {who} to decide, or for the PMO lead."))
    if over and action in BOOKING:
        raise RequestError(Fault("do", "All days asked for are over. Withdraw or decline it, and ask anew."))
    if action in NEEDS_REASON and not note.strip():
        raise RequestError(Fault("note", "Give the reason: whoever reads it has to go on from there."))
    return after


def possible(state: State, sides: Collection[Side], *, over: bool) -> tuple[Action, ...]:
    """What somebody who acts for these sides can do."""
    fits = (action for (at, action), (side, _) in STEPS.items() if at is state and side in sides)
    return tuple(action for action in fits if not (over and action in BOOKING))
