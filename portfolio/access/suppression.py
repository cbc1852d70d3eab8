"""Which numbers of persons must not be shown, so that nobody can be made out in them (k-anonymity).

Source: domain rules for personal data: groups of fewer than five are suppressed, and so are those from which, with the
total, the suppressed ones could be worked out (complementary suppression).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import TypeVar

LEAST = 5
"""Persons a group must have to be shown."""

Key = TypeVar("Key", bound=Hashable)


def suppressed(sizes: Mapping[Key, int]) -> frozenset[Key]:
    """The groups not to show, when their total is shown too. Sizes are numbers of persons, 0 or more.

    Empty groups are shown: there is nobody in them. Of two that would do as the complement the smaller is taken, then
    the first. When all together are fewer than `LEAST`, every group is suppressed, and so must the total be.
    """
    return _suppressed(sizes, lambda keys: sum(sizes[key] for key in keys))


def suppressed_among(members: Mapping[Key, Collection[Hashable]]) -> frozenset[Key]:
    """As `suppressed`, of groups in which somebody may be several times: with who is in each."""
    sizes = {key: len(set(persons)) for key, persons in members.items()}
    return _suppressed(sizes, lambda keys: len({person for key in keys for person in members[key]}))


def _suppressed(sizes: Mapping[Key, int], together: Callable[[Collection[Key]], int]) -> frozenset[Key]:
    """`together` tells how many persons are in some groups."""
    if together(list(sizes)) < LEAST:
        return frozenset(sizes)
    hidden = [key for key, size in sizes.items() if 0 < size < LEAST]
    rest = sorted((key for key, size in sizes.items() if size >= LEAST), key=lambda key: sizes[key])
    # What is hidden is known in sum (the total less the rest): that sum too must be of enough, and of several.
    while hidden and rest and (len(hidden) == 1 or together(hidden) < LEAST):
        hidden.append(rest.pop(0))
    return frozenset(hidden)
