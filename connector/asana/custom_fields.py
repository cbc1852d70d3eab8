"""Custom fields: which role Asana's marker or the field's name gives them, and their values in plain form.

Asana has no built-in status, priority or estimate: they are ordinary custom fields. `asana_created_field` marks those
born of Asana's own templates; the others are known by name only, in the languages below. The role is a proposal: what a
status or a priority means is the mapping profile's business.
"""

from __future__ import annotations

from connector.asana.documents import FieldDocument, FieldValueDocument
from connector.asana.plain import gid_of, shown, word
from connector.records import FieldRecord, FieldRole, FieldValue

CHOICE = frozenset({"enum"})
NUMBER = frozenset({"number"})

MARKERS: dict[str, tuple[FieldRole, frozenset[str]]] = {
    "estimated_time": (FieldRole.ESTIMATE, NUMBER),
    "status": (FieldRole.STATUS, CHOICE),
    "task_progress": (FieldRole.STATUS, CHOICE),
    "priority": (FieldRole.PRIORITY, CHOICE),
    "priority_level": (FieldRole.PRIORITY, CHOICE),
}
"""Asana's markers. Only the marked estimate is an estimate: its unit is known (minutes), that of a named one is not."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


NAMES: dict[FieldRole, tuple[frozenset[str], frozenset[str]]] = {
    FieldRole.STATUS: (
        CHOICE,
        _words(
            "status|task status|estado|statut|état|stato|zustand|stav|durum|tila|állapot|статус|стан|состояние"
            "|状态|狀態|ステータス|상태|الحالة"
        ),
    ),
    FieldRole.PRIORITY: (
        CHOICE,
        _words(
            "priority|prioridad|prioridade|priorité|priorität|priorità|prioriteit|prioritet|priorytet|priorita|öncelik"
            "|приоритет|пріоритет|优先级|優先順位|優先度|우선순위|الأولوية"
        ),
    ),
    FieldRole.KIND: (
        CHOICE,
        _words("type|task type|work type|item type|tipo|typ|art|tür|тип|类型|類型|タイプ|種別|유형|النوع"),
    ),
    FieldRole.POINTS: (
        NUMBER,
        _words(
            "story points|story point|points|story point estimate|puntos|puntos de historia|pontos|points d'effort"
            "|storypoints|story-points|punti|очки|стори поинты|故事点|ストーリーポイント|스토리 포인트"
        ),
    ),
}
"""Fields known by name only: the type they must have, and their names."""


def role_of(name: str | None, type: str, marker: str | None) -> FieldRole | None:
    """The role of a field of this name, type and marker; the marker counts before the name."""
    role, types = MARKERS.get(marker or "", (None, frozenset[str]()))
    if role and type in types:
        return role
    spelled = word(name).rstrip(":").casefold()
    return next((role for role, (types, names) in NAMES.items() if type in types and spelled in names), None)


def type_of(field: FieldDocument | FieldValueDocument) -> str:
    """The field's type; `type` is Asana's older spelling of `resource_subtype`."""
    return field.resource_subtype or field.type or "unknown"


def read_field(field: FieldDocument) -> FieldRecord:
    """The catalogue entry. `type` is the representation where Asana gives one (formula, custom_id)."""
    type_ = type_of(field)
    return FieldRecord(
        external_id=field.gid,
        name=word(field.name),
        type=field.representation_type or type_,
        role=role_of(field.name, type_, field.asana_created_field),
        options=tuple((option.gid, word(option.name)) for option in field.enum_options or () if option.gid),
    )


def plain_value(value: FieldValueDocument) -> FieldValue:
    """Enum: the option's name; multi_enum: names; people and references: gids; date: ISO; else number or text."""
    match type_of(value):
        case "enum":
            return word(value.enum_value.name) or None if value.enum_value else None
        case "multi_enum":
            return [word(option.name) for option in value.multi_enum_values or ()]
        case "number":
            return value.number_value
        case "date":
            return (value.date_value.date_time or value.date_value.date) if value.date_value else None
        case "people":
            return [gid for person in value.people_value or () if (gid := gid_of(person))]
        case "reference":
            return [gid for thing in value.reference_value or () if (gid := gid_of(thing))]
        case _:
            text = value.text_value if value.text_value is not None else value.display_value
            return None if text is None else shown(text)
