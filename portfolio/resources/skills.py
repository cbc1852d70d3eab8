"""What persons can on a day, and what their roles ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from portfolio.model.resources import PersonSkill, RoleSkill

_NONE: Mapping[str, int] = {}


@dataclass(frozen=True)
class Skills:
    """Levels by skill: those of persons, by their ids, on a day; and those that roles ask for. Skills are the same that
    are spelt the same. Of whom nothing was told, nothing is here."""

    of_persons: Mapping[int, Mapping[str, int]]
    of_roles: Mapping[str, Mapping[str, int]]

    def of(self, person_id: int) -> Mapping[str, int]:
        """What the person can; level 1 and more."""
        return self.of_persons.get(person_id, _NONE)

    def fits(self, person_id: int, role: str) -> bool:
        """Whether the person can what the role asks for, all of it at its level or above. Where nobody said what a role
        asks for, or what the person can, nothing speaks against it.
        """
        asked, own = self.of_roles.get(role, _NONE), self.of_persons.get(person_id)
        return own is None or all(own.get(skill, 0) >= level for skill, level in asked.items())


def able(roles: Mapping[int, str | None], skills: Skills) -> dict[str, list[int]]:
    """By role, the persons (ids) who have it and can what it asks for. Who has no role could take nobody's place."""
    found: dict[str, list[int]] = defaultdict(list)
    for person_id, role in sorted(roles.items()):
        if role and skills.fits(person_id, role):
            found[role].append(person_id)
    return dict(found)


def read_skills(connection: Connection, day: date) -> Skills:
    """What everybody can on the day: what was told last. A level of 0 takes back what was told before."""
    it = PersonSkill
    told = select(it.person_id, it.skill, it.level).where(it.valid_from <= day).order_by(it.valid_from)
    persons: dict[int, dict[str, int]] = defaultdict(dict)
    for person_id, skill, level in connection.execute(told):
        persons[person_id][skill] = level
    roles: dict[str, dict[str, int]] = defaultdict(dict)
    for role, skill, level in connection.execute(select(RoleSkill.role, RoleSkill.skill, RoleSkill.level)):
        roles[role][skill] = level
    known = {
        person_id: {skill: level for skill, level in sorted(own.items()) if level} for person_id, own in persons.items()
    }
    return Skills(known, dict(roles))
