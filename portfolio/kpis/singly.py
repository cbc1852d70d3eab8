"""KPIs of the catalogue that are of single persons and of nothing else.

They are shown where load is, to whoever may see it by name, and are kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Singly:
    """A figure of one person: what it says (`words`), and where it is shown (`place`, a page)."""

    id: str
    name: str
    words: str
    place: str
    source: str


_ALL = (
    Singly(
        "RES-05",
        "Context switching",
        "Between how many projects a week divides a person: those of which they have firm hours in it. More than 3 are "
        "many. That each project beyond the first costs a fifth of the time is a rule of thumb, and told as one.",
        "Resources, By project",
        "practice default",
    ),
)
SINGLY: Mapping[str, Singly] = {it.id: it for it in _ALL}
"""By id, in the order of the catalogue."""
