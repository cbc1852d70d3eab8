"""Histories as data, and how Hypothesis draws them: chapters of edits and troubles, each ended by a sync."""

from __future__ import annotations

from collections.abc import Collection
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from simulator.faults import Fault
from sync.modes import Mode

PAUSES_S = (0, 1, 20, 61, 600, 5400)
TROUBLES = {
    "throttled": Fault(status=429, retry_after=0),
    "throttled_a_while": Fault(status=429, retry_after=30),
    "unavailable": Fault(status=503),
    "broken": Fault(status=500),
    "dropped": Fault(answer="drop"),
    "truncated": Fault(answer="truncated"),
    "web_page": Fault(answer="html"),
    "empty": Fault(answer="empty"),
    "slow": Fault(latency_s=0.002),
    "forbidden": Fault(status=403),
    "revoked": Fault(status=401),
}
LASTING = ("revoked",)
"""Troubles that last until the run is over."""


class Edit(NamedTuple):
    """One edit by name. `pick` chooses the object, `value` what becomes of it; then so many seconds pass."""

    name: str
    pick: int
    value: int
    pause_s: int


class Trouble(NamedTuple):
    """What goes wrong with so many requests, after so many."""

    kind: str
    after: int
    count: int

    def fault(self) -> Fault:
        plain = TROUBLES[self.kind]
        count = None if self.kind in LASTING else self.count
        return Fault(
            status=plain.status,
            answer=plain.answer,
            retry_after=plain.retry_after,
            latency_s=plain.latency_s,
            skip=self.after,
            count=count,
        )


class Chapter(NamedTuple):
    """Edits, then a sync in a mode with troubles, while some edits happen at its n-th request; `named` picks its items.

    A `quiet` chapter ends in a quiet point, where the portfolio must be as the oracle says.
    """

    edits: tuple[Edit, ...]
    meanwhile: tuple[tuple[int, Edit], ...]
    troubles: tuple[Trouble, ...]
    mode: Mode
    named: tuple[int, ...]
    quiet: bool


History = tuple[Chapter, ...]


def histories(names: Collection[str], part: int) -> st.SearchStrategy[History]:
    """Histories of edits by these names, others in each part."""
    edit = st.builds(
        Edit,
        name=st.sampled_from(sorted(names)),
        pick=st.integers(0, 60),
        value=st.integers(0, 60),
        pause_s=st.sampled_from(PAUSES_S),
    )
    request = st.integers(0, 60)
    trouble = st.builds(
        Trouble, kind=st.sampled_from(sorted(TROUBLES)), after=st.integers(0, 40), count=st.integers(1, 4)
    )
    chapter = st.builds(
        Chapter,
        edits=st.lists(edit, max_size=16).map(tuple),
        meanwhile=st.lists(st.tuples(request, edit), max_size=4).map(tuple),
        troubles=st.lists(trouble, max_size=2).map(tuple),
        mode=st.sampled_from([Mode.INCREMENTAL, Mode.INCREMENTAL, Mode.CENSUS, Mode.NAMED, Mode.FULL]),
        named=st.lists(st.integers(0, 60), max_size=4).map(tuple),
        quiet=st.sampled_from([False, False, True]),
    )
    return st.lists(chapter, min_size=1, max_size=5 + part).map(tuple)


def long_history(names: Collection[str], seed: int, chapters: int) -> History:
    """A seeded history of some hundred edits."""
    draw = Random(seed)
    ordered = sorted(names)

    def edit() -> Edit:
        return Edit(draw.choice(ordered), draw.randrange(60), draw.randrange(60), draw.choice(PAUSES_S))

    def trouble() -> Trouble:
        return Trouble(draw.choice(sorted(TROUBLES)), draw.randrange(40), draw.randrange(1, 5))

    return tuple(
        Chapter(
            edits=tuple(edit() for _ in range(draw.randrange(20))),
            meanwhile=tuple((draw.randrange(60), edit()) for _ in range(draw.randrange(4))),
            troubles=tuple(trouble() for _ in range(draw.choice((0, 0, 1, 2)))),
            mode=draw.choice((Mode.INCREMENTAL, Mode.INCREMENTAL, Mode.CENSUS, Mode.NAMED, Mode.FULL)),
            named=tuple(draw.randrange(60) for _ in range(draw.randrange(4))),
            quiet=number % 5 == 4 or number == chapters - 1,
        )
        for number in range(chapters)
    )
