"""The roles and skills there are, and what is said of a name that is none of them.

Such a name may be meant: a role nobody has yet is that of somebody to be hired. So it is asked about, and not refused.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, select

from portfolio.faults import Fault
from portfolio.model.people import Person
from portfolio.model.resources import PersonSkill, RoleSkill

MOST_NEAR = 3


class Known(NamedTuple):
    """The roles of those who work here, and the skills somebody was said to have, or a role to ask for."""

    roles: tuple[str, ...]
    skills: tuple[str, ...]

    def role(self, name: str) -> Fault | None:
        """What is said of a role that nobody has: one that is capitalised in another way is another one."""
        return None if not name or name in self.roles else _strange("role", name, self.roles)

    def skill(self, name: str) -> Fault | None:
        """What is said of a skill that nobody has, and no role asks for, however it is capitalised."""
        same = any(name.casefold() == it.casefold() for it in self.skills)
        return None if not name or same else _strange("skill", name, self.skills)


def read_known(store: Connection) -> Known:
    """The names there are, in the order of the alphabet."""
    roles = store.scalars(select(Person.role).where(Person.active, Person.role.is_not(None)).distinct())
    skills = store.scalars(select(PersonSkill.skill).union(select(RoleSkill.skill)))
    return Known(*(tuple(sorted(filter(None, some), key=lambda it: (it.casefold(), it))) for some in (roles, skills)))


def _strange(what: str, name: str, known: Collection[str]) -> Fault:
    folded = {it.casefold(): it for it in known}
    near = difflib.get_close_matches(name.casefold(), folded, MOST_NEAR)
    told = f"The nearest: {', '.join(folded[it] for it in near)}. " if near else ""
    return Fault(what, f"Nobody has the {what} {name}. {told}Name one there is, or say that it is meant.", meant=True)
