"""Changes undone, one after the other, newest first: what an item was before each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from connector.records import Change, ChangedField
from portfolio.facts.units import MOST_POINTS
from sync.mapping.past import FieldChangeValues, Present
from sync.mapping.rules import Rules
from sync.mapping.transforms import MOST_SECONDS
from sync.mapping.values import number

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
_TRUE = {"true", "1", "yes"}


class Undoing:
    """An item on its way back. `state` is what it was before the changes that were undone so far."""

    def __init__(self, present: Present, rules: Rules) -> None:
        self.state = present
        self.created_on = rules.day(present.created)
        self.first_due = present.due
        self.parent_since: date | None = None
        self.field_changes: list[FieldChangeValues] = []
        self.unmapped: list[tuple[str, str]] = []
        self._rules = rules

    def turn_back(self, change: Change) -> None:
        """Undo a change of what decides where the item stands: status, resolution, the completed flag."""
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

    def undo(self, change: Change, field: str) -> None:
        """Undo any other change; `field` is the value of its field. What is kept of it is written down."""
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
        self.state.points = self._number(change, MOST_POINTS)

    def _sprint_back(self, change: Change) -> None:
        self.state.sprint = newest_sprint((change.old or "").split(","))

    def _parent_back(self, change: Change) -> None:
        # The newest change is met first.
        self.parent_since = self.parent_since or max(self._rules.day(change.at), self.created_on)

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
        kind = self._rules.kind_of(change.old, change.old_text)
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
        value = self._number(change, MOST_SECONDS)
        return None if value is None else round(value)

    def _number(self, change: Change, most: int) -> float | None:
        """The number that was there before; one beyond reason is reported, and none."""
        said = change.old if change.old else change.old_text
        value = number(said)
        if value is not None and abs(value) > most:
            self.unmapped.append((f"history of {change.field.value}", said or ""))
            return None
        return value


def newest_sprint(idents: Sequence[str]) -> str | None:
    """The sprint an item is in, of all those it was ever in: trackers name them in order and the last one counts."""
    return idents[-1].strip() or None if idents else None


_UNDO: dict[str, Callable[[Undoing, Change], None]] = {
    ChangedField.DUE.value: Undoing._due_back,
    ChangedField.START.value: Undoing._start_back,
    ChangedField.ESTIMATE.value: Undoing._estimate_back,
    ChangedField.REMAINING.value: Undoing._remaining_back,
    ChangedField.POINTS.value: Undoing._points_back,
    ChangedField.SPRINT.value: Undoing._sprint_back,
    ChangedField.ASSIGNEE.value: Undoing._assignee_back,
    ChangedField.PROJECT.value: Undoing._project_back,
    ChangedField.PARENT.value: Undoing._parent_back,
    ChangedField.FLAGGED.value: Undoing._flagged_back,
    ChangedField.KIND.value: Undoing._kind_back,
}
