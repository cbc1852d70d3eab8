"""For whom a viewer acts about a request, as they are to its project (`portfolio.access.narrow`)."""

from __future__ import annotations

from portfolio.access.matrix import Capability, Right
from portfolio.access.roles import Role
from portfolio.access.viewer import Viewer
from portfolio.bookings.asking import Side

_WHAT = Capability.ALLOCATIONS


def sides_of(near: Viewer, asked_by_id: int | None = None) -> frozenset[Side]:
    """Staffing is whoever edits bookings. Asking is whoever may propose them for the project, who asked and still sees
    it, and the PMO lead, who arbitrates."""
    edits = near.grants_for(_WHAT, Right.EDIT)
    asks = near.may(_WHAT, Right.PROPOSE) or any(grant.role is Role.PMO_LEAD for grant in edits)
    asked = near.user_id == asked_by_id and near.may(_WHAT, Right.VIEW)
    sides = {Side.STAFFING: bool(edits), Side.ASKING: asks or asked}
    return frozenset(side for side, acts in sides.items() if acts)


def may_ask(near: Viewer) -> bool:
    """Whether they may ask for people for the project."""
    return near.may(_WHAT, Right.PROPOSE, Right.EDIT)
