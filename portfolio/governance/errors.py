"""What can be wrong with a decision about settings.

GovernanceError
  FaultySettingError    mend what was typed: `field` says where it stands
    RuleError           likewise, of a rule (portfolio.governance.rules)
  StaleSettingsError    look at what somebody else decided in between, and decide again
  UnknownNumberError    there is no decision of that number
"""

from __future__ import annotations

from datetime import datetime


class GovernanceError(Exception):
    """A decision that cannot be taken. The text is safe to show."""


class FaultySettingError(GovernanceError):
    """What is to be set cannot be. `field`: kpi, scope, green, amber, target, name, words, unit, direction, formula."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(said)
        self.field = field


class StaleSettingsError(GovernanceError):
    """Somebody decided about the same thing since it was looked at; nothing was changed. `by` names them."""

    def __init__(self, number: int, by: str, at: datetime) -> None:
        super().__init__(f"{by} changed this since you looked at it: look at version {number} and decide again")
        self.number, self.by, self.at = number, by, at


class UnknownNumberError(GovernanceError):
    """No decision has the number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no version {number} of the settings")
        self.number = number
