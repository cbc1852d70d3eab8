"""What persons can, and what roles ask for: the tables `skills` and `role-skills`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, select

from portfolio.faults import Fault
from portfolio.model.resources import PersonSkill, RoleSkill
from portfolio.store.upsert import upsert
from sync.capacity import cells
from sync.capacity.kind import Cell, Key, Kind, Known, Row, Standing, Value, delete_keys
from sync.tables import table_of

_NO_MORE: Value = (0,)
_PERSON_SKILL, _ROLE_SKILL = table_of(PersonSkill), table_of(RoleSkill)


def _read_skill(row: cells.Cells, person_id: int, _known: Known) -> Row:
    return Row((person_id, cells.text(row, "skill"), cells.day(row, "from")), (cells.level(row, "level"),))


def _refuse_skill(row: Row, stands: Value | None, known: Known) -> Iterator[Fault]:
    """What is as it stands may stay, and what somebody can no more may be anything."""
    if row.value is None or row.value == stands or row.value == _NO_MORE or known.meant:
        return
    yield from filter(None, [known.names.skill(row.key[1])])


def _skills(store: Connection) -> Standing:
    it = PersonSkill
    rows = store.execute(select(it.person_id, it.skill, it.valid_from, it.level))
    return {(person_id, skill, first): (level,) for person_id, skill, first, level in rows}


def _write_skills(store: Connection, changed: Standing, _gone: Collection[Key], _known: Known) -> None:
    rows = [
        {"person_id": person_id, "skill": skill, "valid_from": first, "level": level}
        for (person_id, skill, first), (level,) in changed.items()
    ]
    upsert(store, _PERSON_SKILL, rows, ["person_id", "skill", "valid_from"])


def _skill_cells(key: Key, value: Value) -> tuple[Cell, ...]:
    return key[1], key[2].isoformat(), value[0]


def _read_asked(row: cells.Cells, _person_id: int, _known: Known) -> Row:
    level = cells.level(row, "level")
    return Row((cells.text(row, "role"), cells.text(row, "skill")), (level,) if level else None)


def _refuse_asked(row: Row, stands: Value | None, known: Known) -> Iterator[Fault]:
    """What is as it stands may stay, and what is taken back may be anything."""
    if row.value is None or row.value == stands or known.meant:
        return
    role, skill = row.key
    yield from filter(None, (known.names.role(role), known.names.skill(skill)))


def _asked(store: Connection) -> Standing:
    rows = store.execute(select(RoleSkill.role, RoleSkill.skill, RoleSkill.level))
    return {(role, skill): (level,) for role, skill, level in rows}


def _write_asked(store: Connection, changed: Standing, gone: Collection[Key], _known: Known) -> None:
    delete_keys(store, _ROLE_SKILL, (_ROLE_SKILL.c.role, _ROLE_SKILL.c.skill), gone)
    rows = [{"role": role, "skill": skill, "level": level} for (role, skill), (level,) in changed.items()]
    upsert(store, _ROLE_SKILL, rows, ["role", "skill"])


SKILLS = Kind(
    name="skills",
    columns=("skill", "from", "level"),
    needed=frozenset({"skill", "from", "level"}),
    about_persons=True,
    read=_read_skill,
    standing=_skills,
    write=_write_skills,
    cells=_skill_cells,
    refuse=_refuse_skill,
)
ROLE_SKILLS = Kind(
    name="role-skills",
    columns=("role", "skill", "level"),
    needed=frozenset({"role", "skill", "level"}),
    about_persons=False,
    read=_read_asked,
    standing=_asked,
    write=_write_asked,
    cells=lambda key, value: (*key, *value),
    refuse=_refuse_asked,
)
