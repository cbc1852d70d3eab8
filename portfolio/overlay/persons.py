"""Persons as people write them into an overlay field: a whole name, a number, or "Name [number]"."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select

from portfolio.model.people import Person
from portfolio.overlay.text import OverlayError

CHUNK = 500


class Persons:
    """Who is meant by some texts, looked up all at once. `among`: only these (ids) can be meant, by whoever sees no
    others; None: anybody."""

    def __init__(self, store: Connection, typed: Collection[str], among: Collection[int] | None = None) -> None:
        names = sorted({_plain(text) for text in typed} - {""})
        numbers = sorted({number for text in names if (number := _number(text)) is not None})
        self._by_name: dict[str, list[int]] = {}
        self._known: set[int] = set()
        self._nobody = "Nobody" if among is None else "Nobody in sight"
        for first in range(0, len(names), CHUNK):
            query = select(Person.id, Person.name).where(func.trim(Person.name).in_(names[first : first + CHUNK]))
            for ident, name in store.execute(query.order_by(Person.id)):
                if among is None or ident in among:
                    self._by_name.setdefault(name.strip(), []).append(ident)
        for first in range(0, len(numbers), CHUNK):
            self._known |= set(store.scalars(select(Person.id).where(Person.id.in_(numbers[first : first + CHUNK]))))
        if among is not None:
            self._known &= set(among)

    def find(self, field: str, typed: str) -> int:
        """The one person meant. Raises `OverlayError` where there is none, or several."""
        text = _plain(typed)
        same = self._by_name.get(text, [])
        if len(same) == 1:
            return same[0]
        if same:
            several = ", ".join(str(each) for each in same)
            raise OverlayError(field, f"Several persons are called that: numbers {several}. Give the number.")
        number = _number(text)
        if number is None or number not in self._known:
            raise OverlayError(
                field, f"{self._nobody} is called that. Give the whole name as the trackers have it, or the number."
            )
        return number


def _plain(text: str) -> str:
    return " ".join(text.split())


def _number(text: str) -> int | None:
    found = re.fullmatch(r"(?:.*\[(\d{1,18})\]|(\d{1,18}))", text)
    return int(found[1] or found[2]) if found else None


def written(store: Connection, person_ids: Collection[int]) -> Mapping[int, str]:
    """Each person as text that finds them again: the name, with the number where others are called the same."""
    found: dict[int, str] = {}
    ids = sorted(person_ids)
    same = select(Person.name).group_by(Person.name).having(func.count() > 1)
    for first in range(0, len(ids), CHUNK):
        some = Person.id.in_(ids[first : first + CHUNK])
        for ident, name, ambiguous in store.execute(select(Person.id, Person.name, Person.name.in_(same)).where(some)):
            found[ident] = f"{name} [{ident}]" if ambiguous else name
    return found
