"""What the mapping says of a connection's projects as a form has it, and what it makes of those that were met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, get_args

from msgspec.structs import replace

from sync.inbox.meaning import MeaningError
from sync.inbox.projects import Met
from sync.inbox.samples import examples
from sync.mapping.document import ConnectionRules, Grouping, GroupingBy, Rules
from sync.mapping.overlay import OVERLAY
from sync.mapping.profile import fold
from sync.mapping.projects import places_by
from webapp.field_rules import Row, read_fields, rows_of, typed_rows
from webapp.queries.mapped import Sampled
from webapp.tables import read_choice

LONGEST = 200
LONGEST_SEPARATOR = 10
WAYS: tuple[str, ...] = get_args(GroupingBy)
SHOWN = 10


class Placed(NamedTuple):
    """A project and where a grouping puts it."""

    project: str
    portfolio: str
    program: str


def read_grouping(form: Mapping[str, str]) -> Grouping:
    """The grouping of a form: `by`, `grouping-field`, `separator`. A field is kept only where it decides."""
    by = read_choice(form, "by", WAYS) or WAYS[0]
    field = " ".join(form.get("grouping-field", "").split())[:LONGEST] if by == "field" else ""
    separator = form.get("separator", "").strip()[:LONGEST_SEPARATOR] or Grouping().separator
    return Grouping(by=by, field=field, separator=separator)  # type: ignore[arg-type]  # one of the choices


def written(own: ConnectionRules, form: Mapping[str, str]) -> ConnectionRules:
    """What is said of a connection, with what was typed of its projects. Raises `MeaningError`."""
    grouping = read_grouping(form)
    if grouping.by == "field" and not grouping.field:
        raise MeaningError("name the field that says where a project belongs")
    fields = {name: rules[0] for name, rules in read_fields(form).items()}
    return replace(own, grouping=grouping, project_fields=fields)


def rows(own: ConnectionRules, form: Mapping[str, str]) -> list[Row]:
    """A row for each overlay field, as typed in a form, else as said."""
    said = typed_rows(form) if form else rows_of(Rules(fields={it: (r,) for it, r in own.project_fields.items()}))
    found = {row.attribute: row for row in said}
    return [found.get(name, Row(name, "", "", "", "")) for name in OVERLAY]


def sampled(met: Met) -> tuple[Sampled, ...]:
    """The fields that projects hold anything in, by name; of what names people there are no examples."""
    found = []
    for field in met.fields:
        values = [value for it in met.projects if (value := it.fields.get(field.external_id)) not in (None, "", [])]
        if values:
            shown = tuple(examples(field, values))
            found.append(Sampled("", field.external_id, field.name, field.type, len(values), len(met.projects), shown))
    return tuple(sorted(found, key=lambda it: fold(it.name)))


def placed(met: Met, grouping: Grouping, fields: Sequence[Sampled]) -> list[Placed]:
    """Where a grouping puts the first projects that were met, by name."""
    asked = fold(grouping.field)
    field = next((it.field_id for it in fields if asked in (fold(it.name), fold(it.field_id))), "")
    by = (field, grouping.by == "tracker", grouping.separator)
    places = places_by(met.projects, met.portfolios, *by)
    first = sorted(met.projects, key=lambda it: fold(it.name))[:SHOWN]
    found = ((it.name, places.get(it.external_id)) for it in first)
    return [Placed(name, (at and at.portfolio) or "", (at and at.program) or "") for name, at in found]
