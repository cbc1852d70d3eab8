"""Two sides of the same records: what a third party made of a payload, and what is made of it here.

A comparison pairs rows by key, compares every column of every pair, and sorts each difference into exactly one
explained class. A row that only one side has is a difference too, in the column `ROW`. What no class explains, or more
than one, fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROW = "row"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "expected-results.md"


class Difference(NamedTuple):
    """One value the sides disagree on. `row` and `record` are the whole rows, None on the side that has none."""

    key: Any
    column: str
    theirs: Any
    ours: Any
    row: Any
    record: Any


class Column(NamedTuple):
    """A value as both sides tell it, brought into one form by `theirs` (of a row) and `ours` (of a record)."""

    name: str
    theirs: Callable[[Any], Any]
    ours: Callable[[Any], Any]


class Explanation(NamedTuple):
    """A class of differences: one line that says why, and the test each of its members must pass."""

    line: str
    holds: Callable[[Difference], bool]


class Comparison:
    """What came of one set. `rows` are those on both sides, `values` the cells of them."""

    def __init__(self, name: str, explained: Mapping[str, Explanation]) -> None:
        self.name = name
        self.explained = explained
        self.rows = 0
        self.values = 0
        self.compared: list[str] = []
        self.differences: list[Difference] = []

    def add(self, theirs: Mapping[Any, Any], ours: Mapping[Any, Any], columns: Iterable[Column]) -> Comparison:
        """Compare two sets of rows by key."""
        columns = tuple(columns)
        self.compared = [column.name for column in columns]
        for key in dict.fromkeys((*theirs, *ours)):
            row, record = theirs.get(key), ours.get(key)
            if row is None or record is None:
                self.differences.append(Difference(key, ROW, row is not None, record is not None, row, record))
                continue
            self.rows += 1
            for column in columns:
                self.values += 1
                expected, found = column.theirs(row), column.ours(record)
                if expected != found:
                    self.differences.append(Difference(key, column.name, expected, found, row, record))
        return self

    def classes(self) -> dict[str, int]:
        """How many differences each class explains. Fails on one that no class, or more than one, explains."""
        found: Counter[str] = Counter()
        trouble = []
        for difference in self.differences:
            names = [name for name, explanation in self.explained.items() if explanation.holds(difference)]
            if len(names) == 1:
                found[names[0]] += 1
            else:
                key, column, theirs, ours = difference[:4]
                trouble.append(f"{key} {column}: {theirs!r} for them, {ours!r} here, explained by {names or 'nothing'}")
        if trouble:
            raise AssertionError(f"{self.name}: {len(trouble)} differences\n" + "\n".join(trouble))
        return dict(found)

    def lines(self) -> list[str]:
        """The lines of the document that say what came of this set: its figures, then its classes."""
        alone = [difference for difference in self.differences if difference.column == ROW]
        different = len(self.differences) - len(alone)
        theirs = sum(difference.row is not None for difference in alone)
        figures = (self.rows, self.values, self.values - different, different, theirs, len(alone) - theirs)
        counted = sorted(self.classes().items(), key=lambda pair: -pair[1])
        return [
            f"| {self.name} | {' | '.join(map(str, figures))} | {', '.join(self.compared) or 'which there are'} |",
            *(f"| {self.name} | {name} | {count} | {self.explained[name].line} |" for name, count in counted),
        ]


def check(comparison: Comparison, rows: int, classes: Mapping[str, int]) -> None:
    """The whole verdict on a set: so many rows were compared, so many differences of each class, and it is said so."""
    assert (comparison.rows, comparison.classes()) == (rows, dict(classes)), comparison.name
    said = DOCUMENT.read_text(encoding="utf-8").splitlines()
    unsaid = [line for line in comparison.lines() if line not in said]
    assert unsaid == [], "docs/expected-results.md does not say so"
