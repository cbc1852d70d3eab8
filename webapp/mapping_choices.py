"""What values can be taken to mean, as forms offer it: codes as `sync.inbox.meaning` reads them, in groups."""

from __future__ import annotations

from functools import cache

from portfolio.model.work import KINDS
from sync.inbox.meaning import Subject
from sync.mapping.attributes import ATTRIBUTES, UNITS

STATUSES = (
    "todo active",
    "in_progress active",
    "in_progress wait",
    "in_progress blocked",
    "done active",
    "cancelled active",
    "todo wait",
    "todo blocked",
)
LINKS = ("FS", "FS reverse", "SS", "SS reverse", "FF", "FF reverse", "SF", "SF reverse", "relates")
REPORTED = ("green -", "amber -", "red -", "- on_hold", "- closed", "- cancelled", "green closed", "- -")
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "CNY", "SEK", "PLN")


@cache
def choices(subject: Subject) -> tuple[str, ...]:
    """The meanings to choose from; none where any word will do."""
    match subject:
        case Subject.STATUS | Subject.FLOW:
            return STATUSES
        case Subject.KIND:
            return KINDS
        case Subject.LINK:
            return LINKS
        case Subject.REPORTED:
            return REPORTED
        case Subject.FIELD:
            return tuple(f"{name} {unit}".strip() for name in ATTRIBUTES for unit in units(name))
        case _:
            return ()


def units(attribute: str) -> tuple[str, ...]:
    """What an attribute can be counted in, ("",) for those that have no unit."""
    kind = ATTRIBUTES[attribute].type
    return CURRENCIES if kind == "money" else UNITS.get(kind, ("",))
