"""What the numbers of operations may be. Pure; whether what they name is there is asked elsewhere."""

from __future__ import annotations

from portfolio.scenario.operations import (
    AddAllocation,
    AddPerson,
    DelayProject,
    Operation,
    Reassign,
    ScaleEffort,
)

MOST_TIMES, MOST_WORKDAYS, MOST_HOURS, MOST_PERSONS = 10, 520, 100_000, 20
LONGEST_NAME = 100
_AMOUNTS = {"hours_per_day": 24, "percent": 100, "total_hours": MOST_HOURS}


def wrong(operation: Operation) -> str | None:
    """What is wrong with an operation in itself, and what to do about it; None where nothing is."""
    match operation:
        case Reassign(persons=persons):
            if not 0 < len(set(persons)) <= MOST_PERSONS:
                return f"Name one person at least, and {MOST_PERSONS} at most."
        case ScaleEffort(factor=factor, item=item, project=project):
            if not 0 < factor <= MOST_TIMES:
                return f"The factor {factor:g} must be more than 0 and at most {MOST_TIMES}: 1.2 is a fifth more."
            if (item is None) == (project is None):
                return "Name either an item or a project."
        case AddAllocation():
            return _booking(operation)
        case AddPerson():
            return _person(operation)
        case DelayProject(workdays=workdays):
            if not 0 < workdays <= MOST_WORKDAYS:
                return f"A delay of {workdays} working days must be 1 at least and {MOST_WORKDAYS} at most."
    return None


def _person(it: AddPerson) -> str | None:
    if not 0 < it.fte <= 1:
        return f"The fte {it.fte:g} must be more than 0 and at most 1, which is a full week."
    if it.last is not None and it.last < it.first:
        return f"It ends on {it.last}, before it begins on {it.first}. Swap the days."
    if not it.role.strip() or len(it.called) > LONGEST_NAME:
        return f"Name a role, and make no name longer than {LONGEST_NAME} characters."
    return None


def _booking(it: AddAllocation) -> str | None:
    if (it.person is None) == (it.role is None):
        return "Name either a person or a role."
    if it.role is not None and not 0 < len(it.role.strip()) <= LONGEST_NAME:
        return f"Name a role, in {LONGEST_NAME} characters at most."
    if it.last < it.first:
        return f"It ends on {it.last}, before it begins on {it.first}. Swap the days."
    told = {name: amount for name in _AMOUNTS if (amount := getattr(it, name)) is not None}
    if len(told) != 1:
        return "Say one of hours_per_day, percent and total_hours."
    ((name, amount),) = told.items()
    if not 0 < amount <= _AMOUNTS[name]:
        return f"{name} {amount:g} must be more than 0 and at most {_AMOUNTS[name]}."
    return None
