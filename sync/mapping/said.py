"""What a mapping says, statement by statement, in words a PMO lead reads. Each says one thing of one thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sync.mapping.document import (
    ConnectionRules,
    FieldRule,
    Grouping,
    Mapping,
    Override,
    ProjectRule,
    Rules,
    Source,
)
from sync.mapping.place import at
from sync.mapping.profile import LinkRule, ReportedRule, StatusRule

THERE = "there"
"""The value of a statement that only says that something is there."""

_FLOWS = {"wait": "waiting"}
_LINKS = {"FS": "finish to start", "SS": "start to start", "FF": "finish to finish", "SF": "start to finish"}
Key = tuple[object, ...]


class Said(NamedTuple):
    """A statement: where it stands, what it is about, its value, and that in words."""

    place: str
    subject: str
    value: Any
    words: str


def said(mapping: Mapping) -> dict[Key, Said]:
    """All statements, by what they are about: the same key in two documents is about the same."""
    found: dict[Key, Said] = {}
    for name, profile in mapping.profiles.items():
        found["profile", name] = Said(at("profiles", name), f"Profile {name}", THERE, THERE)
        found.update(_rules(("profile", name), ("profiles", name), f"Profile {name}", profile.rules))
        met: Counter[Key] = Counter()
        for number, override in enumerate(profile.overrides):
            whose = _whose(override)
            key: Key = ("override", name, whose, met[whose,])
            met[whose,] += 1
            steps = ("profiles", name, "overrides", number)
            subject = f"Profile {name}, {whose}"
            found[key] = Said(at(*steps), subject, THERE, THERE)
            found.update(_rules(key, steps, subject, override.rules))
    for name, connection in mapping.connections.items():
        found.update(_connection(name, connection))
    for key, number, project in keyed(mapping.projects):
        found.update(_project(key, number, project))
    return found


def keyed(projects: tuple[ProjectRule, ...]) -> Iterator[tuple[Key, int, ProjectRule]]:
    """Project rules with what tells them apart: their code, else what they are fed from."""
    met: Counter[str] = Counter()
    for number, project in enumerate(projects):
        name = project.code or _sources(project)
        yield ("project", name, met[name]), number, project
        met[name] += 1


def title(project: ProjectRule) -> str:
    """What a project rule is called."""
    return f"Project {project.code}" if project.code else f"Without a project: {_sources(project)}"


def plain(code: str) -> str:
    """A code in words: to do, in progress."""
    return "to do" if code == "todo" else code.replace("_", " ")


def _whose(override: Override) -> str:
    if override.project_type:
        return f"projects of type {override.project_type}"
    return f"project {override.project} of {override.connection}"


def _rules(key: Key, steps: tuple[str | int, ...], whose: str, rules: Rules) -> Iterator[tuple[Key, Said]]:
    def one(words: str, value: Any, subject: str, *below: str) -> tuple[Key, Said]:
        return (*key, *below), Said(at(*steps, *below), f"{whose}: {subject}", value, words)

    for section, (subject, words_of) in _NAMED.items():
        for name, rule in getattr(rules, section).items():
            yield one(words_of(rule), rule, f"{subject} {name}", section, name)
    for kind, statuses in rules.statuses_by_kind.items():
        for name, status in statuses.items():
            yield one(_status(status), status, f"status {name} of type {kind}", "statuses_by_kind", kind, name)
    for attribute, fields in rules.fields.items():
        words = ", else ".join(map(_field, fields)) or "no field"
        yield one(words, fields, f"{plain(attribute)} of items", "fields", attribute)
    if rules.cancelled is not None:
        words = ", ".join(rules.cancelled) or "none"
        yield one(words, rules.cancelled, "resolutions that mean cancelled", "cancelled")
    if rules.ignored:
        yield one(", ".join(rules.ignored), rules.ignored, "fields of no interest", "ignored")


def _connection(name: str, connection: ConnectionRules) -> Iterator[tuple[Key, Said]]:
    whose = f"Connection {name}"
    if connection.profile:
        place = at("connections", name, "profile")
        yield ("connection", name, "profile"), Said(place, f"{whose}: profile", connection.profile, connection.profile)
    if connection.grouping != Grouping():
        words = _grouping(connection.grouping)
        place = at("connections", name, "grouping")
        yield ("connection", name, "grouping"), Said(place, f"{whose}: programs by", connection.grouping, words)
    for field, rule in connection.project_fields.items():
        place = at("connections", name, "project_fields", field)
        subject = f"{whose}: {plain(field)} of projects"
        yield ("connection", name, "project_fields", field), Said(place, subject, rule, _field(rule))


def _project(key: Key, number: int, project: ProjectRule) -> Iterator[tuple[Key, Said]]:
    whose = title(project)
    yield key, Said(at("projects", number), whose, THERE, THERE)
    told = {
        "name": (project.name, "name", project.name),
        "sources": (project.sources, "fed from", _sources(project)),
        "portfolio": (project.portfolio, "portfolio", project.portfolio),
        "program": (project.program, "program", project.program),
    }
    for field, (value, subject, words) in told.items():
        if value:
            yield (*key, field), Said(at("projects", number, field), f"{whose}: {subject}", value, words)


def _status(rule: StatusRule) -> str:
    flow = "" if rule.flow == "active" else f", {_FLOWS.get(rule.flow, plain(rule.flow))}"
    return plain(rule.category) + flow


def _link(rule: LinkRule) -> str:
    return _LINKS.get(rule.type, plain(rule.type)) + (", the other way round" if rule.reverse else "")


def _reported(rule: ReportedRule) -> str:
    return ", ".join(plain(word) for word in (rule.rag, rule.status) if word) or "nothing"


def _field(rule: FieldRule) -> str:
    parts = [f"field {rule.field}"]
    if rule.unit:
        parts.append(f"in {rule.unit}")
    if rule.level:
        parts.append(f"step {rule.level}")
    if rule.values:
        parts.append("with " + "; ".join(f"{name} as {value}" for name, value in rule.values.items()))
    return " ".join(parts)


def _grouping(grouping: Grouping) -> str:
    by = {"tracker": "the tracker's own groups", "none": "hand alone"}.get(grouping.by, f"field {grouping.field}")
    return by if grouping.separator == "/" else f"{by}, parted at {grouping.separator}"


def _sources(project: ProjectRule) -> str:
    return ", ".join(map(_source, project.sources)) or "nothing"


def _source(source: Source) -> str:
    within = f" in {source.project}" if source.project else ""
    return f"{source.type} {source.name}{within} of {source.connection}"


_NAMED: dict[str, tuple[str, Callable[[Any], str]]] = {
    "kinds": ("type", plain),
    "labels": ("label", plain),
    "statuses": ("status", _status),
    "links": ("link", _link),
    "reported": ("reported word", _reported),
    "templates": ("label or attachment", "template {}".format),
}
