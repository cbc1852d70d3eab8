"""Which overlay fields a viewer sees and may enter, in one project or over all of them.

Every function takes the viewer as they are to the project in question (`portfolio.access.narrow`), or as they are to
everything where the question is about all projects.
"""

from __future__ import annotations

from portfolio.access.matrix import Capability, Right
from portfolio.access.viewer import Viewer
from portfolio.overlay.fields import FIELDS, Field, Type


def shown(viewer: Viewer) -> tuple[Field, ...]:
    """The fields the viewer sees: amounts of money only where they see what is billed."""
    money = viewer.may(Capability.BILLING, Right.VIEW)
    return tuple(field for field in FIELDS.values() if money or field.type is not Type.MONEY)


def enterable(viewer: Viewer) -> frozenset[str]:
    """The names of the fields the viewer may enter: all they see, or those that are open to a project's manager."""
    everything = viewer.may(Capability.MAPPINGS, Right.EDIT)
    some = viewer.may(Capability.BILLING, Right.EDIT)
    return frozenset(field.name for field in shown(viewer) if everything or (some and field.by_manager))
