"""What is wrong with a mapping, each with its place: nothing with a fault comes in force."""

from __future__ import annotations

from typing import NamedTuple

from sync.mapping.document import Mapping


class Fault(NamedTuple):
    """Something that makes no sense. `place` is like `profiles.standard.statuses."In Review"`."""

    place: str
    message: str


def faults(mapping: Mapping) -> tuple[Fault, ...]:
    """Everything that is wrong with the document, in its order."""
    return tuple(
        Fault(f"connections.{name}.profile", f"no profile is called {rules.profile!r}. Define it, or choose another.")
        for name, rules in mapping.connections.items()
        if rules.profile and rules.profile not in mapping.profiles
    )
