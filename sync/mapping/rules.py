"""A profile made ready for use: bound to a time zone and to a project, with its answers remembered.

Still pure: the same question always gets the same answer. What people say (`Said`) is asked before the defaults.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from connector.records import Category, ItemRecord
from sync.mapping.defaults import EPIC_LEVEL, SUBTASK_LEVEL, schedule_type, stated_status
from sync.mapping.placing import Placer
from sync.mapping.profile import Carrier, LinkRule, Profile, ReportedRule, Said, StatusRule, fold
from sync.mapping.values import text


class Flow(NamedTuple):
    """Where an item stands. `unmapped` is the status word no rule covers, None when one does."""

    category: str
    flow: str
    unmapped: str | None = None


# status id and name, stated category, completed, resolution, type
_Standing = tuple[str | None, str | None, Category | None, bool | None, str | None, str | None]


class Rules:
    """Answers questions by one profile. `day` turns instants into days of the portfolio's time zone.

    These are the rules for projects of which nothing is said in particular; `of` gives those for a project.
    """

    def __init__(self, profile: Profile, time_zone: str = "UTC", said: Said | None = None) -> None:
        self.profile = profile
        self.said = profile.said if said is None else said
        self.placer = Placer(profile.placing)
        self.zone: tzinfo = UTC if time_zone == "UTC" else ZoneInfo(time_zone)
        self._time_zone = time_zone
        self._flows: dict[
            tuple[str | None, str | None, Category | None, bool | None, str | None, str | None], Flow
        ] = {}
        self._kinds: dict[tuple[str | None, str | None], str | None] = {}
        self._links: dict[tuple[str, str, bool], LinkRule] = {}
        self._points: dict[str | None, tuple[str, ...]] = {}
        self._layers: dict[tuple[str | None, str | None], Rules] = {}
        self._own: dict[tuple[str | None, str | None], Rules] = {}

    def of(self, project: str | None, within: str | None = None) -> Rules:
        """The rules for items of what has the id `project`, in the tracker's project `within`, if that is another."""
        profile = self.profile
        if not profile.said_of_project and not profile.said_of_type:
            return self
        asked = (project, within or project)
        found = self._own.get(asked)
        if found is None:
            kind = profile.type_of_project.get(asked[0] or "")
            layers = (kind, asked[1] if asked[1] in profile.said_of_project else None)
            found = self._own[asked] = self._layers.get(layers) or self._layered(layers)
        return found

    def _layered(self, layers: tuple[str | None, str | None]) -> Rules:
        """One object for all projects with the same layers, so that they share its memory."""
        if layers == (None, None):
            return self
        of_type, of_project = layers
        said = self.profile.said
        if of_type is not None:
            said = self.profile.said_of_type[of_type].over(said)
        if of_project is not None:
            said = self.profile.said_of_project[of_project].over(said)
        found = self._layers[layers] = Rules(self.profile, self._time_zone, said)
        return found

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
        type_name: str | None = None,
    ) -> Flow:
        """Category and flow: as people say, else by status id, by the tracker's category, by name; else todo, reported.

        `type_name` is the tracker's word for the item's type. Where the tracker has a completed flag, that alone
        decides about done.
        """
        question = (status_id, status_name, stated, completed, resolution, type_name)
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
        type_name: str | None,
    ) -> Flow:
        rule = self._said_status(status_id, status_name, type_name) or self._known_status(
            status_id, status_name, stated
        )
        unmapped = None
        if rule is None:
            rule = StatusRule("todo")
            unmapped = (status_name or status_id or "").strip() or None
        category, flow = rule.category, rule.flow
        if completed:
            category, unmapped = ("cancelled" if category == "cancelled" else "done"), None
        elif completed is False and category == "done":
            category = "in_progress"
        cancelled = self.profile.cancelled_resolutions if self.said.cancelled is None else self.said.cancelled
        if category == "done" and resolution and fold(resolution) in cancelled:
            category = "cancelled"
        return Flow(category, flow, unmapped)

    def _said_status(self, ident: str | None, name: str | None, type_name: str | None) -> StatusRule | None:
        """By what the site calls the status now, then by what it was called; for the item's type before any type."""
        names = [known for known in (self.profile.status_names.get(ident or ""), fold(name or "")) if known]
        of_type = self.said.statuses_by_kind.get(fold(type_name)) if type_name else None
        tables = (of_type or {}, self.said.statuses)
        return next((table[known] for table in tables for known in names if known in table), None)

    def _known_status(self, ident: str | None, name: str | None, stated: Category | None) -> StatusRule | None:
        rule = self.profile.statuses_by_id.get(ident) if ident else None
        if rule is None:
            rule = stated_status(stated, self.profile.statuses_by_name.get(fold(name)) if name else None)
        return rule

    @property
    def by_type(self) -> bool:
        """Whether the same status may mean different things for different types."""
        return bool(self.said.statuses_by_kind)

    def kind_of(self, kind_id: str | None, kind_name: str | None) -> str | None:
        """The kind of a tracker's issue type as people say, by id, then by name; None when no rule covers it."""
        question = (kind_id, kind_name)
        if question not in self._kinds:
            self._kinds[question] = self._said_kind(kind_id, kind_name) or self._known_kind(kind_id, kind_name)
        return self._kinds[question]

    def _said_kind(self, kind_id: str | None, kind_name: str | None) -> str | None:
        if not self.said.kinds:
            return None
        names = (self.profile.kind_names.get(kind_id or ""), fold(kind_name or ""))
        return next((self.said.kinds[name] for name in names if name in self.said.kinds), None)

    def _known_kind(self, kind_id: str | None, kind_name: str | None) -> str | None:
        kind = self.profile.kinds_by_id.get(kind_id) if kind_id else None
        return self.profile.kinds_by_name.get(fold(kind_name)) if kind is None and kind_name else kind

    def kind(self, record: ItemRecord) -> tuple[str, bool, bool]:
        """(kind, whether a rule covers it, whether it follows the tracker's kind through history)."""
        stated = self._stated_kind(record)
        if stated is not None:
            return stated, True, False
        kind = self.kind_of(record.kind_id, record.kind_name)
        if self._said_kind(record.kind_id, record.kind_name) is not None:
            assert kind is not None
            return self._said_in_place(kind, record), True, True
        if record.milestone:
            return "milestone", True, False
        if kind in (None, "task") and "kind" not in self.said.fields:
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

    def _stated_kind(self, record: ItemRecord) -> str | None:
        """The kind an item itself states, whatever its type: by label, or by a choice that people say something of."""
        if record.labels:
            words = [fold(label) for label in record.labels]
            for labels in (self.said.labels, self.profile.kinds_by_label):
                for word in words if labels else ():
                    if word in labels:
                        return labels[word]
        for carrier in self.said.fields.get("kind", ()):
            word = fold(text(record.fields.get(carrier.field_id)) or "")
            stated = carrier.values.get(word) or self.said.kinds.get(word) or self.profile.kinds_by_name.get(word)
            if stated is not None:
                return stated
        if not self.said.kinds or "kind" in self.said.fields:
            return None
        told = (fold(text(record.fields.get(field_id)) or "") for field_id in self.profile.bindings.kind)
        return next((self.said.kinds[word] for word in told if word in self.said.kinds), None)

    def _said_in_place(self, kind: str, record: ItemRecord) -> str:
        """What is said of a type, except for a sub-task by place alone whose type is that of ordinary work."""
        by_place = record.subtask or record.level == SUBTASK_LEVEL
        if by_place and kind in ("task", "story") and self._known_kind(record.kind_id, record.kind_name) != "subtask":
            return "subtask"
        return kind

    def carriers(self, attribute: str) -> tuple[Carrier, ...] | None:
        """The fields people let carry an attribute, best first; None where they say nothing of it."""
        return self.said.fields.get(attribute)

    def points_fields(self, project_id: str | None) -> tuple[str, ...]:
        """The fields that may hold story points in this project, best first."""
        found = self._points.get(project_id)
        if found is None and (said := self.carriers("points")) is not None:
            found = self._points[project_id] = tuple(carrier.field_id for carrier in said)
        elif found is None:
            bindings = self.profile.bindings
            own = bindings.points_by_project.get(project_id) if project_id else None
            found = self._points[project_id] = (own, *bindings.points) if own else bindings.points
        return found

    def link(self, type_name: str, phrase: str, outward: bool) -> LinkRule:
        """What a link means seen from this item: as people say, by its type, by its phrase, else it only relates."""
        asked = (type_name, phrase, outward)
        answer = self._links.get(asked)
        if answer is None:
            answer = self._links[asked] = self._link(*asked)
        return answer

    def _link(self, type_name: str, phrase: str, outward: bool) -> LinkRule:
        rule = self.said.links.get(fold(type_name)) or self.profile.links_by_type.get(fold(type_name))
        if rule is None:
            # The site's catalogue does not list the type: its name may still tell a schedule link's kind.
            known, schedule = self.profile.links_by_phrase.get(fold(phrase)), schedule_type(type_name)
            reverse = known.reverse if known is not None else not outward
            return LinkRule(schedule or (known.type if known is not None else "relates"), reverse)
        return rule if outward else LinkRule(rule.type, not rule.reverse)

    def reported(self, word: str | None) -> ReportedRule | None:
        """What a project's word on itself means; None for no word, or one that no rule covers."""
        if not word:
            return None
        told = fold(word).replace(" ", "_")
        return self.said.reported.get(told) or self.profile.reported.get(told)
