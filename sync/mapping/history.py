"""An item's past, rebuilt by walking back from its present through its changes. Pure.

Day grain: a version is the state at the end of each day from `valid_from` up to, not including, `valid_to`; the current
one ends on `FAR`. Days are those of `Rules.day`. The present is always right: where a tracker's history and its present
disagree (a status renamed by a migration), the present wins and the older value of each change is believed.

What became of it by then (when it was started, finished, put back, and how long that took) is followed by `course`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from connector.records import Category, Change, ChangedField, ChangesRecord
from portfolio.model.work import FAR
from sync.mapping.course import Course, Phase
from sync.mapping.rules import Flow, Rules
from sync.mapping.transforms import MOST_SECONDS
from sync.mapping.values import number


class TransitionValues(NamedTuple):
    """One change of status or of category; `by` is an account."""

    at: datetime
    from_status: str
    to_status: str
    from_category: str
    to_category: str
    by: str | None


class FieldChangeValues(NamedTuple):
    """One change of a field, as text; `by` is an account."""

    at: datetime
    field: str
    old: str | None
    new: str | None
    by: str | None


class VersionValues(NamedTuple):
    """The state of an item over some days; project, sprint and assignee are the tracker's ids."""

    valid_from: date
    valid_to: date
    project: str | None
    kind: str
    category: str
    flow: str
    start: date | None
    due: date | None
    estimate_s: int | None
    remaining_s: int | None
    points: float | None
    sprint: str | None
    assignee: str | None
    first_due: date | None
    started_on: date | None
    finished_on: date | None
    reopened_on: date | None
    active_s: int | None
    flow_s: int | None
    lead_s: int | None


class Present(msgspec.Struct, kw_only=True):
    """An item as it stands, in the terms history is told in. Walking back changes it: make one per walk.

    `type_name` is the tracker's word for its type. `carried` are attributes that a field carries which people named:
    changes of the tracker's own dates and efforts are none of these, and what they are now holds for all of the past.
    """

    created: datetime
    project: str | None
    kind: str
    kind_follows: bool = True
    type_name: str | None = None
    status_id: str | None = None
    status_name: str | None = None
    stated: Category | None = None
    completed: bool | None = None
    finished_at: datetime | None = None
    resolution: str | None = None
    flagged: bool = False
    start: date | None = None
    due: date | None = None
    estimate_s: int | None = None
    remaining_s: int | None = None
    points: float | None = None
    points_fields: tuple[str, ...] = ()
    sprint: str | None = None
    assignee: str | None = None
    carried: frozenset[str] = frozenset()


class History(NamedTuple):
    """What became of an item. `synthetic`: part of it is inferred from dates, because the tracker gave no history.

    `first_due` is the first due date ever known. `parent_since` is the day from which it hangs where it hangs now.
    `unmapped` are (subject, value) pairs that no rule covers.
    """

    transitions: list[TransitionValues]
    field_changes: list[FieldChangeValues]
    versions: list[VersionValues]
    started_on: date | None
    finished_on: date | None
    first_due: date | None
    parent_since: date
    synthetic: bool
    unmapped: list[tuple[str, str]]


_KEPT = {
    field.value
    for field in (
        ChangedField.DUE,
        ChangedField.START,
        ChangedField.ESTIMATE,
        ChangedField.REMAINING,
        ChangedField.POINTS,
        ChangedField.ASSIGNEE,
        ChangedField.PROJECT,
    )
}
_POINTS = ChangedField.POINTS.value
_KIND = ChangedField.KIND.value
_OWN = {field.value for field in (ChangedField.DUE, ChangedField.START, ChangedField.ESTIMATE, ChangedField.REMAINING)}
_TURNING = {ChangedField.STATUS.value, ChangedField.RESOLUTION.value, ChangedField.COMPLETED.value}
_TRUE = {"true", "1", "yes"}
# project, kind, category, flow, start, due, estimate_s, remaining_s, points, sprint, assignee: as in VersionValues
_State = tuple[
    str | None, str, str, str, date | None, date | None, int | None, int | None, float | None, str | None, str | None
]
_DUE = 5
_Snapshot = tuple[date, _State]


def rebuild(present: Present, record: ChangesRecord | None, rules: Rules) -> History:
    """Walk back from `present` through the changes of `record`; None means that the tracker gave no history."""
    changes: Sequence[Change] = record.changes if record is not None else ()
    flow = rules.flow(
        present.status_id, present.status_name, present.stated, present.completed, present.resolution, present.type_name
    )
    changes, inferred = _with_finish(present, changes, flow)
    walk = _Walk(present, flow, rules)
    walk.back(changes)
    return walk.told(synthetic=inferred or record is None or not record.complete)


def _with_finish(present: Present, changes: Sequence[Change], flow: Flow) -> tuple[Sequence[Change], bool]:
    """Add the finish the changes do not tell but a date does. Returns the changes and whether that was inferred."""
    if flow.category not in ("done", "cancelled") or present.finished_at is None:
        return changes, False
    telling = ChangedField.STATUS if present.completed is None else ChangedField.COMPLETED
    for change in changes:
        if change.field is telling:
            return changes, False
    finish = Change(at=present.finished_at, field=telling, old="false" if present.completed else "", new="true")
    # The completed flag's own date is a fact of the tracker; a status before a resolution date is a guess.
    return sorted((*changes, finish), key=_instant), present.completed is None


def _instant(change: Change) -> datetime:
    return change.at


class _Walk:
    """One walk back. `back` goes once through the changes, newest first; `told` puts what was seen in order."""

    def __init__(self, present: Present, flow: Flow, rules: Rules) -> None:
        self.state = present
        self.flow = flow
        self.rules = rules
        self.created_on = rules.day(present.created)
        self.first_due = present.due
        self.parent_since: date | None = None
        self.transitions: list[TransitionValues] = []
        self.phases: list[Phase] = []
        self.field_changes: list[FieldChangeValues] = []
        self.snapshots: list[_Snapshot] = []
        self.unmapped: list[tuple[str, str]] = []
        if flow.unmapped is not None:
            self.unmapped.append(("status", flow.unmapped))

    def back(self, changes: Sequence[Change]) -> None:
        state, created_on, day_of = self.state, self.created_on, self.rules.day
        position, seen = len(changes) - 1, None
        while position >= 0:
            at = changes[position].at
            day = day_of(at)
            if day < created_on:
                day = created_on
            if day != seen and (seen is None or day < seen):
                self.snapshots.append((day, self._snapshot()))
                seen = day
            name, turned, by, after = state.status_name, False, None, self._standing()
            while position >= 0 and changes[position].at == at:
                change = changes[position]
                position -= 1
                # The value, not the member: a member's hash is computed in Python, and this is the innermost loop.
                field = change.field._value_
                if field in _TURNING:
                    by, turned = change.by_id, True
                    self._turn_back(change)
                elif field in self.state.carried and field in _OWN:
                    continue
                else:
                    if field == _KIND and self.rules.by_type:
                        by, turned = change.by_id, True
                    self._undo(change, field)
            if turned:
                self._transition(at, name, by)
            if self._standing() != after:
                self.phases.append(Phase(at, day, *after))
        self.phases.append(Phase(state.created, created_on, *self._standing()))
        if seen is None or seen > created_on:
            self.snapshots.append((created_on, self._snapshot()))

    def _standing(self) -> tuple[str, str]:
        """Category and flow; what is flagged is blocked, whatever its status."""
        return self.flow.category, "blocked" if self.state.flagged else self.flow.flow

    def _snapshot(self) -> _State:
        state = self.state
        return (
            state.project,
            state.kind,
            *self._standing(),
            state.start,
            state.due,
            state.estimate_s,
            state.remaining_s,
            state.points,
            state.sprint,
            state.assignee,
        )

    def _turn_back(self, change: Change) -> None:
        state = self.state
        if change.field is ChangedField.STATUS:
            state.status_id, state.status_name = change.old or None, change.old_text or None
            state.stated = None
        elif change.field is ChangedField.RESOLUTION:
            state.resolution = change.old_text or change.old or None
        else:
            old = change.old if change.old is not None else change.old_text
            new = change.new if change.new is not None else change.new_text
            state.completed = old.lower() in _TRUE if old else not (new is not None and new.lower() in _TRUE)
            # What the tracker states, it states of the present flag.
            state.stated = None

    def _transition(self, at: datetime, to_status: str | None, by: str | None) -> None:
        state, after = self.state, self.flow
        before = self.rules.flow(
            state.status_id, state.status_name, state.stated, state.completed, state.resolution, state.type_name
        )
        if before.unmapped is not None:
            self.unmapped.append(("status", before.unmapped))
        self.flow = before
        if before.category != after.category or state.status_name != to_status:
            values = TransitionValues(at, state.status_name or "", to_status or "", before.category, after.category, by)
            self.transitions.append(values)

    def _undo(self, change: Change, field: str) -> None:
        old = change.old
        if field in _KEPT:
            if field == _POINTS and change.field_id and change.field_id not in self.state.points_fields:
                return
            self.field_changes.append(
                FieldChangeValues(
                    change.at,
                    field,
                    old if old is not None else change.old_text,
                    change.new if change.new is not None else change.new_text,
                    change.by_id,
                )
            )
        undo = _UNDO.get(field)
        if undo is not None:
            undo(self, change)

    def _due_back(self, change: Change) -> None:
        due = self.state.due = self._date(change.old, "due")
        if due is not None:
            self.first_due = due
        elif change.new:
            self.first_due = self._date(change.new, "due") or self.first_due

    def _start_back(self, change: Change) -> None:
        self.state.start = self._date(change.old, "start")

    def _estimate_back(self, change: Change) -> None:
        self.state.estimate_s = self._seconds(change)

    def _remaining_back(self, change: Change) -> None:
        self.state.remaining_s = self._seconds(change)

    def _points_back(self, change: Change) -> None:
        self.state.points = number(change.old or change.old_text)

    def _sprint_back(self, change: Change) -> None:
        self.state.sprint = newest_sprint((change.old or "").split(","))

    def _parent_back(self, change: Change) -> None:
        # The newest change is met first.
        self.parent_since = self.parent_since or max(self.rules.day(change.at), self.created_on)

    def _assignee_back(self, change: Change) -> None:
        self.state.assignee = change.old or None

    def _project_back(self, change: Change) -> None:
        self.state.project = change.old or self.state.project

    def _flagged_back(self, change: Change) -> None:
        self.state.flagged = bool((change.old or change.old_text or "").strip("[] "))

    def _kind_back(self, change: Change) -> None:
        self.state.type_name = change.old_text or None
        if not self.state.kind_follows:
            return
        kind = self.rules.kind_of(change.old, change.old_text)
        if kind is None and (change.old_text or change.old):
            self.unmapped.append(("kind", change.old_text or change.old or ""))
        self.state.kind = kind or "other"

    def _date(self, value: str | None, field: str) -> date | None:
        if not value:
            return None
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            self.unmapped.append((f"history of {field}", value))
            return None

    def _seconds(self, change: Change) -> int | None:
        said = change.old if change.old else change.old_text
        value = number(said)
        if value is not None and abs(value) > MOST_SECONDS:
            self.unmapped.append((f"history of {change.field.value}", said or ""))
            return None
        return None if value is None else round(value)

    def told(self, *, synthetic: bool) -> History:
        """Put what the walk saw into order, oldest first, with what became of the item by the end of each day."""
        phases = self.phases[::-1]
        course, passed = Course(phases[0]), 1
        outcome, first_due = course.outcome(), None
        versions: list[VersionValues] = []
        since = self.created_on
        last: tuple[Any, ...] | None = None
        for day, snapshot in reversed(self.snapshots):
            while passed < len(phases) and phases[passed].on <= day:
                course.enter(phases[passed])
                outcome, passed = course.outcome(), passed + 1
            first_due = first_due or snapshot[_DUE]
            state = (*snapshot, first_due, *outcome)
            if state == last:
                continue
            if last is not None:
                versions.append(VersionValues(since, day, *last))
            since, last = day, state
        if last is not None:
            versions.append(VersionValues(since, FAR, *last))
        return History(
            self.transitions[::-1],
            self.field_changes[::-1],
            versions,
            outcome.started_on,
            outcome.finished_on,
            self.first_due,
            self.parent_since or self.created_on,
            synthetic,
            self.unmapped,
        )


def newest_sprint(idents: Sequence[str]) -> str | None:
    """The sprint an item is in, of all those it was ever in: trackers name them in order and the last one counts."""
    return idents[-1].strip() or None if idents else None


_UNDO: dict[str, Callable[[_Walk, Change], None]] = {
    ChangedField.DUE.value: _Walk._due_back,
    ChangedField.START.value: _Walk._start_back,
    ChangedField.ESTIMATE.value: _Walk._estimate_back,
    ChangedField.REMAINING.value: _Walk._remaining_back,
    ChangedField.POINTS.value: _Walk._points_back,
    ChangedField.SPRINT.value: _Walk._sprint_back,
    ChangedField.ASSIGNEE.value: _Walk._assignee_back,
    ChangedField.PROJECT.value: _Walk._project_back,
    ChangedField.PARENT.value: _Walk._parent_back,
    ChangedField.FLAGGED.value: _Walk._flagged_back,
    ChangedField.KIND.value: _Walk._kind_back,
}
