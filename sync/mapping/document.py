"""The mapping: everything people have decided about what tracker data means, as one document. Data only, versioned.

It says only what differs from the defaults (`sync.mapping.defaults`): an empty document maps everything as on the first
day. A *profile* is a set of rules that any number of connections use; an *override* of it holds for some projects only
and is laid over it, the narrowest last. *Project rules* say what feeds a portfolio project. What remains for one
connection is compiled into a `sync.mapping.profile.Profile`.

Names of tracker things (statuses, types, labels, ...) are kept as people wrote them and compared folded
(`sync.mapping.profile.fold`). Whether a document makes sense is checked by `sync.mapping.faults`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sync.mapping.profile import LinkRule, ReportedRule, StatusRule

FORMAT = 1
SourceType = Literal["project", "epic", "component", "label", "section", "portfolio", "query"]
GroupingBy = Literal["tracker", "field", "none"]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the document. What stands at its default is left out when it is written."""


class FieldRule(Part, frozen=True, kw_only=True):
    """A tracker's field that carries an attribute of items. `field` is its id, or its name where ids differ.

    How the value is read follows from the attribute (`sync.mapping.attributes`). `unit` says in what it is counted
    where the field does not: minutes, hours, days, weeks or seconds for effort; a currency for money; percent or ratio.
    `values` says what each choice means. `level` picks a step of a cascading choice: 1 the first, 0 the last.
    """

    field: str
    unit: str = ""
    values: dict[str, str] = {}
    level: int = 0


class Rules(Part, frozen=True, kw_only=True):
    """What is said of the values of a tracker. Whatever is not said here holds as one layer below says it.

    `kinds`: type name -> kind; `labels`: label -> kind. `statuses`: status name -> rule, and per type name in
    `statuses_by_kind`. `fields`: attribute -> fields, the first that holds a value counts. `links`: link type name ->
    rule. `templates`: label or name of an attachment, * for any text -> template code. `cancelled`: resolutions that
    mean cancelled, None: as below. `ignored`: ids or names of fields that are of no interest.
    """

    kinds: dict[str, str] = {}
    labels: dict[str, str] = {}
    statuses: dict[str, StatusRule] = {}
    statuses_by_kind: dict[str, dict[str, StatusRule]] = {}
    fields: dict[str, tuple[FieldRule, ...]] = {}
    links: dict[str, LinkRule] = {}
    reported: dict[str, ReportedRule] = {}
    templates: dict[str, str] = {}
    cancelled: tuple[str, ...] | None = None
    ignored: tuple[str, ...] = ()


class Override(Part, frozen=True, kw_only=True):
    """Rules for some projects of the connections that use the profile: exactly one of the two says which.

    `project_type`: the portfolio's type of the project. `project`: one tracker project of `connection`, by its id or
    key. A project goes before its type.
    """

    project_type: str = ""
    connection: str = ""
    project: str = ""
    rules: Rules = Rules()


class ProfileRules(Part, frozen=True, kw_only=True):
    """A profile: rules for all projects, and overrides."""

    rules: Rules = Rules()
    overrides: tuple[Override, ...] = ()


class Source(Part, frozen=True, kw_only=True):
    """What feeds a portfolio project, in a tracker.

    `name` is the tracker's id, or its key or name: of the project, epic or initiative, component, label, section or
    portfolio, or the query's text (JQL). `project` narrows it to one tracker project, by id or key; a component or
    section needs it.
    """

    connection: str
    type: SourceType = "project"
    name: str
    project: str = ""


class ProjectRule(Part, frozen=True, kw_only=True):
    """A portfolio project and what feeds it. The first source's name, dates and lead are the project's.

    A tracker project that no rule names feeds a project of its own. What a narrower source (any but "project") of it
    feeds is taken out of that. An item that several sources claim counts to the first rule's project, and is reported.
    Without a `code` the sources feed nothing: their items are in no project. `portfolio` and `program` are names: they
    place the project by hand.
    """

    code: str = ""
    name: str = ""
    sources: tuple[Source, ...] = ()
    portfolio: str = ""
    program: str = ""


class Grouping(Part, frozen=True, kw_only=True):
    """Where projects of a connection get their portfolio and program from, unless a project rule places them.

    tracker: its own groupings (project category, portfolios). field: a field of the project, by id or name. `separator`
    splits "PORTFOLIO / PROGRAM".
    """

    by: GroupingBy = "tracker"
    field: str = ""
    separator: str = "/"


class ConnectionRules(Part, frozen=True, kw_only=True):
    """Which profile a connection uses ("" for the defaults alone), how its projects are grouped, and which fields of
    its projects carry overlay fields (overlay field -> rule)."""

    profile: str = ""
    grouping: Grouping = Grouping()
    project_fields: dict[str, FieldRule] = {}


class Mapping(Part, frozen=True, kw_only=True):
    """The whole document. Connections are named as people named them, so that a file can move between installations."""

    format: int = FORMAT
    profiles: dict[str, ProfileRules] = {}
    connections: dict[str, ConnectionRules] = {}
    projects: tuple[ProjectRule, ...] = ()


def encode(mapping: Mapping) -> str:
    """The document as JSON; equal documents give equal text."""
    return msgspec.json.encode(mapping, order="deterministic").decode()


def decode(text: str) -> Mapping:
    """Read a document back. Raises `msgspec.ValidationError` naming the place that is wrong."""
    return msgspec.json.decode(text, type=Mapping)
