"""An item's places: which sources it counts to, by the project rules. Pure, and ready for look-up.

The sources that claim an item come first, in the order of their rules, then the tracker's projects it is in, but for
those it is taken out of: the one that a claiming source is a part of, or all of them where it is no part of one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from connector.records import ItemRecord, Membership
from sync.mapping.profile import fold
from sync.mapping.sources import CLAIMING, COMPONENT, LABEL, PROJECT, SECTION, FedSource, Placing


class Placer:
    """The sources of one connection, to be found by what an item bears."""

    def __init__(self, placing: Placing) -> None:
        self._sources = placing.sources
        self._by_id = {source.external_id: position for position, source in enumerate(placing.sources)}
        self._by_name: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        self._labels: dict[str, list[int]] = defaultdict(list)
        for position, source in enumerate(placing.sources):
            if source.type == LABEL:
                self._labels[source.name].append(position)
            elif source.type in (COMPONENT, SECTION):
                self._by_name[source.type, source.within, source.name].append(position)
        self._feeding_nothing = {source.external_id for source in placing.sources if not source.code}
        self.claiming = tuple(source for source in placing.sources if source.type in CLAIMING)
        """The sources whose items are known by claims (`item_claim`) alone."""

    def counted(self, memberships: tuple[Membership, ...]) -> tuple[Membership, ...]:
        """The tracker's projects an item counts to: without those that feed nothing, unless there are no others."""
        if not self._feeding_nothing:
            return memberships
        return tuple(each for each in memberships if each.project_id not in self._feeding_nothing) or memberships

    def place(
        self, record: ItemRecord, memberships: tuple[Membership, ...], claims: Iterable[str] = ()
    ) -> tuple[Membership, ...]:
        """The item's places, the one it counts to first. `claims` are sources that claim it besides what it bears.

        An item whose first claim feeds nothing is in no project at all.
        """
        claiming = [self._sources[position] for position in sorted(self._claiming(record, memberships, claims))]
        if not claiming:
            return memberships
        if not claiming[0].code:
            return (_member(claiming[0], memberships),)
        taken = {source.within for source in claiming}
        left = () if "" in taken else tuple(each for each in memberships if each.project_id not in taken)
        return (*(_member(source, memberships) for source in claiming), *left)

    def _claiming(self, record: ItemRecord, memberships: Sequence[Membership], claims: Iterable[str]) -> set[int]:
        found = {self._by_id[claim] for claim in claims if claim in self._by_id}
        if self._labels:
            within = {"", *(member.project_id for member in memberships)}
            for label in record.labels:
                found.update(each for each in self._labels.get(fold(label), ()) if self._sources[each].within in within)
        if self._by_name:
            for member in memberships:
                project = member.project_id
                for component in record.component_names:
                    found.update(self._by_name.get((COMPONENT, project, fold(component)), ()))
                for section in (member.section_id, fold(member.section_name or "")):
                    found.update(self._by_name.get((SECTION, project, section or ""), ()))
        return {position for position in found if self._sources[position].type != PROJECT}


def _member(source: FedSource, memberships: Sequence[Membership]) -> Membership:
    """The item's place in a source, with the section it stands in in the tracker's project."""
    for member in memberships:
        if source.within in ("", member.project_id):
            return Membership(source.external_id, member.section_id, member.section_name)
    return Membership(source.external_id)
