"""What is wrong with a mapping, whatever the trackers hold: each fault with its place. Pure.

What only a connection can tell (a field name that no field bears) is not said here, but by `Profile.unclear`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connector.errors import ScopeError
from connector.jira.query import restriction
from portfolio.model.work import CATEGORIES, KINDS
from sync.mapping.attributes import ATTRIBUTES, UNITS, Attribute
from sync.mapping.carried import CODE
from sync.mapping.document import FieldRule, Mapping, Override, ProfileRules, ProjectRule, Rules
from sync.mapping.feeds import code_of
from sync.mapping.numerals import CURRENCIES
from sync.mapping.overlay import OVERLAY
from sync.mapping.place import at
from sync.mapping.profile import LinkRule, ReportedRule, StatusRule, fold

FLOWS = ("active", "wait", "blocked")
LINK_TYPES = ("FS", "SS", "FF", "SF", "relates")
RAGS = ("green", "amber", "red")
PROJECT_STATUSES = ("proposed", "active", "on_hold", "cancelled", "closed")
LONGEST = 2000
Place = tuple[str | int, ...]


class Fault(NamedTuple):
    """What is wrong, in a sentence, and where in the document: `profiles.standard.statuses."In Review"`."""

    place: str
    message: str


def faults(mapping: Mapping) -> tuple[Fault, ...]:
    """Everything that keeps the document from being put in force, in its order; none where it makes sense."""
    found: list[Fault] = []
    for name, profile in mapping.profiles.items():
        found += _profile(("profiles", name), name, profile)
    found += _connections(mapping)
    found += _projects(mapping.projects)
    return tuple(found)


def _fault(place: Place, message: str) -> Fault:
    return Fault(at(*place), message)


def _profile(place: Place, name: str, profile: ProfileRules) -> Iterator[Fault]:
    if not name.strip():
        yield _fault(place, "A profile needs a name.")
    yield from _rules(place, profile.rules)
    seen: set[tuple[str, str, str]] = set()
    for number, override in enumerate(profile.overrides):
        here = (*place, "overrides", number)
        yield from _override(here, override)
        whom = (override.project_type, override.connection, override.project)
        if whom in seen:
            yield _fault(here, "There are two overrides for the same projects: put their rules into one.")
        seen.add(whom)
        yield from _rules(here, override.rules)
        if override.rules.links:
            yield _fault((*here, "links"), "A link may join two projects: say what it means for the whole profile.")


def _override(place: Place, override: Override) -> Iterator[Fault]:
    if bool(override.project_type) == bool(override.project):
        yield _fault(place, "An override is either for a type of project or for one project: name exactly one.")
    if bool(override.project) != bool(override.connection):
        yield _fault(place, "One project is named by its connection and its key or id: name both, or neither.")


def _rules(place: Place, rules: Rules) -> Iterator[Fault]:
    for kinds, what in ((rules.kinds, "kinds"), (rules.labels, "labels")):
        yield from _twice((*place, what), kinds.items())
        for name, kind in kinds.items():
            yield from _known((*place, what, name), "kind", kind, KINDS)
    yield from _statuses((*place, "statuses"), rules.statuses)
    yield from _twice((*place, "statuses_by_kind"), rules.statuses_by_kind.items())
    for kind, statuses in rules.statuses_by_kind.items():
        yield from _statuses((*place, "statuses_by_kind", kind), statuses)
    for name, fields in rules.fields.items():
        yield from _fields((*place, "fields", name), name, fields)
    yield from _links((*place, "links"), rules.links)
    yield from _reported((*place, "reported"), rules.reported)
    yield from _twice((*place, "templates"), rules.templates.items())
    for pattern, code in rules.templates.items():
        if not CODE.fullmatch(code):
            here = (*place, "templates", pattern)
            yield _fault(
                here, f"“{code}” is no code of a template: 2 to 12 capital letters and digits, a letter first."
            )


def _statuses(place: Place, statuses: dict[str, StatusRule]) -> Iterator[Fault]:
    yield from _twice(place, statuses.items())
    for name, rule in statuses.items():
        here = (*place, name)
        yield from _known(here, "category", rule.category, CATEGORIES)
        yield from _known(here, "flow", rule.flow, FLOWS)


def _links(place: Place, links: dict[str, LinkRule]) -> Iterator[Fault]:
    yield from _twice(place, links.items())
    for name, rule in links.items():
        yield from _known((*place, name), "type of dependency", rule.type, LINK_TYPES)


def _reported(place: Place, reported: dict[str, ReportedRule]) -> Iterator[Fault]:
    yield from _twice(place, ((word.replace("_", " "), rule) for word, rule in reported.items()))
    for word, rule in reported.items():
        here = (*place, word)
        if rule.rag is not None:
            yield from _known(here, "colour", rule.rag, RAGS)
        if rule.status is not None:
            yield from _known(here, "status of a project", rule.status, PROJECT_STATUSES)


def _fields(place: Place, name: str, rules: tuple[FieldRule, ...]) -> Iterator[Fault]:
    attribute = ATTRIBUTES.get(name)
    if attribute is None:
        yield from _known(place, "attribute", name, tuple(ATTRIBUTES))
    seen: set[str] = set()
    for number, rule in enumerate(rules):
        here = place if len(rules) == 1 else (*place, number)
        if not rule.field.strip():
            yield _fault(here, "No field is named.")
        elif fold(rule.field) in seen:
            yield _fault(here, f"The field “{rule.field}” is named twice.")
        seen.add(fold(rule.field))
        yield from _field(here, attribute, rule)


def _field(here: Place, attribute: Attribute | None, rule: FieldRule) -> Iterator[Fault]:
    if rule.level < 0:
        yield _fault(here, "The level of a cascading choice is 0 for the last step, or counts from 1.")
    yield from _twice((*here, "values"), rule.values.items())
    if any("\x00" in meaning for meaning in rule.values.values()):
        yield _fault((*here, "values"), "A meaning holds a character that no database keeps.")
    if attribute is not None:
        yield from _unit(here, attribute.type, rule.unit)
        choices = KINDS if attribute.name == "kind" else attribute.choices
        for word, meaning in rule.values.items() if choices else ():
            yield from _known((*here, "values", word), f"value of {attribute.name}", meaning, choices)


def _project_fields(place: Place, rules: dict[str, FieldRule]) -> Iterator[Fault]:
    for name, rule in rules.items():
        here = (*place, name)
        yield from _known(here, "field of projects", name, tuple(OVERLAY))
        if not rule.field.strip():
            yield _fault(here, "No field is named.")
        yield from _field(here, OVERLAY.get(name), rule)


def _unit(place: Place, type: str, unit: str) -> Iterator[Fault]:
    if not unit:
        return
    if type == "money":
        if unit not in CURRENCIES:
            yield _fault(place, f"“{unit}” is no currency: write its three letters, such as EUR or USD.")
    elif type in UNITS:
        yield from _known(place, "unit", unit, UNITS[type])
    else:
        yield _fault(place, f"This attribute is not counted in anything: leave “{unit}” out.")


def _connections(mapping: Mapping) -> Iterator[Fault]:
    for name, rules in mapping.connections.items():
        place = ("connections", name)
        if rules.profile and rules.profile not in mapping.profiles:
            yield _fault((*place, "profile"), f"There is no profile “{rules.profile}”.")
        if rules.grouping.by == "field" and not rules.grouping.field.strip():
            yield _fault((*place, "grouping"), "Grouping by a field needs the field's name.")
        if not rules.grouping.separator.strip():
            yield _fault((*place, "grouping"), "The separator of portfolio and program must not be blank.")
        yield from _project_fields((*place, "project_fields"), rules.project_fields)


def _projects(projects: tuple[ProjectRule, ...]) -> Iterator[Fault]:
    codes: set[str] = set()
    claimed: dict[tuple[str, str, str, str], int] = {}
    for number, rule in enumerate(projects):
        place = ("projects", number)
        code = code_of(rule)
        if code and code in codes:
            yield _fault(
                (*place, "code"), f"There are two rules for the project {rule.code}: put their sources into one."
            )
        codes.add(code)
        if not rule.sources:
            yield _fault(place, "Nothing feeds this project: name a source.")
        if rule.program and not rule.portfolio:
            yield _fault((*place, "program"), "A program is in a portfolio: name that, too.")
        for position, source in enumerate(rule.sources):
            here = (*place, "sources", position)
            if not source.connection.strip() or not source.name.strip():
                yield _fault(here, "A source needs its connection and the name of what is in it.")
            if source.type in ("component", "section") and not source.project.strip():
                yield _fault(here, f"A {source.type} is one of a project of the tracker: name that, too.")
            if "\x00" in source.name + source.project:
                yield _fault(here, "The source's name holds a character that no database keeps.")
            if len(source.name) > LONGEST:
                yield _fault(here, f"This is too long: {len(source.name)} characters, and {LONGEST} are the most.")
            if source.type == "query":
                yield from _query(here, source.name)
            what = (source.connection, source.type, fold(source.name), fold(source.project))
            if what in claimed:
                yield _fault(
                    here,
                    f"The source “{source.name}” feeds two projects: projects[{claimed[what]}]"
                    f" ({projects[claimed[what]].code or 'no project'}) has it, too.",
                )
            claimed.setdefault(what, number)


def _query(place: Place, text: str) -> Iterator[Fault]:
    """What can be told of a query without asking the tracker."""
    try:
        restriction(text)
    except ScopeError as error:
        yield _fault(place, f"{error.what}. {error.remedy}".strip())


def _known(place: Place, what: str, value: str, known: Iterable[str]) -> Iterator[Fault]:
    if value not in known:
        yield _fault(place, f"“{value}” is no {what}: choose one of {', '.join(known)}.")


def _twice(place: Place, entries: Iterable[tuple[str, object]]) -> Iterator[Fault]:
    """Names that are the same to a tracker, with two meanings; and names of nothing."""
    seen: dict[str, tuple[str, object]] = {}
    for name, meaning in entries:
        folded = fold(name)
        if not folded:
            yield _fault(place, "A rule is for no name.")
        first, before = seen.setdefault(folded, (name, meaning))
        if before != meaning:
            yield _fault((*place, name), f"“{first}” and “{name}” are one name, and have two meanings.")
