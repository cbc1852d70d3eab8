"""What the section an item stands in says of its status, where the tracker has no status of its own. Pure.

An item may stand in several projects, in a section of each. Only the project it counts to has a say: the first followed
one. So a move between the sections of another project is no change of status.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from connector.records import Change, ChangedField, ItemRecord, Membership
from sync.mapping.rules import Rules
from sync.mapping.transforms import Value
from sync.mapping.values import text


def status_of(
    record: ItemRecord, memberships: Sequence[Membership], rules: Rules, said: Value | None = None
) -> tuple[str | None, str | None]:
    """Id and name of the status: of the field that people `said` carries it, else the tracker's own, else of a status
    field, else of the section in the first membership."""
    if said is not None:
        return None, said.text
    if record.status_name:
        return record.status_id, record.status_name
    for field_id in rules.profile.bindings.status if rules.carriers("status") is None else ():
        named = text(record.fields.get(field_id))
        if named:
            return record.status_id, named
    if record.status_id is None and memberships:
        return memberships[0].section_id, memberships[0].section_name
    return record.status_id, None


def own_moves(changes: Sequence[Change], project: str | None, followed: Container[str] | None) -> Sequence[Change]:
    """The changes, oldest first, without moves in projects the item did not count to when they were made.

    `project` is the one it counts to now; it counted to another before, if it came from one that is `followed`. A
    change that names no project is kept.
    """
    for change in changes:
        if change.project_id is not None and change.project_id != project:
            break
    else:
        return changes
    kept = []
    for change in reversed(changes):
        if change.project_id is not None and change.project_id != project:
            continue
        kept.append(change)
        if change.field is ChangedField.PROJECT and change.old and (followed is None or change.old in followed):
            project = change.old
    return kept[::-1]
