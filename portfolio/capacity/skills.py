"""What persons can and what roles ask for, entered by hand, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import cast

from sqlalchemy import Connection, Table, delete, exists, select

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.bookings.known import read_known
from portfolio.faults import Fault, require
from portfolio.model.people import Person
from portfolio.model.resources import PersonSkill, RoleSkill
from portfolio.store.locks import Lock, exclusive
from portfolio.store.upsert import upsert

LONGEST = 100
MOST_LEVEL = 5


def tell_skill(store: Connection, person_id: int, skill: str, level: int, day: date, now: datetime, by: Actor) -> bool:
    """Say at which level a person has a skill from the day on, 0: no more. Whether it was said before of that day is
    the answer False. Raises `EntryError`."""
    exclusive(store, Lock.PEOPLE)
    require(wrong_to_tell(store, person_id, skill, level))
    it = PersonSkill
    own = (it.person_id == person_id, it.skill == skill)
    last = select(it.level).where(*own, it.valid_from <= day).order_by(it.valid_from.desc()).limit(1)
    before = store.scalar(last)
    if (before or 0) == level:
        return False
    row = {"person_id": person_id, "skill": skill, "valid_from": day, "level": level}
    upsert(store, cast(Table, it.__table__), [row], ["person_id", "skill", "valid_from"])
    told = {"skill": skill, "level": level, "since": day.isoformat()}
    append(store, now, by, "skill.told", Subject("person", person_id), old={"level": before}, new=told)
    return True


def ask_skill(
    store: Connection, role: str, skill: str, level: int, now: datetime, by: Actor, *, confirmed: bool = False
) -> bool:
    """Say which level of a skill a role asks for, 0: none. False where it asks for that already. Raises `EntryError`,
    also for a role or a skill that nobody has, unless it is confirmed that they are meant."""
    exclusive(store, Lock.PEOPLE)
    require(wrong_to_ask(store, role, skill, level, confirmed=confirmed))
    own = (RoleSkill.role == role, RoleSkill.skill == skill)
    before = store.scalar(select(RoleSkill.level).where(*own))
    if (before or 0) == level:
        return False
    if level:
        row = {"role": role, "skill": skill, "level": level}
        upsert(store, cast(Table, RoleSkill.__table__), [row], ["role", "skill"])
    else:
        store.execute(delete(RoleSkill).where(*own))
    told = {"role": role, "skill": skill}
    append(store, now, by, "skill.asked", None, old=told | {"level": before}, new=told | {"level": level})
    return True


def wrong_to_tell(store: Connection, person_id: int, skill: str, level: int) -> Iterator[Fault]:
    """All that is wrong with what is said of a person."""
    yield from _wrong("skill", skill)
    if not 0 <= level <= MOST_LEVEL:
        yield Fault("level", "A level is 1 (learning) to 5 (teaches it), or 0: no more.")
    if not store.scalar(select(exists().where(Person.id == person_id))):
        yield Fault("person", "There is no such person any more.")


def wrong_to_ask(store: Connection, role: str, skill: str, level: int, *, confirmed: bool = False) -> Iterator[Fault]:
    """All that is wrong with what a role asks for; what is asked about only if that is not confirmed."""
    yield from _wrong("role", role)
    yield from _wrong("skill", skill)
    if not 0 <= level <= MOST_LEVEL:
        yield Fault("level", "A level is 1 (learning) to 5 (teaches it), or 0: none.")
    if level and not confirmed:
        known = read_known(store)
        yield from filter(None, (known.role(role), known.skill(skill)))


def _wrong(what: str, text: str) -> Iterator[Fault]:
    if not text or len(text) > LONGEST or not text.isprintable():
        yield Fault(what, f"A {what} has 1 to {LONGEST} characters that can be seen.")
