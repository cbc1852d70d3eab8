"""What there is to follow at a tracker, for people who choose: the list, what a rule means now, if a query is taken.

Nothing here is stored: a rule (`connector.settings.Follow`) is, and every run asks anew what it means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from connector.protocol import Gap
from connector.settings import ConnectionSettings, Follow, FollowType, Secret

if TYPE_CHECKING:
    from connector.boundary.call import Boundary

MOST_CHOICES = 5000
"""So many things to choose from are told at most; whoever has more names them, or writes a rule."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be followed. `name` is what a rule is to name it by, `title` what people call it.

    `key`, `group` (a project's category or team, a component's project, a team's workspace) and `lead` are "" where the
    tracker has none.
    """

    type: FollowType
    name: str
    title: str
    key: str = ""
    group: str = ""
    lead: str = ""
    archived: bool = False


class Choices(msgspec.Struct, frozen=True):
    """What can be followed, by type and title; `gaps` what could not be listed; `cut`: there is more than is told."""

    choices: tuple[Choice, ...]
    gaps: tuple[Gap, ...] = ()
    cut: bool = False


class Meaning(msgspec.Struct, frozen=True):
    """What a rule means now: projects, and how many items of them where it means only some (None: all of them)."""

    projects: tuple[Choice, ...]
    items: int | None = None


class Chooser(Protocol):
    """Asks one tracker what there is to follow. Close it when done."""

    def choices(self) -> Choices:
        """All that can be followed but queries, no more than `MOST_CHOICES`. What cannot be listed is a gap."""
        ...

    def resolve(self, follow: Follow) -> Meaning:
        """What a rule means now. Raises `ScopeError`, with the tracker's reason, for one that means nothing."""
        ...

    def check_query(self, text: str) -> int:
        """How many items a query finds, in one request. Raises `ScopeError` with the tracker's reason against it."""
        ...

    def close(self) -> None:
        """Release sockets and threads. Idempotent."""
        ...


class OpeningChooser(Protocol):
    """Opens a chooser; what the registry holds. Makes no request."""

    def __call__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary | None = None) -> Chooser:
        """A chooser that signs in with `secret` when it is first asked for something; as `Opening` does it."""
        ...


def in_order(choices: list[Choice], gaps: list[Gap]) -> Choices:
    """The list as people are shown it: by type and title, and no longer than it may be."""
    ranks = {kind: rank for rank, kind in enumerate(FollowType)}
    ordered = sorted(choices, key=lambda each: (ranks[each.type], each.title.casefold(), each.group, each.name))
    return Choices(tuple(ordered[:MOST_CHOICES]), tuple(gaps), len(ordered) > MOST_CHOICES)
