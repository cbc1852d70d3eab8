"""A mapping profile: how one connection's records are understood. Data only, versioned, kept as JSON.

Names in a profile are folded (`fold`): trimmed and case-folded, because trackers pad and re-case their own words. The
default one is built by `sync.mapping.defaults`.
"""

from __future__ import annotations

import msgspec

from connector.records import FieldValue


def fold(name: str) -> str:
    """A name as profiles compare it."""
    return " ".join(name.split()).casefold()


class StatusRule(msgspec.Struct, frozen=True):
    """What a status means. category: todo, in_progress, done, cancelled; flow: active, wait, blocked."""

    category: str
    flow: str = "active"


class LinkRule(msgspec.Struct, frozen=True):
    """What a link means. `type`: FS, SS, FF, SF or relates.

    `reverse` False: the item the phrase starts from comes first ("A blocks B": A precedes B); True: it comes second.
    """

    type: str
    reverse: bool = False


class ReportedRule(msgspec.Struct, frozen=True):
    """What a project's word on itself means: a colour (green, amber, red), a project status, or neither."""

    rag: str | None = None
    status: str | None = None


class EffortField(msgspec.Struct, frozen=True):
    """A number field that holds effort, and how many seconds one of its units has."""

    field_id: str
    unit_s: int


class Bindings(msgspec.Struct, frozen=True, kw_only=True):
    """Which custom fields carry which values; of several the first that holds a value counts.

    `points_by_project` names the field a project's own board estimates in and goes before `points`. `start` and `due`
    stand in where the item's own date is missing. How a `due` field changed is not followed: what it says now holds for
    all of the item's past.
    """

    points: tuple[str, ...] = ()
    points_by_project: dict[str, str] = {}
    start: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    estimate: tuple[EffortField, ...] = ()
    kind: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()

    def wanted(self) -> tuple[str, ...]:
        """The ids of all fields an item must bring along."""
        single = (*self.points, *self.points_by_project.values(), *self.start, *self.due)
        named = (*self.kind, *self.status, *self.priority, *(field.field_id for field in self.estimate))
        return tuple(dict.fromkeys((*single, *named)))


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """All rules of one connection.

    `automatic` profiles are rebuilt when the tracker's own catalogue changes; a profile a person edited is left alone.
    Kinds are decided by label, then tracker id, then name; statuses by id, then the tracker's category, then name.
    `grouping_separator` splits a grouping name "PORTFOLIO / PROGRAM"; a name without it is a program alone.
    """

    automatic: bool = True
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

    def only_adds_to(self, earlier: Profile) -> bool:
        """Whether everything `earlier` said still holds, so that what was mapped with it need not be mapped again."""
        if self == earlier:
            return True
        kept = all(
            getattr(self, name).get(key) == value
            for name in ("kinds_by_id", "statuses_by_id", "links_by_type")
            for key, value in getattr(earlier, name).items()
        )
        same = msgspec.structs.replace(
            self,
            kinds_by_id=earlier.kinds_by_id,
            statuses_by_id=earlier.statuses_by_id,
            links_by_type=earlier.links_by_type,
        )
        return kept and same == earlier


def encode(profile: Profile) -> str:
    """The profile as JSON; equal profiles give equal text."""
    return msgspec.json.encode(profile, order="deterministic").decode()


def decode(text: str) -> Profile:
    """Read a profile back. Raises `msgspec.ValidationError` naming the field that is wrong."""
    return msgspec.json.decode(text, type=Profile)


def number(value: FieldValue) -> float | None:
    """A field value as a number, None when it is none. Lists and truth values are no numbers."""
    if isinstance(value, bool) or value is None or isinstance(value, list):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if found == found and abs(found) != float("inf") else None


def text(value: FieldValue) -> str | None:
    """A field value as a word, None when it is empty; the first of a list."""
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None or isinstance(value, bool):
        return None
    return str(value).strip() or None
