"""The form that says what a connection follows: rules as people add them, one after the other, and what each means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from connector.choosing import Choices, Chooser, Meaning
from connector.errors import ConnectorError
from connector.settings import Follow, FollowType
from sync.connections import open_choices
from webapp import here

LONGEST = 5_000
"""What is longer is cut to what is still longer than a rule may be: it is refused with the reason, never shortened."""
MOST_RULES = 50
SHOWN = 12
"""So many projects of a rule are named."""
TYPES: Mapping[str, tuple[FollowType, ...]] = {
    "jira": (FollowType.PROJECT, FollowType.CATEGORY, FollowType.BOARD, FollowType.COMPONENT, FollowType.QUERY),
    "asana": (FollowType.PROJECT, FollowType.TEAM, FollowType.PORTFOLIO, FollowType.WORKSPACE),
}


@dataclass(frozen=True)
class Line:
    """A rule with what it means now, or why it means nothing."""

    rule: Follow
    meaning: Meaning | None
    fault: str | None

    @property
    def value(self) -> str:
        """The rule as a form carries it."""
        return f"{self.rule.type}={self.rule.name}"


@dataclass(frozen=True)
class Asked:
    """What the tracker said: what there is to follow, what the rules mean; or why it said nothing."""

    choices: Choices | None
    lines: tuple[Line, ...]
    problem: str | None


def typed_rules(values: Sequence[str], tracker: str) -> tuple[Follow, ...]:
    """The rules a form carries, each once; what is none is left out."""
    found = [rule for text in values if (rule := _read(text, tracker)) is not None]
    return tuple(dict.fromkeys(found))[:MOST_RULES]


def ask(connection_id: int, rules: Sequence[Follow]) -> Asked:
    """Ask the tracker. What it refuses of one rule stands beside that rule; nothing is raised for a tracker's sake."""
    settings = here.settings()
    try:
        with closing(open_choices(here.engine(), connection_id, here.secrets(), settings.outbound)) as chooser:
            return Asked(chooser.choices(), tuple(_line(chooser, rule) for rule in rules), None)
    except ConnectorError as error:
        return Asked(None, tuple(Line(rule, None, None) for rule in rules), _words(error))


def _line(chooser: Chooser, rule: Follow) -> Line:
    try:
        return Line(rule, chooser.resolve(rule), None)
    except ConnectorError as error:
        return Line(rule, None, _words(error))


def _read(text: str, tracker: str) -> Follow | None:
    kind, _, name = text.partition("=")
    name = name.strip()[:LONGEST]
    return Follow(FollowType(kind), name) if kind in TYPES.get(tracker, ()) and name else None


def _words(error: ConnectorError) -> str:
    return " ".join(str(error).split())
