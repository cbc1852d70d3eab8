"""A profile made ready for use: bound to a time zone, with its answers remembered.

Still pure: the same question always gets the same answer.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connector.records import Category, ItemRecord
from sync.mapping.defaults import EPIC_LEVEL, SUBTASK_LEVEL, schedule_type, stated_status
from sync.mapping.profile import LinkRule, Profile, ReportedRule, StatusRule, fold, text


class Flow(NamedTuple):
    """Where an item stands. `unmapped` is the status word no rule covers, None when one does."""

    category: str
    flow: str
    unmapped: str | None = None


class Rules:
    """Answers questions by one profile. `day` turns instants into days of the portfolio's time zone."""

    def __init__(self, profile: Profile, time_zone: str = "UTC") -> None:
        self.profile = profile
        self.zone: tzinfo = UTC if time_zone == "UTC" else ZoneInfo(time_zone)
        self._flows: dict[tuple[str | None, str | None, Category | None, bool | None, str | None], Flow] = {}
        self._kinds: dict[tuple[str | None, str | None], str | None] = {}
        self._points: dict[str | None, tuple[str, ...]] = {}

    def day(self, moment: datetime) -> date:
        """The day of an instant."""
        # Records carry UTC: where that is the portfolio's zone too, there is nothing to convert.
        return moment.date() if moment.tzinfo is self.zone else moment.astimezone(self.zone).date()

    def flow(
        self,
        status_id: str | None,
        status_name: str | None,
        stated: Category | None = None,
        completed: bool | None = None,
        resolution: str | None = None,
    ) -> Flow:
        """Category and flow: by status id, then by the tracker's category, then by name; unmapped is todo, reported.

        Where the tracker has a completed flag, that alone decides about done.
        """
        question = (status_id, status_name, stated, completed, resolution)
        answer = self._flows.get(question)
        if answer is None:
            answer = self._flows[question] = self._flow(*question)
        return answer

    def _flow(
        self,
        status_id: str | None,
        status_name: str | None,
        stated: Category | None,
        completed: bool | None,
        resolution: str | None,
    ) -> Flow:
        profile = self.profile
        rule = profile.statuses_by_id.get(status_id) if status_id else None
        if rule is None:
            named = profile.statuses_by_name.get(fold(status_name)) if status_name else None
            rule = stated_status(stated, named)
        unmapped = None
        if rule is None:
            rule = StatusRule("todo")
            unmapped = (status_name or status_id or "").strip() or None
        category, flow = rule.category, rule.flow
        if completed:
            category, unmapped = ("cancelled" if category == "cancelled" else "done"), None
        elif completed is False and category == "done":
            category = "in_progress"
        if category == "done" and resolution and fold(resolution) in profile.cancelled_resolutions:
            category = "cancelled"
        return Flow(category, flow, unmapped)

    def kind_of(self, kind_id: str | None, kind_name: str | None) -> str | None:
        """The kind of a tracker's issue type by id, then by name; None when no rule covers it."""
        question = (kind_id, kind_name)
        if question not in self._kinds:
            kind = self.profile.kinds_by_id.get(kind_id) if kind_id else None
            if kind is None and kind_name:
                kind = self.profile.kinds_by_name.get(fold(kind_name))
            self._kinds[question] = kind
        return self._kinds[question]

    def kind(self, record: ItemRecord) -> tuple[str, bool, bool]:
        """(kind, whether a rule covers it, whether it follows the tracker's kind through history)."""
        for label in record.labels:
            labelled = self.profile.kinds_by_label.get(fold(label))
            if labelled is not None:
                return labelled, True, False
        if record.milestone:
            return "milestone", True, False
        kind = self.kind_of(record.kind_id, record.kind_name)
        if kind in (None, "task"):
            for field_id in self.profile.bindings.kind:
                named = self.profile.kinds_by_name.get(fold(text(record.fields.get(field_id)) or ""))
                if named is not None:
                    return named, True, False
        if kind == "task" and record.approval is not None:
            return "acceptance", True, False
        if record.subtask or record.level == SUBTASK_LEVEL:
            # A task by name that is a sub-task by place is a sub-task; a bug below a story stays a bug.
            return ("subtask" if kind in (None, "task", "story", "subtask") else kind), True, False
        if kind is not None:
            return kind, True, True
        if record.level is not None and record.level >= EPIC_LEVEL:
            return "epic", True, True
        return "other", False, True

    def points_fields(self, project_id: str | None) -> tuple[str, ...]:
        """The fields that may hold story points in this project, best first."""
        found = self._points.get(project_id)
        if found is None:
            bindings = self.profile.bindings
            own = bindings.points_by_project.get(project_id) if project_id else None
            found = self._points[project_id] = (own, *bindings.points) if own else bindings.points
        return found

    def link(self, type_name: str, phrase: str, outward: bool) -> LinkRule:
        """What a link means seen from this item: by its type, then by its phrase, else it only relates."""
        rule = self.profile.links_by_type.get(fold(type_name))
        if rule is None:
            # The site's catalogue does not list the type: its name may still tell a schedule link's kind.
            known, schedule = self.profile.links_by_phrase.get(fold(phrase)), schedule_type(type_name)
            reverse = known.reverse if known is not None else not outward
            return LinkRule(schedule or (known.type if known is not None else "relates"), reverse)
        return rule if outward else LinkRule(rule.type, not rule.reverse)

    def reported(self, word: str | None) -> ReportedRule | None:
        """What a project's word on itself means; None for no word, or one that no rule covers."""
        return self.profile.reported.get(fold(word).replace(" ", "_")) if word else None
