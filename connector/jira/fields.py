"""The field catalogue: which field is what, by the marks Jira itself puts on fields.

Field ids differ from site to site and names are translated, so neither decides where a schema key does. Three things
have no key of their own and go by their exact untranslated name and type: classic "Story Points", "Flagged" and "Start
date". A site in another language has no role for them; the board's estimation field (`BoardRecord.points_field_id`)
then names the points.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from connector.jira.words import shown
from connector.records import FieldRecord, FieldRole

_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"

_AGILE = "com.pyxis.greenhopper.jira:"
_DEVELOPMENT = "com.atlassian.jira.plugins.jira-development-integration-plugin:"
_CHARTS = "com.atlassian.jira.ext.charting:"

_WORKINGS = (
    _AGILE + "gh-lexo-rank",
    _AGILE + "gh-global-rank",
    _AGILE + "gh-epic-label",
    _AGILE + "gh-epic-color",
    _AGILE + "gh-epic-status",
    _AGILE + "jsw-issue-color",
    _DEVELOPMENT + "devsummary",
    _DEVELOPMENT + "devsummarycf",
    _DEVELOPMENT + "designcf",
    _DEVELOPMENT + "vulnerabilitycf",
    _CHARTS + "timeinstatus",
    _CHARTS + "firstresponsedate",
)

_BY_SCHEMA = dict.fromkeys(_WORKINGS, FieldRole.WORKINGS) | {
    _AGILE + "gh-sprint": FieldRole.SPRINT,
    _AGILE + "gh-epic-link": FieldRole.EPIC_LINK,
    _AGILE + "jsw-story-points": FieldRole.POINTS,
    "com.atlassian.jpo:jpo-custom-field-parent": FieldRole.PARENT_LINK,
    "com.atlassian.jpo:jpo-custom-field-baseline-start": FieldRole.START,
    "com.atlassian.jpo:jpo-custom-field-baseline-end": FieldRole.END,
    "com.atlassian.teams:rm-teams-custom-field-team": FieldRole.TEAM,
    _TYPES + "atlassian-team": FieldRole.TEAM,
}

_BY_NAME = {
    ("Story Points", _TYPES + "float"): FieldRole.POINTS,
    ("Flagged", _TYPES + "multicheckboxes"): FieldRole.FLAGGED,
    ("Start date", _TYPES + "datepicker"): FieldRole.START,
}


class _Schema(msgspec.Struct):
    type: str = ""
    custom: str | None = None


class FieldShape(msgspec.Struct):
    """A field as Jira lists it. `schema` is missing for a few system fields (issue key, thumbnail)."""

    id: str
    name: str = ""
    custom: bool = False
    schema: _Schema | None = None


def read_field(field: FieldShape) -> FieldRecord:
    """The field with its role, if Jira marks one. Options are not listed with fields."""
    schema = field.schema or _Schema()
    role = _BY_SCHEMA.get(schema.custom or "") or _BY_NAME.get((field.name, schema.custom or ""))
    return FieldRecord(external_id=field.id, name=shown(field.name), type=schema.type, custom=field.custom, role=role)


def ids_by_role(fields: Sequence[FieldRecord], role: FieldRole) -> tuple[str, ...]:
    """The ids of the fields of a role. A plain "Start date" comes before a planned one, as people fill it in first."""
    found = [field for field in fields if field.role is role]
    return tuple(field.external_id for field in sorted(found, key=lambda field: field.name != "Start date"))
