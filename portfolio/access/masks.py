"""Which fields a viewer sees of the rows they see: persons by name, or only as a group, or not at all.

Every function takes the viewer as they are to the project in question (`portfolio.access.narrow`).
"""

from __future__ import annotations

from enum import StrEnum

from portfolio.access.matrix import Capability, Right
from portfolio.access.viewer import Viewer


class Sight(StrEnum):
    """How persons are shown. grouped: as numbers of persons, small ones suppressed (`portfolio.access.suppression`)."""

    NAMED = "named"
    GROUPED = "grouped"
    HIDDEN = "hidden"


def load_sight(viewer: Viewer) -> Sight:
    """How the planned load of persons, and who is assigned to what, is shown."""
    if viewer.may(Capability.ALLOCATIONS, Right.VIEW):
        return Sight.NAMED
    return Sight.GROUPED if viewer.may(Capability.ALLOCATIONS, Right.GROUPED) else Sight.HIDDEN


def figures_sight(viewer: Viewer) -> Sight:
    """How figures of persons' performance are shown. Nobody sees any until they are switched on with a purpose.

    Who may see them masked sees groups: beside the named load of the same few persons a mask would hide nobody.
    """
    if not viewer.figures_on:
        return Sight.HIDDEN
    if viewer.may(Capability.PERSON_FIGURES, Right.VIEW):
        return Sight.NAMED
    grouped = viewer.may(Capability.PERSON_FIGURES, Right.GROUPED, Right.MASKED)
    return Sight.GROUPED if grouped else Sight.HIDDEN


def judges(viewer: Viewer) -> bool:
    """Whether they see figures other than those of load."""
    return viewer.may(Capability.KPIS, Right.VIEW)
