"""Whoever asks: their roles with the scopes, and what a token of theirs leaves of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portfolio.access.matrix import MATRIX, Capability, Right
from portfolio.access.roles import EVERYTHING, Grant, Role


@dataclass(frozen=True, order=True)
class Permit:
    """One right in one capability, written "kpis.view"."""

    capability: Capability
    right: Right

    def __str__(self) -> str:
        return f"{self.capability}.{self.right}"

    @classmethod
    def read(cls, text: str) -> Permit:
        """Raises `ValueError` for what is no permit."""
        capability, _, right = text.partition(".")
        return cls(Capability(capability), Right(right))


@dataclass(frozen=True)
class Viewer:
    """What a user may do. `person_id` is the human they are to the trackers, None when nobody said.

    `limit` is what a token permits; None for a user who signed in themselves. `figures_on` tells whether the
    organisation switched figures of persons on at all.
    """

    user_id: int
    person_id: int | None
    grants: frozenset[Grant]
    limit: frozenset[Permit] | None = None
    figures_on: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    def grants_for(self, capability: Capability, *rights: Right) -> frozenset[Grant]:
        """The grants that give any of the rights."""
        given = {right for right in rights if self.limit is None or Permit(capability, right) in self.limit}
        return frozenset(grant for grant in self.grants if MATRIX[capability][grant.role] & given)

    def may(self, capability: Capability, *rights: Right) -> bool:
        """Whether they have any of the rights, over whatever scope."""
        return bool(self.grants_for(capability, *rights))

    def may_everywhere(self, capability: Capability, *rights: Right) -> bool:
        """Whether they have any of the rights over everything: what is not of one project asks for that."""
        return any(grant.scope == EVERYTHING for grant in self.grants_for(capability, *rights))


def permits_of(viewer: Viewer) -> frozenset[Permit]:
    """All a viewer may do, in some scope."""
    return frozenset(
        Permit(capability, right) for capability, row in MATRIX.items() for role in viewer.roles for right in row[role]
    )


def shared(permits: Iterable[Permit], viewer: Viewer) -> frozenset[Permit]:
    """Those of the permits that the viewer has."""
    return frozenset(permits) & permits_of(viewer)
