"""An item and its changes -> the values of a work item. Pure and total: any record maps, or says why not."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from connector.records import Change, ChangedField, ChangesRecord, ItemRecord, Membership, PersonRecord
from portfolio.facts.units import MOST_POINTS
from sync.errors import UnmappableError
from sync.mapping.attributes import ATTRIBUTES
from sync.mapping.carried import carried, templates
from sync.mapping.history import rebuild
from sync.mapping.past import History, Present
from sync.mapping.profile import Carrier
from sync.mapping.projects import clean
from sync.mapping.rules import Rules
from sync.mapping.sections import own_moves, status_of
from sync.mapping.transforms import FIRST_DAY, LAST_DAY, MOST_SECONDS, Value
from sync.mapping.undoing import newest_sprint
from sync.mapping.values import number, text


class LinkValues(NamedTuple):
    """A dependency from predecessor to successor, by the tracker's ids."""

    external_id: str
    type: str
    tracker_type: str
    from_external_id: str
    to_external_id: str


class ItemValues(msgspec.Struct, kw_only=True):
    """What an item means. Projects, people, sprints and milestones are still the tracker's ids.
    `assignees` are those beside the tracker's one.

    `attributes` are the further values that people let fields carry, `templates` the codes of templates with the label
    that shows each. `unmapped` are (subject, value) pairs that no rule covers. `home` is the tracker's
    project it is in, `memberships` what it counts to by the project rules, the first in figures. `remaining_s` is what
    somebody states: what is left of an estimate depends on the day, and facts reckon it.
    """

    record: ItemRecord
    history: History
    home: str | None
    kind: str
    status: str
    category: str
    flow: str
    priority: str | None
    role: str | None
    assignees: tuple[str, ...]
    created_on: date
    start: date | None
    due: date | None
    estimate_s: int | None
    remaining_s: int | None
    points: float | None
    memberships: tuple[Membership, ...]
    people: list[PersonRecord]
    links: list[LinkValues]
    attributes: dict[str, Value]
    templates: dict[str, str]
    unmapped: list[tuple[str, str]]


def map_item(
    record: ItemRecord,
    changes: ChangesRecord | None,
    rules: Rules,
    followed: Container[str] | None = None,
    claims: Iterable[str] = (),
) -> ItemValues:
    """Map one item. `changes` None: the tracker gave no history. Raises `UnmappableError` with the reason.

    The item counts to the first of its projects that is `followed` (None: all are), or to the first source that claims
    it; `claims` are those that do by more than its payload says.
    """
    memberships = rules.placer.counted(_memberships(record, followed))
    places = rules.placer.place(record, memberships, claims)
    project = memberships[0].project_id if memberships else None
    everywhere, rules = rules, rules.of(places[0].project_id if places else None, project)
    bindings, fields, told = rules.profile.bindings, record.fields, carried(record, rules)
    said = told.values
    kind, covered, follows = rules.kind(record)
    unmapped = list(told.unread) if covered else [*told.unread, ("kind", record.kind_name or record.kind_id)]
    status_id, status = status_of(record, memberships, rules, said.get("status"))
    # A category is what the tracker states of its own status, not of what a field carries.
    stated = None if "status" in said else record.status_category
    flow = rules.flow(status_id, status, stated, record.completed, record.resolution, record.kind_name)
    points_fields = rules.points_fields(project)
    if rules.carriers("points") is not None:
        points = _float(said.get("points"))
    else:
        points = next((value for name in points_fields if (value := number(fields.get(name))) is not None), None)
    start = _day(said, "start") or record.start or _first_date(record, bindings.start, rules.carriers("start"))
    due = _day(said, "due") or record.due or _first_date(record, bindings.due, rules.carriers("due"))
    estimate = _seconds(said, "estimate", record.estimate_s)
    if estimate is None and rules.carriers("estimate") is None:
        estimate = _effort(record, rules)
    remaining = _seconds(said, "remaining", record.remaining_s)
    _check(record, start, due, (estimate, remaining, record.spent_s), points)
    present = Present(
        created=record.created,
        project=project,
        kind=kind,
        kind_follows=follows,
        type_name=record.kind_name,
        status_id=status_id,
        status_name=status,
        stated=stated,
        completed=record.completed,
        finished_at=record.completed_at or record.resolved_at,
        resolution=record.resolution,
        flagged=record.flagged,
        start=start,
        due=due,
        estimate_s=estimate,
        remaining_s=remaining,
        points=points,
        points_fields=points_fields,
        sprint=newest_sprint(record.sprint_ids),
        assignee=record.assignee_id,
        carried=frozenset(said),
    )
    if changes is not None:
        own = own_moves(_of_status(changes.changes, said, rules), project, followed)
        if own is not changes.changes:
            changes = msgspec.structs.replace(changes, changes=tuple(own))
    history = rebuild(present, changes, rules)
    return ItemValues(
        record=record,
        history=history if places is memberships else _claimed(history, project, places[0].project_id),
        home=project,
        kind=kind,
        status=status or "",
        category=flow.category,
        flow="blocked" if record.flagged else flow.flow,
        priority=_priority(record, rules, said.get("priority")),
        role=_role(said.get("role")),
        assignees=said["assignees"].persons if "assignees" in said else record.co_assignee_ids,
        created_on=rules.day(record.created),
        start=start,
        due=due,
        estimate_s=estimate,
        remaining_s=remaining,
        points=points,
        memberships=places,
        people=_people(record, changes),
        # A link may join two projects and is told from both ends: it means the same in all of them.
        links=_links(record, everywhere),
        attributes={name: value for name, value in said.items() if not ATTRIBUTES[name].own},
        templates=templates(record, rules),
        unmapped=unmapped + history.unmapped if unmapped or history.unmapped else unmapped,
    )


def _of_status(changes: Sequence[Change], said: Container[str], rules: Rules) -> Sequence[Change]:
    """The changes without those of the tracker's own status, where a field carries the status."""
    if "status" not in said:
        return changes
    fields = {carrier.field_id for carrier in rules.carriers("status") or ()}
    return [change for change in changes if change.field is not ChangedField.STATUS or change.field_id in fields]


def _memberships(record: ItemRecord, followed: Container[str] | None) -> tuple[Membership, ...]:
    """Each followed project once, the primary one first."""
    found: dict[str, Membership] = {}
    for member in record.memberships:
        if followed is None or member.project_id in followed:
            found.setdefault(member.project_id, member)
    return tuple(found.values())


def _day(said: dict[str, Value], name: str) -> date | None:
    return said[name].day if name in said else None


def _float(value: Value | None) -> float | None:
    return None if value is None or value.number is None else float(value.number)


def _seconds(said: dict[str, Value], name: str, own: int | None) -> int | None:
    number = said[name].number if name in said else None
    return own if number is None else int(number)


def _priority(record: ItemRecord, rules: Rules, said: Value | None) -> str | None:
    if said is not None:
        return said.text
    names = rules.profile.bindings.priority if rules.carriers("priority") is None else ()
    return record.priority or next((word for name in names if (word := text(record.fields.get(name)))), None)


def _role(said: Value | None) -> str | None:
    """Who has to do it, by a field that people name: no tracker states it by itself."""
    return clean(said.text or "") or None if said is not None else None


def _claimed(history: History, home: str | None, source: str) -> History:
    """The past of an item that a source claims: it counts there for all the time it was in its present project.

    What claimed it in the past is not known.
    """
    versions = [each._replace(project=source) if each.project == home else each for each in history.versions]
    return history._replace(versions=versions)


def _first_date(record: ItemRecord, field_ids: tuple[str, ...], said: tuple[Carrier, ...] | None) -> date | None:
    """The date that stands in for the item's own, by the defaults: only where people say nothing of its fields."""
    for field_id in field_ids if said is None else ():
        value = text(record.fields.get(field_id))
        if value:
            try:
                return date.fromisoformat(value[:10])
            except ValueError:
                continue
    return None


def _effort(record: ItemRecord, rules: Rules) -> int | None:
    for field in rules.profile.bindings.estimate:
        value = number(record.fields.get(field.field_id))
        if value is not None:
            return round(value * field.unit_s)
    return None


def _check(
    record: ItemRecord,
    start: date | None,
    due: date | None,
    efforts: tuple[int | None, ...],
    points: float | None,
) -> None:
    for name, day in (("start", start), ("due", due), ("created", record.created.date())):
        if day is not None and not FIRST_DAY <= day < LAST_DAY:
            raise UnmappableError(f"the {name} date {day.isoformat()} is outside of any plan")
    for seconds in efforts:
        if seconds is not None and abs(seconds) > MOST_SECONDS:
            raise UnmappableError(f"an effort of {seconds} seconds is beyond reason")
    if points is not None and abs(points) > MOST_POINTS:
        raise UnmappableError(f"{points:g} points are beyond reason")


def _people(record: ItemRecord, changes: ChangesRecord | None) -> list[PersonRecord]:
    """Everybody the payload names, so that a leaver missing from the list of people is still known."""
    people = list(record.people)
    if changes is not None:
        for change in changes.changes:
            if change.field is ChangedField.ASSIGNEE:
                for ident, name in ((change.old, change.old_text), (change.new, change.new_text)):
                    if ident:
                        people.append(PersonRecord(external_id=ident, name=name or ident))
    return people


def _links(record: ItemRecord, rules: Rules) -> list[LinkValues]:
    links = []
    for link in record.links:
        rule = rules.link(link.type_name, link.phrase, link.outward)
        # Old trackers name the other end by key alone.
        first, second = record.external_id, link.other_id or link.other_key or ""
        if rule.reverse:
            first, second = second, first
        links.append(LinkValues(link.external_id, rule.type, link.type_name, first, second))
    return links
