"""A mapping profile: how one connection's records are understood. Data only, versioned, kept as JSON.

Names in a profile are folded (`fold`): trimmed and case-folded, because trackers pad and re-case their own words. The
default one is built by `sync.mapping.defaults`; `sync.mapping.compile` lays over it what people say.
"""

from __future__ import annotations

import msgspec

from sync.mapping.sources import Placing


def fold(name: str) -> str:
    """A name as profiles compare it."""
    return " ".join(name.split()).casefold()


class StatusRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a status means. category: todo, in_progress, done, cancelled; flow: active, wait, blocked."""

    category: str
    flow: str = "active"


class LinkRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a link means. `type`: FS, SS, FF, SF or relates.

    `reverse` False: the item the phrase starts from comes first ("A blocks B": A precedes B); True: it comes second.
    """

    type: str
    reverse: bool = False


class ReportedRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a project's word on itself means: a colour (green, amber, red), a project status, or neither."""

    rag: str | None = None
    status: str | None = None


class Carrier(msgspec.Struct, frozen=True):
    """A field that carries an attribute, by its id. The rest is as in `sync.mapping.document.FieldRule`; the keys of
    `values` are folded."""

    field_id: str
    unit: str = ""
    values: dict[str, str] = {}
    level: int = 0


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One layer of what people say: `sync.mapping.document.Rules` with folded names and fields by id."""

    kinds: dict[str, str] = {}
    labels: dict[str, str] = {}
    statuses: dict[str, StatusRule] = {}
    statuses_by_kind: dict[str, dict[str, StatusRule]] = {}
    fields: dict[str, tuple[Carrier, ...]] = {}
    links: dict[str, LinkRule] = {}
    reported: dict[str, ReportedRule] = {}
    templates: dict[str, str] = {}
    cancelled: tuple[str, ...] | None = None

    def over(self, lower: Said) -> Said:
        """This layer laid over a `lower` one: what is said here of a name counts, what is not is as below."""
        kinds = {**lower.statuses_by_kind, **self.statuses_by_kind}
        return Said(
            kinds=lower.kinds | self.kinds,
            labels=lower.labels | self.labels,
            statuses=lower.statuses | self.statuses,
            statuses_by_kind={
                kind: lower.statuses_by_kind.get(kind, {}) | self.statuses_by_kind.get(kind, {}) for kind in kinds
            },
            fields=lower.fields | self.fields,
            links=lower.links | self.links,
            reported=lower.reported | self.reported,
            templates=lower.templates | self.templates,
            cancelled=lower.cancelled if self.cancelled is None else self.cancelled,
        )


class EffortField(msgspec.Struct, frozen=True):
    """A number field that holds effort, and how many seconds one of its units has."""

    field_id: str
    unit_s: int


class Bindings(msgspec.Struct, frozen=True, kw_only=True):
    """Which custom fields carry which values; of several the first that holds a value counts.

    `points_by_project` names the field a project's own board estimates in and goes before `points`. `start` and `due`
    stand in where the item's own date is missing. How a `due` field changed is not followed: what it says now holds for
    all of the item's past. `said`: attribute -> fields that anything said by people lets carry it.
    """

    points: tuple[str, ...] = ()
    points_by_project: dict[str, str] = {}
    start: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    estimate: tuple[EffortField, ...] = ()
    kind: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    said: dict[str, tuple[str, ...]] = {}

    def wanted(self) -> tuple[str, ...]:
        """The ids of all fields an item must bring along."""
        single = (*self.points, *self.points_by_project.values(), *self.start, *self.due)
        named = (*self.kind, *self.status, *self.priority, *(field.field_id for field in self.estimate))
        said = (ident for idents in self.said.values() for ident in idents)
        return tuple(dict.fromkeys((*single, *named, *said)))


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """All rules of one connection.

    What people say goes first: `said_of_project` of the tracker's project, then `said_of_type` of the type of the
    portfolio's project (`type_of_project` by the id of what feeds it), then `said`. Then kinds are decided by
    label, tracker id and name; statuses by id, the tracker's category and name. `status_names` and `kind_names` are
    the site's present names of its ids, kept where people say anything of statuses or kinds: a past under another
    name is understood by them. `grouping_separator` splits a grouping name "PORTFOLIO / PROGRAM"; a name without it
    is a program alone. It stands in the field `grouping_field` of projects, else in what the tracker groups them by.
    `placing` says which sources feed which project. `project_fields`: overlay field -> the field of projects that
    carries it. `unclear` are sentences on what people say and this connection cannot follow.
    """

    kinds_by_label: dict[str, str] = {}
    kinds_by_id: dict[str, str] = {}
    kinds_by_name: dict[str, str] = {}
    statuses_by_id: dict[str, StatusRule] = {}
    statuses_by_name: dict[str, StatusRule] = {}
    cancelled_resolutions: tuple[str, ...] = ()
    bindings: Bindings = Bindings()
    links_by_type: dict[str, LinkRule] = {}
    links_by_phrase: dict[str, LinkRule] = {}
    reported: dict[str, ReportedRule] = {}
    grouping_separator: str = "/"
    grouping_field: str = ""
    said: Said = Said()
    said_of_type: dict[str, Said] = {}
    said_of_project: dict[str, Said] = {}
    project_fields: dict[str, Carrier] = {}
    type_of_project: dict[str, str] = {}
    status_names: dict[str, str] = {}
    kind_names: dict[str, str] = {}
    placing: Placing = Placing()
    unclear: tuple[str, ...] = ()

    def only_adds_to(self, earlier: Profile) -> bool:
        """Whether everything `earlier` said still holds, so that what was mapped with it need not be mapped again."""
        if self == earlier:
            return True
        kept = all(
            getattr(self, name).get(key) == value for name in _GROWING for key, value in getattr(earlier, name).items()
        )
        same = msgspec.structs.replace(self, **{name: getattr(earlier, name) for name in (*_GROWING, "unclear")})
        return kept and same == earlier


# What grows with the tracker's catalogue: an id that is new was on no item before.
_GROWING = ("kinds_by_id", "statuses_by_id", "links_by_type", "status_names", "kind_names")


def encode(profile: Profile) -> str:
    """The profile as JSON; equal profiles give equal text."""
    return msgspec.json.encode(profile, order="deterministic").decode()


def decode(text: str) -> Profile:
    """Read a profile back. Raises `msgspec.ValidationError` naming the field that is wrong."""
    return msgspec.json.decode(text, type=Profile)
