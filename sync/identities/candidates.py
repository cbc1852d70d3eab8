"""Who may be one human: pairs of persons with a score and reasons. Pure; what comes of it, a person decides.

Only persons who share a *trace* are compared (two words that start alike, a handle, an address), so that the work grows
with their number and not with its square.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from sync.identities.names import Name, handle_likeness, likeness

LEAST = 0.5
# More than so many with one trace say that it tells nothing of a single human.
CROWD = 60
MOST_SCORE = 0.99


class Known(NamedTuple):
    """A person as they are compared: the names of their accounts, handles, traces of addresses, connections, zones."""

    id: int
    names: tuple[Name, ...]
    handles: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    connections: frozenset[int] = frozenset()
    zones: frozenset[str] = frozenset()


class Candidate(NamedTuple):
    """Two persons who may be one; `one` has the lower number. `reasons` name nobody."""

    one: int
    other: int
    score: float
    reasons: tuple[str, ...]


def candidates(persons: Sequence[Known], apart: Collection[tuple[int, int]] = ()) -> list[Candidate]:
    """The pairs that are likely enough, the likeliest first. `apart` are pairs not to be suggested."""
    by_id = {person.id: person for person in persons}
    blocks, common = _blocks(persons), _common(persons)
    seen = set()
    found = []
    for block in blocks:
        for pair in combinations(sorted(block), 2):
            if pair not in seen:
                seen.add(pair)
                if pair not in apart and (it := compare(by_id[pair[0]], by_id[pair[1]], common)):
                    found.append(it)
    return sorted(found, key=lambda it: (-it.score, it.one, it.other))


def compare(one: Known, other: Known, common: Collection[tuple[str, ...]] = ()) -> Candidate | None:
    """The two as a candidate; None where too little speaks for it. `common` are names that several bear."""
    reasons = list(_reasons(one, other))
    if not reasons:
        return None
    score = max(each for each, _ in reasons) + 0.05 * (len(reasons) - 1)
    against = []
    if one.connections & other.connections:
        score -= 0.2
        against.append("but both have an account on the same connection")
    if any(name.sounds in common for name in one.names):
        score -= 0.15
        against.append("but others have this name, too")
    if score < LEAST:
        return None
    first, second = sorted((one.id, other.id))
    told = [why for _, why in sorted(reasons, key=lambda each: -each[0])]
    return Candidate(first, second, round(min(score, MOST_SCORE), 2), (*told, *against))


def _reasons(one: Known, other: Known) -> Iterator[tuple[float, str]]:
    if one.addresses & other.addresses:
        yield 0.95, "the same e-mail address"
    best = max(filter(None, (likeness(mine, theirs) for mine in one.names for theirs in other.names)), default=None)
    if best is not None:
        yield best.score, best.why
    if one.handles & other.handles:
        yield 0.7, "the same short name at two trackers"
    elif best is None or best.score < 0.8:
        both = ((one, other), (other, one))
        made = (
            handle_likeness(handle, name) for mine, theirs in both for handle in mine.handles for name in theirs.names
        )
        told = max(filter(None, made), default=None)
        if told is not None:
            yield told.score, told.why
    if best is not None and one.zones & other.zones and len(one.zones | other.zones) == 1:
        yield 0.0, "the same time zone"


def _traces(person: Known) -> Iterator[tuple[str, ...]]:
    """What a person can be found by. Two persons who share one are compared."""
    yield from (("address", each) for each in person.addresses)
    for handle in person.handles:
        yield "handle", handle
        letters = "".join(each for each in handle if each.isalpha())
        yield "made", letters
    for name in person.names:
        if len(name.sounds) == 1:
            yield "single", name.sounds[0]
        for place, part in enumerate(name.sounds):
            for further in (*name.sounds[:place], *name.sounds[place + 1 :]):
                # A whole word and the first letter of another; the beginnings of two, for what is spelled otherwise.
                yield "word", part, further[0]
                yield "begin", *sorted((part[:3], further[:3]))
        parts = name.parts
        for place, part in enumerate(parts):
            for further in (*parts[:place], *parts[place + 1 :]):
                yield from (("made", part[0] + further), ("made", part + further), ("made", part + further[0]))


def _blocks(persons: Iterable[Known]) -> Iterator[list[int]]:
    """The persons who share a trace, for each trace that is not everybody's."""
    sharing: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for person in persons:
        for trace in _traces(person):
            sharing[trace].add(person.id)
    return (list(block) for block in sharing.values() if 1 < len(block) <= CROWD)


def _common(persons: Iterable[Known]) -> set[tuple[str, ...]]:
    """The names that more than two bear: a pair of them is likelier to be two humans."""
    bearers: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for person in persons:
        for name in person.names:
            bearers[name.sounds].add(person.id)
    return {name for name, who in bearers.items() if len(who) > 2}
