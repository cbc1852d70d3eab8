"""Reading operations from JSON or TOML, strictly: each one that is wrong is told by its number."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

import msgspec

from portfolio.scenario.bounds import wrong
from portfolio.scenario.faults import Fault, ScenarioError
from portfolio.scenario.operations import Operation

MOST = 200
"""Operations in a scenario: more is a plan of its own."""


def read_json(content: str | bytes) -> tuple[Operation, ...]:
    """The operations of a JSON document: a list, or an object with a list called "operations".

    Raises `ScenarioError` with every operation that is wrong.
    """
    try:
        return read_operations(msgspec.json.decode(content))
    except msgspec.DecodeError as error:
        raise ScenarioError(Fault(0, f"This is no JSON: {error}.")) from error


def read_toml(content: str) -> tuple[Operation, ...]:
    """The operations of a TOML document: tables called [[operations]]. Raises as `read_json`."""
    try:
        return read_operations(tomllib.loads(content))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(Fault(0, f"This is no TOML: {error}.")) from error


def read_operations(document: Any) -> tuple[Operation, ...]:
    """The operations of a document that was decoded. Raises as `read_json`."""
    if isinstance(document, dict) and set(document) == {"operations"}:
        document = document["operations"]
    if not isinstance(document, list):
        raise ScenarioError(Fault(0, 'A scenario is a list of operations, or an object with only "operations" in it.'))
    if len(document) > MOST:
        raise ScenarioError(Fault(0, f"{len(document)} operations are too many. Make it {MOST} at most."))
    found: list[Operation] = []
    faults: list[Fault] = []
    for number, raw in enumerate(document, 1):
        try:
            operation: Operation = msgspec.convert(raw, Operation)
        except msgspec.ValidationError as error:
            faults.append(Fault(number, f"{error}. Compare it with the operations in the documentation of resources."))
            continue
        if text := wrong(operation):
            faults.append(Fault(number, text))
        found.append(operation)
    if faults:
        raise ScenarioError(*faults)
    return tuple(found)


def written(operations: Sequence[Operation]) -> str:
    """The operations as JSON, which reads back the same."""
    return msgspec.json.encode(list(operations)).decode()
