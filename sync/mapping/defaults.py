"""The default profile: what a connection's own reference records say, completed by name tables. Needs no settings."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from connector.records import (
    BoardRecord,
    Category,
    FieldRecord,
    FieldRole,
    KindRecord,
    LinkTypeRecord,
    StatusRecord,
)
from sync.mapping import words
from sync.mapping.profile import Bindings, EffortField, LinkRule, Profile, StatusRule, fold
from sync.mapping.status_words import CANCELLED_RESOLUTIONS, STATUSES

# Kinds that trackers state by level, whatever they are called.
EPIC_LEVEL = 1
SUBTASK_LEVEL = -1
NAMESPACE = "pmo:"


class References(msgspec.Struct, kw_only=True):
    """The reference records of one connection."""

    fields: list[FieldRecord] = []
    statuses: list[StatusRecord] = []
    kinds: list[KindRecord] = []
    link_types: list[LinkTypeRecord] = []
    boards: list[BoardRecord] = []


def default_profile(references: References) -> Profile:
    """Build the profile that needs no configuration."""
    return Profile(
        kinds_by_label={f"{NAMESPACE}{kind}": kind for kind in sorted(set(words.KINDS.values()))},
        kinds_by_id={record.external_id: kind for record in references.kinds if (kind := known_kind(record))},
        kinds_by_name=words.KINDS,
        statuses_by_id={
            record.external_id: rule for record in references.statuses if (rule := known_status(record)) is not None
        },
        statuses_by_name=STATUSES,
        cancelled_resolutions=CANCELLED_RESOLUTIONS,
        bindings=_bindings(references),
        links_by_type={fold(record.name): link_rule(record) for record in references.link_types},
        links_by_phrase=words.PHRASES,
        reported=words.REPORTED,
    )


def known_kind(record: KindRecord) -> str | None:
    """The kind of an issue type: its flags before its name, None when neither tells."""
    if record.subtask or record.level == SUBTASK_LEVEL:
        return "subtask"
    named = words.KINDS.get(fold(record.name))
    if named is not None:
        return named
    return "epic" if record.level is not None and record.level >= EPIC_LEVEL else None


def known_status(record: StatusRecord) -> StatusRule | None:
    """The rule of a status: the tracker's category before its name; the name adds flow and "cancelled"."""
    return stated_status(record.category, STATUSES.get(fold(record.name)))


def stated_status(category: Category | None, named: StatusRule | None) -> StatusRule | None:
    """Combine what the tracker states with what the name says; None when neither says anything."""
    if category is None:
        return named
    if named is None:
        return StatusRule(str(category))
    if category is Category.DONE and named.category == "cancelled":
        return named
    return StatusRule(str(category), named.flow)


def link_rule(record: LinkTypeRecord) -> LinkRule:
    """What a link type means, seen from its outward end: phrases before the type's name, else it only relates."""
    outward, inward = words.PHRASES.get(fold(record.outward)), words.PHRASES.get(fold(record.inward))
    schedule = schedule_type(record.name)
    if outward is None and inward is None:
        return LinkRule(schedule or "relates")
    if outward is not None and inward is not None and outward == inward:
        # Both ends say the same ("dependent"): a symmetric phrase cannot tell who comes first.
        return LinkRule(schedule or (outward.type if outward.type != "FS" else "relates"))
    known = outward if outward is not None else inward
    assert known is not None
    reverse = known.reverse if outward is not None else not known.reverse
    return LinkRule(schedule or known.type, reverse)


def schedule_type(name: str) -> str | None:
    """FS, SS, FF or SF where a link type's name says so; None else."""
    folded = fold(name)
    return next((kind for kind, marks in words.SCHEDULE_NAMES.items() if any(m in folded for m in marks)), None)


def _bindings(references: References) -> Bindings:
    fields = references.fields
    custom = [field for field in fields if field.custom]
    boards = [board for board in references.boards if board.points_field_id]
    by_project = {board.project_id: board.points_field_id for board in boards if board.project_id}
    board_fields = [board.points_field_id for board in boards]
    points = [*_by_role(fields, FieldRole.POINTS), *board_fields, *_by_name(custom, words.POINTS_FIELDS)]
    estimates = [
        EffortField(field.external_id, unit)
        for field in custom
        if field.type == "number" and (unit := words.ESTIMATE_FIELDS.get(fold(field.name)))
    ]
    # A field can only be one of several of the same role: all are kept, in the order the tracker lists them.
    return Bindings(
        points=tuple(dict.fromkeys(ident for ident in points if ident)),
        points_by_project={project: ident for project, ident in sorted(by_project.items()) if ident},
        start=_union(_by_role(fields, FieldRole.START), _by_name(custom, words.START_FIELDS)),
        due=_union(_by_role(fields, FieldRole.END), _by_name(custom, words.END_FIELDS)),
        estimate=tuple(estimates),
        kind=_union(_by_role(fields, FieldRole.KIND), _enums(custom, words.KIND_FIELDS)),
        status=_union(_by_role(fields, FieldRole.STATUS), _enums(custom, words.STATUS_FIELDS)),
        priority=_union(_by_role(fields, FieldRole.PRIORITY)),
    )


def _by_role(fields: Iterable[FieldRecord], role: FieldRole) -> list[str]:
    return [field.external_id for field in fields if field.role is role]


def _by_name(fields: Iterable[FieldRecord], names: tuple[str, ...]) -> list[str]:
    found = [field for field in fields if fold(field.name) in names]
    return [field.external_id for field in sorted(found, key=lambda field: names.index(fold(field.name)))]


def _enums(fields: Iterable[FieldRecord], names: tuple[str, ...]) -> list[str]:
    return _by_name((field for field in fields if field.options), names)


def _union(*idents: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ident for group in idents for ident in group))
