"""Finding what operations name among what there is. Pure: who reads it decides what is in sight, and nothing else is
found, so that no answer tells of what is out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from portfolio.resources.capacity import WEEK, Pattern
from portfolio.scenario.faults import Unfit
from portfolio.scenario.operations import Whom

NO_HOURS = Pattern((0.0,) * WEEK)


class Item(NamedTuple):
    """An item in sight by its id. `over`: it is done or cancelled."""

    item_id: int
    connection: str
    over: bool


@dataclass(frozen=True)
class Names:
    """What is in sight: items by key; active persons and those gone, by id; places of projects by code; how persons
    work by which calendar.

    `role` is how a role works that nobody was named for. `merged` says who remained of those who
    turned out to be one with them, by id.
    """

    items: Mapping[str, Sequence[Item]] = field(default_factory=dict)
    persons: Mapping[int, str] = field(default_factory=dict)
    gone: Mapping[int, str] = field(default_factory=dict)
    projects: Mapping[str, int] = field(default_factory=dict)
    calendars: Mapping[str | None, Pattern] = field(default_factory=dict)
    role: Pattern = NO_HOURS
    merged: Mapping[int, int] = field(default_factory=dict)

    def name_of(self, person_id: int) -> str | None:
        """What a person in sight is called, whether they work here or are gone."""
        ident = self.merged.get(person_id, person_id)
        return self.persons.get(ident, self.gone.get(ident))

    def item(self, key: str, connection: str | None) -> int:
        """The id of an item that is not over."""
        found = [it for it in self.items.get(key.strip(), ()) if connection in (None, it.connection)]
        if not found:
            where = f" on the connection {connection}" if connection else ""
            raise Unfit(f"No item {key} is in sight{where}. Check the key, as the tracker writes it.")
        if len(found) > 1:
            several = " and ".join(it.connection for it in found)
            raise Unfit(f"There is an item {key} on {several}. Name its connection.")
        if found[0].over:
            raise Unfit(f"The item {key} is done or cancelled. Take the operation out.")
        return found[0].item_id

    def person(self, whom: Whom, added: Mapping[str, int]) -> int:
        """The id of a person who works here, or of one that was added in the scenario."""
        if isinstance(whom, str) and whom in added:
            return added[whom]
        known = [ident for ident, name in self.persons.items() if name == whom]
        number = int(whom) if str(whom).isdecimal() else 0
        number = self.merged.get(number, number)
        if not known and number in self.persons:
            known = [number]
        if len(known) > 1:
            several = " and ".join(map(str, sorted(known)))
            raise Unfit(f"{len(known)} persons in sight are called {whom}. Use the id: {several}.")
        if not known:
            left = self.gone.get(number, whom if whom in self.gone.values() else None)
            if left is not None:
                raise Unfit(f"{left} does not work here any more. Name somebody else.")
            raise Unfit(f"No person {whom} is in sight. Write the name as in Resources, or the id.")
        return known[0]

    def project(self, code: str) -> int:
        """The place of a project that goes on."""
        if code not in self.projects:
            raise Unfit(f"No project {code} that goes on is in sight. Check the code, as in the portfolio.")
        return self.projects[code]

    def calendar(self, name: str | None) -> Pattern:
        """The pattern of a calendar."""
        if name not in self.calendars:
            raise Unfit(f"There is no calendar {name}. See Capacity for those there are.")
        return self.calendars[name]
