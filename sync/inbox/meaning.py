"""What a value can be taken to mean, as a short text that forms and files can carry; and writing it into the mapping.

Pure. A meaning is, by subject: a status "in_progress wait" (category and flow), a type its kind ("risk"), a link
"FS" or "FS reverse", a field its attribute ("points", or "estimate hours" with the unit), a label its template's code,
a reported word a colour and a status, either of them "-" ("green -").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from sync.mapping.document import ConnectionRules, FieldRule, ProfileRules, Rules
from sync.mapping.document import Mapping as Document
from sync.mapping.profile import LinkRule, ReportedRule, StatusRule, fold

STANDARD = "standard"
"""The profile that a connection without one is given when something of it is decided."""


class Subject(StrEnum):
    """What kind of word a value is. FLOW: a status that the tracker says is in progress, but not whether it waits."""

    STATUS = "status"
    FLOW = "flow"
    KIND = "kind"
    FIELD = "field"
    LINK = "link"
    LABEL = "label"
    REPORTED = "reported"


PLACES: Mapping[Subject, str] = {
    Subject.STATUS: "statuses",
    Subject.FLOW: "statuses",
    Subject.KIND: "kinds",
    Subject.LINK: "links",
    Subject.LABEL: "templates",
    Subject.REPORTED: "reported",
}
"""Where in `Rules` the values of a subject stand. Fields stand by attribute."""


class MeaningError(ValueError):
    """A text that is no meaning of the subject."""


def said(mapping: Document, connection: str, subject: Subject) -> frozenset[str]:
    """The values (folded) of which the mapping says something for a connection, those it ignores included."""
    rules = rules_of(mapping, connection)
    ignored = map(fold, rules.ignored)
    if subject is Subject.FIELD:
        return frozenset((*ignored, *(fold(rule.field) for each in rules.fields.values() for rule in each)))
    found = frozenset(map(fold, getattr(rules, PLACES[subject])))
    if subject is Subject.LABEL:
        return found | frozenset((*ignored, *map(fold, rules.labels)))
    return found


def rules_of(mapping: Document, connection: str) -> Rules:
    """The rules that hold for all projects of a connection."""
    name = mapping.connections.get(connection, ConnectionRules()).profile
    return mapping.profiles.get(name, ProfileRules()).rules


def decide(mapping: Document, connections: Iterable[str], subject: Subject, value: str, meaning: str) -> Document:
    """The mapping in which the value means this for the connections. Raises `MeaningError`."""
    return _in_profiles(mapping, connections, lambda rules: with_meaning(rules, subject, value, meaning))


def ignore(mapping: Document, connections: Iterable[str], value: str) -> Document:
    """The mapping that has no interest in a field or label of the connections."""
    return _in_profiles(
        mapping, connections, lambda rules: replace(rules, ignored=tuple(dict.fromkeys((*rules.ignored, value))))
    )


def _in_profiles(mapping: Document, connections: Iterable[str], change: Callable[[Rules], Rules]) -> Document:
    for connection in connections:
        own = mapping.connections.get(connection, ConnectionRules())
        profile = own.profile or STANDARD
        before = mapping.profiles.get(profile, ProfileRules())
        mapping = replace(
            mapping,
            connections=mapping.connections | {connection: replace(own, profile=profile)},
            profiles=mapping.profiles | {profile: replace(before, rules=change(before.rules))},
        )
    return mapping


def with_meaning(rules: Rules, subject: Subject, value: str, meaning: str) -> Rules:
    """The rules in which the value means this; what was said of it before is replaced. Raises `MeaningError`."""
    if subject is Subject.FIELD:
        return _with_field(rules, value, meaning)
    place = PLACES[subject]
    return replace(rules, **{place: without(getattr(rules, place), value) | {value: read(subject, meaning)}})


def without(table: dict[str, msgspec.Struct], value: str) -> dict[str, msgspec.Struct]:
    """A table of rules less whatever it says of the value, however that is spelled."""
    return {name: rule for name, rule in table.items() if fold(name) != fold(value)}


def _with_field(rules: Rules, value: str, meaning: str) -> Rules:
    attribute, _, unit = meaning.partition(" ")
    if not attribute:
        raise MeaningError("say what the field carries")
    kept = {name: tuple(r for r in each if fold(r.field) != fold(value)) for name, each in rules.fields.items()}
    kept[attribute] = (*kept.get(attribute, ()), FieldRule(field=value, unit=unit.strip()))
    return replace(rules, fields={name: each for name, each in kept.items() if each})


def read(subject: Subject, meaning: str) -> object:
    """The rule a text stands for. Raises `MeaningError`; whether its words are known is said by `faults`."""
    first, _, second = meaning.strip().partition(" ")
    if not first:
        raise MeaningError("say what it means")
    match subject:
        case Subject.STATUS | Subject.FLOW:
            return StatusRule(first, second or "active")
        case Subject.LINK:
            if second not in ("", "reverse"):
                raise MeaningError(f"{meaning!r} is no kind of link")
            return LinkRule(first, second == "reverse")
        case Subject.REPORTED:
            return ReportedRule(*(None if word in ("-", "") else word for word in (first, second)))
        case _:
            return meaning.strip()


def write(rule: object) -> str:
    """The text of a rule, which `read` makes the same rule of."""
    match rule:
        case StatusRule():
            return f"{rule.category} {rule.flow}"
        case LinkRule():
            return f"{rule.type} reverse" if rule.reverse else rule.type
        case ReportedRule():
            return f"{rule.rag or '-'} {rule.status or '-'}"
        case FieldRule():
            return rule.unit
        case _:
            return str(rule)
