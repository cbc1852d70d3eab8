"""Which columns of an item's state each KPI rests on: derived from what the facts and queries it reads ask for.

A formula names its facts as texts and the other parts of `ProjectFacts` as attributes; both stand in its code. A fact
is asked for the columns of its expression, another part for those of the statements that gather it. Nothing is
computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from types import CodeType, FunctionType
from typing import Any, cast

from sqlalchemy import Column, Connection
from sqlalchemy.sql import visitors

from portfolio.facts.catalogue import FACTS
from portfolio.facts.gather import SOURCES
from portfolio.kpis.catalogue import KPIS
from portfolio.model.work import ItemVersion, Milestone

# Any day will do: the columns are the same ones on all.
_DAY = date(2000, 1, 3)
_STATES = frozenset((ItemVersion.__tablename__, "v"))


@cache
def columns_read() -> Mapping[str, frozenset[str]]:
    """KPI id -> the names of the columns of `ItemVersion` that decide its value."""
    return {kpi_id: frozenset(_of_code(cast(FunctionType, kpi.formula))) for kpi_id, kpi in KPIS.items()}


def kpis_reading(*columns: str) -> tuple[str, ...]:
    """The ids of the KPIs that rest on any of the columns, in the order of the catalogue."""
    wanted = frozenset(columns)
    return tuple(kpi_id for kpi_id, read in columns_read().items() if read & wanted)


def _of_code(formula: FunctionType) -> Iterator[str]:
    for function in _called(formula, set()):
        for code in _codes(function.__code__):
            for name in code.co_consts:
                if isinstance(name, str) and name in FACTS:
                    yield from _of_fact(name)
            for name in code.co_names:
                if name in SOURCES:
                    yield from _of_source(SOURCES[name])


def _called(function: FunctionType, met: set[FunctionType]) -> Iterator[FunctionType]:
    """The function, and those of the formulas' own package it calls by name."""
    if function in met:
        return
    met.add(function)
    yield function
    for name in function.__code__.co_names:
        found = function.__globals__.get(name)
        if isinstance(found, FunctionType) and found.__module__.startswith("portfolio.kpis."):
            yield from _called(found, met)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


@cache
def _of_fact(name: str) -> frozenset[str]:
    return frozenset(_columns(FACTS[name].behind(_DAY)))


@cache
def _of_source(gathers: Callable[..., Any]) -> frozenset[str]:
    recorder = _Recorder()
    gathers(cast(Connection, recorder), _DAY)
    return frozenset(name for statement in recorder.statements for name in _columns(statement))


# By these rows are found; they are no states.
_PLACES = frozenset(("item_id", "valid_from", "valid_to", "project_id"))


def _columns(expression: Any) -> Iterator[str]:
    for part in visitors.iterate(expression):
        table = getattr(part, "table", None)
        if not isinstance(part, Column):
            continue
        name = getattr(table, "name", None)
        if name in _STATES and part.name not in _PLACES:
            yield part.name
        elif name == Milestone.__tablename__:
            # Which items are milestones, and whether one is reached, follows from kind and category.
            yield from ("kind", "category", part.name)


class _Recorder:
    """Takes statements in place of a database and answers that there is nothing."""

    def __init__(self) -> None:
        self.statements: list[Any] = []

    def execute(self, statement: Any) -> tuple[Any, ...]:
        self.statements.append(statement)
        return ()
