"""What is entered of a person beside what trackers tell: role, segment, manager, calendar, hours, teams."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.capacity.past import persons_corrected
from portfolio.model.base import EVER
from portfolio.model.people import Calendar, Erasure, Person
from portfolio.store.engine import writing
from portfolio.store.locks import Lock, exclusive
from sync.errors import PersonDecisionError, UnknownPersonError
from sync.identities.managers import circles, managers
from sync.identities.shares import shares_on, write_shares
from sync.identities.terms import USUAL, Terms, begins, terms_on, write_terms
from sync.merge import chunks
from sync.tables import table_of

LONGEST = 100
MOST_FTE = Decimal(2)
_ASKED = (
    "nothing was told before of how they work, so it would hold for all time: that would correct the past. Say that you"
    " mean it, or from which day on it holds."
)
_ASKED_OF_A_DAY = "is past: that would correct the past. Say that you mean it, or let it hold from today on."
_TEXTS = ("role", "segment", "seniority", "location")


class Details(NamedTuple):
    """What is entered of a person. `fte` is the share of a full week, 1 for all of it; `calendar` a name; `hours` are
    those of a week where they are not the calendar's (`portfolio.resources.hours`); `teams` are (name, share) of teams
    that no tracker tells of."""

    name: str
    role: str | None = None
    segment: str | None = None
    seniority: str | None = None
    location: str | None = None
    fte: Decimal = Decimal(1)
    calendar: str | None = None
    manager_id: int | None = None
    active: bool = True
    teams: tuple[tuple[str, Decimal], ...] = ()
    hours: str | None = None


def fault(details: Details, calendars: Collection[str]) -> tuple[str, str] | None:
    """What is wrong with them: the field and a sentence; None where nothing is."""
    if not details.name or len(details.name) > 2 * LONGEST:
        return "name", f"A name has 1 to {2 * LONGEST} characters."
    for name in _TEXTS:
        if len(getattr(details, name) or "") > LONGEST:
            return name, f"It takes at most {LONGEST} characters."
    if not 0 <= details.fte <= MOST_FTE:
        return "fte", f"It takes a number from 0 to {MOST_FTE}; 1 is a full week."
    if details.calendar is not None and details.calendar not in calendars:
        known = ", ".join(sorted(calendars)) or "there is none"
        return "calendar", f"There is no such calendar. Known: {known}."
    for team, share in details.teams:
        if not team or len(team) > LONGEST or not 0 < share <= 1:
            return "teams", "Write teams as Name 60%; Other 40%, with shares above 0 and up to 100%."
    if len({team for team, _ in details.teams}) < len(details.teams):
        return "teams", "A team stands there twice."
    return None


def read_details(store: Connection, day: date, only: Collection[int] | None = None) -> dict[int, Details]:
    """What is entered of everybody who was not erased, or of some of them; hours, calendar and teams as of the day."""
    person = select(
        Person.id, Person.name, *(getattr(Person, name) for name in _TEXTS), Person.manager_id, Person.active
    )
    terms, teams = terms_on(store, day, only), shares_on(store, day, only)
    erased = select(Erasure.person_id)
    found = {}
    for some in [None] if only is None else chunks(sorted(only)):
        for row in store.execute(_of(person, Person.id, some).where(Person.id.not_in(erased))):
            ident, name, *texts, manager_id, active = row
            works = terms.get(ident, USUAL)
            entered = Details(name, *texts)._replace(**works._asdict(), manager_id=manager_id)
            found[ident] = entered._replace(active=active, teams=teams.get(ident, ()))
    return found


def _of(query: Any, column: Any, some: Collection[int] | None) -> Any:
    return query if some is None else query.where(column.in_(some))


def calendars(store: Connection) -> dict[str, int]:
    """The calendars by name."""
    return {name: ident for ident, name in store.execute(select(Calendar.id, Calendar.name).order_by(Calendar.name))}


def change_details(
    engine: Engine,
    person_id: int,
    new: Details,
    now: datetime,
    by: Actor,
    since: date | None = None,
    *,
    meant: bool = False,
) -> bool:
    """Write what is entered of one person; whether anything was different. Hours, calendar and teams hold from today
    on, or from `since` (see `write_terms`); `now` carries the portfolio's time zone. That the past is corrected has to
    be `meant`.

    Raises `PersonDecisionError` for what will not do, with the sentence of `fault`, and `UnknownPersonError`.
    """
    day = now.date()
    with writing(engine) as store:
        exclusive(store, Lock.PEOPLE)
        before = read_details(store, since or day, [person_id]).get(person_id)
        if before is None:
            raise UnknownPersonError(person_id)
        if wrong := fault(new, calendars(store)):
            raise PersonDecisionError(wrong[1])
        if new.manager_id is not None and new.manager_id not in read_details(store, day, [new.manager_id]):
            raise UnknownPersonError(new.manager_id)
        above = managers(store) | ({person_id: new.manager_id} if new.manager_id is not None else {})
        if new.manager_id is not None and person_id in circles(above):
            raise PersonDecisionError(f"person {new.manager_id} is managed by this one: nobody is above themselves.")
        if new == before:
            return False
        old_values, new_values = _differences(before, new)
        works = works_otherwise(store, {person_id: new}, day, since)
        holds = since if since is not None and _dated(before) != _dated(new) else works
        if holds is not None and holds < day and not meant:
            raise PersonDecisionError(_ASKED if holds == EVER else f"{holds} {_ASKED_OF_A_DAY}")
        write_details(store, {person_id: new}, day, since)
        if since is not None and _dated(before) != _dated(new):
            new_values["since"] = since.isoformat()
        if works is not None and persons_corrected(store, [works], now) is not None:
            new_values["correction"] = True
        append(store, now, by, "person.changed", Subject("person", person_id), old=old_values, new=new_values)
    return True


def write_details(store: Connection, changed: Mapping[int, Details], day: date, since: date | None = None) -> None:
    """Write what is entered of these persons. What it says is taken as it is (`fault`)."""
    rows = [
        {
            "who": who,
            **{name: getattr(it, name) for name in ("name", *_TEXTS, "manager_id", "active")},
        }
        for who, it in changed.items()
    ]
    if not rows:
        return
    values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "who"}
    store.execute(update(table_of(Person)).where(Person.id == bindparam("who")).values(values), rows)
    write_terms(store, _terms(changed), calendars(store), day, since)
    write_shares(store, {who: it.teams for who, it in changed.items()}, day, since)


def works_otherwise(
    store: Connection, changed: Mapping[int, Details], day: date, since: date | None = None
) -> date | None:
    """The first day on which any of these persons would work otherwise, if that was written; None: never."""
    return min(begins(store, _terms(changed), day, since).values(), default=None)


def _terms(changed: Mapping[int, Details]) -> dict[int, Terms]:
    return {who: Terms(it.fte, it.calendar, it.hours) for who, it in changed.items()}


def _dated(it: Details) -> tuple[Any, ...]:
    """What holds from a day on."""
    return it.fte, it.calendar, it.hours, it.teams


def _differences(before: Details, new: Details) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was changed, for the audit log: of a name only that it was."""
    names = [name for name in Details._fields if getattr(before, name) != getattr(new, name)]
    return tuple(  # type: ignore[return-value]  # two of them
        {name: "a name" if name == "name" else _plain(getattr(it, name)) for name in names} for it in (before, new)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [f"{team} {share:.0%}" for team, share in value]
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
