"""What is wrong with a scenario, by operation.

ScenarioError    it cannot be used: mend what is named and try again
Unfit            one operation does not fit the plan as it stands: it is left out, and told with its reason
"""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong with the operation of that number (from 1; 0: with the whole), and what to do about it."""

    number: int
    text: str


class ScenarioError(Exception):
    """The scenario cannot be used; the faults are safe to show."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(" ".join(f"Operation {it.number}: {it.text}" if it.number else it.text for it in faults))
        self.faults = faults


class Unfit(Exception):
    """An operation does not fit the plan as it stands; the text says why, and what to do about it."""
