"""What entries tell of plans, for who may see no load by name: that something was booked or asked for, not when or how
much of it; and that something was said of objectives, not what."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from portfolio.access.matrix import Capability, Right
from portfolio.access.viewer import Viewer
from portfolio.audit.entry import Entry

PLANS = ("booking.", "request.", "skill.told", "objective.")
"""How the actions begin that tell of a plan, of what somebody can, or of where the organisation wants to go."""
OPEN = frozenset({"project", "person", "role", "skill", "kind", "state", "instead_of"})
"""What is told to everybody who sees the log; the rest is days, hours and levels."""


def sees_plans(viewer: Viewer) -> bool:
    """Whether the log tells them all: it is of everything, so only who sees everybody's load by name."""
    return viewer.may_everywhere(Capability.ALLOCATIONS, Right.VIEW)


def masked(entry: Entry) -> Entry:
    """The entry as it is told to who sees no plans. Its hash is that of the whole one."""
    if not entry.action.startswith(PLANS):
        return entry
    return replace(entry, old=_open(entry.old), new=_open(entry.new))


def _open(text: str | None) -> str | None:
    if text is None:
        return None
    values = msgspec.json.decode(text)
    return msgspec.json.encode({name: values[name] for name in sorted(values.keys() & OPEN)}).decode()
