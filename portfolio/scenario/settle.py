"""Whom operations name, and operations in the form they are kept in: persons by id, so that no name outlives them."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from portfolio.scenario.names import Names
from portfolio.scenario.operations import AddAllocation, AddPerson, ConvertSoft, Operation, Reassign, Whom


def whom_of(operation: Operation) -> tuple[Whom, ...]:
    """The persons an operation names."""
    match operation:
        case Reassign(persons=persons):
            return persons
        case AddAllocation(person=whom) | ConvertSoft(person=whom) if whom is not None:
            return (whom,)
        case _:
            return ()


def settled(operation: Operation, before: Collection[Operation], names: Names) -> Operation:
    """The operation with the ids of the persons it names. Those whom the operations before it add keep their names.

    Raises `Unfit` for a person who is not in sight.
    """
    added = {it.called: 0 for it in before if isinstance(it, AddPerson)}

    def ident(whom: Whom) -> Whom:
        return whom if whom in added else names.person(whom, {})

    match operation:
        case Reassign(persons=persons):
            return replace(operation, persons=tuple(map(ident, persons)))
        case AddAllocation(person=whom) | ConvertSoft(person=whom) if whom is not None:
            return replace(operation, person=ident(whom))
        case _:
            return operation
