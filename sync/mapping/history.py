"""An item's past, rebuilt by walking back from its present through its changes. Pure.

Day grain: a version is the state at the end of each day from `valid_from` up to, not including, `valid_to`; the current
one ends on `FAR`. Days are those of `Rules.day`. The present is always right: where a tracker's history and its present
disagree (a status renamed by a migration), the present wins and the older value of each change is believed.

How a change is undone stands in `undoing`. What became of the item by then (when it was started, finished, put back,
and how long that took) is followed by `course`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from connector.records import Change, ChangedField, ChangesRecord
from portfolio.model.base import FAR
from sync.mapping.course import Course, Phase
from sync.mapping.past import History, Present, TransitionValues, VersionValues
from sync.mapping.rules import Flow, Rules
from sync.mapping.undoing import Undoing

_KIND = ChangedField.KIND.value
_OWN = {field.value for field in (ChangedField.DUE, ChangedField.START, ChangedField.ESTIMATE, ChangedField.REMAINING)}
_TURNING = {ChangedField.STATUS.value, ChangedField.RESOLUTION.value, ChangedField.COMPLETED.value}
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
        self.undoing = Undoing(present, rules)
        self.flow = flow
        self.rules = rules
        self.transitions: list[TransitionValues] = []
        self.phases: list[Phase] = []
        self.snapshots: list[_Snapshot] = []
        if flow.unmapped is not None:
            self.undoing.unmapped.append(("status", flow.unmapped))

    def back(self, changes: Sequence[Change]) -> None:
        state, undoing, created_on, day_of = self.state, self.undoing, self.undoing.created_on, self.rules.day
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
                    undoing.turn_back(change)
                elif field in state.carried and field in _OWN:
                    continue
                else:
                    if field == _KIND and self.rules.by_type:
                        by, turned = change.by_id, True
                    undoing.undo(change, field)
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

    def _transition(self, at: datetime, to_status: str | None, by: str | None) -> None:
        state, after = self.state, self.flow
        before = self.rules.flow(
            state.status_id, state.status_name, state.stated, state.completed, state.resolution, state.type_name
        )
        if before.unmapped is not None:
            self.undoing.unmapped.append(("status", before.unmapped))
        self.flow = before
        if before.category != after.category or state.status_name != to_status:
            values = TransitionValues(at, state.status_name or "", to_status or "", before.category, after.category, by)
            self.transitions.append(values)

    def told(self, *, synthetic: bool) -> History:
        """Put what the walk saw into order, oldest first, with what became of the item by the end of each day."""
        past, phases = self.undoing, self.phases[::-1]
        course, passed = Course(phases[0]), 1
        outcome, first_due = course.outcome(), None
        versions: list[VersionValues] = []
        since = past.created_on
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
            past.field_changes[::-1],
            versions,
            outcome.started_on,
            outcome.finished_on,
            past.first_due,
            past.parent_since or past.created_on,
            synthetic,
            past.unmapped,
        )
