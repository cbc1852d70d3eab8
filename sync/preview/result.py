"""What a preview found. Data only, kept as JSON in `mapping_preview.result`.

Every number is about live records as they were landed when the preview began. Texts of trackers are kept as they came:
whoever shows them escapes them.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

ASPECTS = (
    "kind",
    "category",
    "flow",
    "project",
    "dates",
    "estimate",
    "points",
    "role",
    "assignees",
    "links",
    "attributes",
    "templates",
    "history",
)
"""What of an item can change. dates: start or due; estimate: effort, also what remains; role: who has to do it;
assignees: those beside the tracker's one; links: dependencies it is an end of; attributes: further values from fields;
templates: what it is taken for an instance of; history: what it was on some day, the present included, as figures see
it."""


class Change(msgspec.Struct, frozen=True):
    """How many items change in one aspect; an item may change in several."""

    aspect: str
    items: int


class Move(msgspec.Struct, frozen=True):
    """How many items go from one word to another in an aspect that has words: kind, category, flow, project, role.

    Projects stand by their names; None is no project.
    """

    aspect: str
    before: str | None
    after: str | None
    items: int


class Figure(msgspec.Struct, frozen=True):
    """A reading as it is kept, in short: no value has a reason."""

    value: float | None
    rag: str
    reason: str | None = None


class KpiChange(msgspec.Struct, frozen=True):
    """A KPI of a project, program, portfolio or of all whose value, colour or reason changes.

    `name` is the scope's name, `code` its code; both empty for all. None: the scope is not there before, or not after.
    """

    scope_type: str
    scope_id: int
    name: str
    code: str
    kpi: str
    before: Figure | None
    after: Figure | None

    @property
    def recoloured(self) -> bool:
        """Whether the colour changes."""
        return (self.before.rag if self.before else None) != (self.after.rag if self.after else None)


class Failure(msgspec.Struct, frozen=True):
    """A record that has a place now and would have none, and why. `key` is what people call the item."""

    connection: str
    stream: str
    external_id: str
    reason: str
    key: str | None = None


class Unmapped(msgspec.Struct, frozen=True):
    """A value that no rule of the draft covers, and how many items carry it. `new`: one covers it now."""

    connection: str
    subject: str
    value: str
    items: int
    new: bool = False


class Unclear(msgspec.Struct, frozen=True):
    """What the draft says and the connection cannot follow, in a sentence: a name that nothing bears."""

    connection: str
    said: str


class Said(msgspec.Struct, frozen=True):
    """A word of the tracker. `what`: kind, status, resolution, priority, labels, components, section, project, start,
    due, estimate (seconds), remaining (seconds), link, or "field": then `name` is the field's name."""

    what: str
    text: str
    name: str = ""


class Turn(msgspec.Struct, frozen=True):
    """One value of an example before and after, as text; None for none. `field`: its column (days ISO, effort in
    seconds), the name of an attribute, or the code of a template."""

    aspect: str
    field: str
    before: str | None
    after: str | None


class Example(msgspec.Struct, frozen=True):
    """An item that changes. `said` are the tracker's own words that the changed values come from."""

    item_id: int
    connection: str
    key: str
    title: str
    url: str
    said: tuple[Said, ...]
    turns: tuple[Turn, ...]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft would do.

    `as_of` is the day the figures are of, `items` how many items were looked at, `changed` how many of them change,
    `seconds` how long it took. `kpis` are the first of `figures` readings that change, `recoloured` of these in their
    colour; `failures` the first of `failed` records. `unmapped` are the values that no rule of the draft covers,
    `covered` those that one covers and none does now. `projects_new` and `projects_gone` are the names of portfolio
    projects that the draft makes, and of those that nothing feeds any more.
    """

    as_of: date
    looked_at: datetime
    seconds: float
    items: int
    changed: int
    changes: tuple[Change, ...]
    moves: tuple[Move, ...] = ()
    kpis: tuple[KpiChange, ...] = ()
    figures: int = 0
    recoloured: int = 0
    failed: int = 0
    failures: tuple[Failure, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()
    covered: tuple[Unmapped, ...] = ()
    examples: tuple[Example, ...] = ()
    projects_new: tuple[str, ...] = ()
    projects_gone: tuple[str, ...] = ()
    unclear: tuple[Unclear, ...] = ()


def encode(result: Result) -> str:
    """The result as JSON."""
    return msgspec.json.encode(result).decode()


def decode(text: str) -> Result:
    """Read a result back."""
    return msgspec.json.decode(text, type=Result)
