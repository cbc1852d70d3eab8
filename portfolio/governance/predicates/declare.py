"""How a predicate is declared, and what it compiles to.

    @predicate("none_older", NoneOlder)
    def none_older(params: NoneOlder, day: Day) -> Check:
        '''No row is older than so many working days.'''

A check looks at the rows of a *source*: those that are `asked` about, of which some `fail`. One expression gives the
numbers of all projects, and the rows behind the failure of one. Checks over one source are counted in one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Select, case, func, literal, null

from portfolio.facts.gather import Day
from portfolio.governance.rules import Part, RuleError, Step, read_part

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Source:
    """Rows that can be asked about. `rows` is a select over all that stand on the day, `project_id` a column of it.

    `name`, `title`, `url` and `day` tell a row to people: its key or code, what it says, where it is, its date.
    """

    key: str
    rows: AnySelect
    project_id: Any
    name: Any
    title: Any = field(default_factory=lambda: literal(""))
    url: Any = field(default_factory=null)
    day: Any = field(default_factory=null)


class Counted(NamedTuple):
    """What a check found of a project: rows that were asked about, those that fail, and the value that was compared."""

    asked: int = 0
    failing: int = 0
    value: float | None = None


@dataclass(frozen=True)
class Passes:
    """When a project passes. `share` of the rows at least must not fail; without any row there is nothing to judge.

    With `number` instead, so many rows at least must not fail; `every`: and no row may.
    """

    share: Fraction = Fraction(1)
    number: int | None = None
    every: bool = False

    def by(self, counted: Counted) -> bool | None:
        """True, False, or None where nothing was there to be judged."""
        met = counted.asked - counted.failing
        if self.number is not None:
            return met >= self.number and not (self.every and counted.failing)
        return Fraction(met, counted.asked) >= self.share if counted.asked else None


@dataclass(frozen=True)
class Check:
    """What a rule asks, compiled for a day. `limit` is what `value` is compared with, in words.

    `of_sync`: it is about the sync itself, so that a stale one is what it finds. `lacking`: the fields that have to be
    filled in, each with when it is not, so that a row can tell what it lacks. `step`: when it is judged, after what it
    asks for is settled.
    """

    source: Source
    asked: ColumnElement[bool]
    fails: ColumnElement[bool]
    passes: Passes = Passes()
    value: ColumnElement[Any] | None = None
    limit: str = ""
    of_sync: bool = False
    lacking: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    step: Step = Step.SCORED

    def columns(self) -> tuple[ColumnElement[Any], ...]:
        """Asked, failing, value: aggregates over rows of the source."""
        value = null() if self.value is None else func.max(case((self.asked, self.value), else_=None))
        return func.count().filter(self.asked), func.count().filter(self.failing), value

    @property
    def failing(self) -> ColumnElement[bool]:
        return self.asked & self.fails


Compile: TypeAlias = Callable[[Any, Day], Check]


class Evidence(NamedTuple):
    """One row behind a failure, for people. `lacking` are the names of the fields it lacks."""

    name: str
    title: str
    url: str | None
    day: date | None
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class Predicate:
    """A declared predicate. `words` say what it asks. `of_now`: also the time of the day matters to it."""

    id: str
    words: str
    params: type[Part]
    compile: Compile
    of_now: bool = False

    def check(self, given: object, day: Day) -> Check:
        """What a rule with these params asks, kept for as long as it stays that. Raises `RuleError` for params that are
        none."""
        if not self.of_now:
            day = replace(day, now=datetime.combine(day.now, time.min, day.now.tzinfo))
        try:
            params = msgspec.json.encode(read_part(given, self.params, "params"), order="sorted")
        except RecursionError as error:
            raise RuleError("params", f"{error}.") from error
        # Times of two zones may be equal, and the days they begin are not.
        return _compiled(self, params, day, str(day.now.tzinfo))


@lru_cache(maxsize=1024)
def _compiled(kind: Predicate, params: bytes, day: Day, _zone: str) -> Check:
    """Every run asks the same of a day, and conditions take longer to build than many a database takes to answer."""
    return kind.compile(msgspec.json.decode(params, type=kind.params), day)


DECLARED: dict[str, Predicate] = {}


def predicate(predicate_id: str, params: type[Part], *, of_now: bool = False) -> Callable[[Compile], Compile]:
    """Declare a predicate; its docstring is what people read."""

    def declare(function: Compile) -> Compile:
        words = (function.__doc__ or "").strip()
        if not words or predicate_id in DECLARED:
            raise TypeError(f"the predicate {predicate_id} needs a docstring, and a name of its own")
        DECLARED[predicate_id] = Predicate(predicate_id, words, params, function, of_now)
        return function

    return declare
