"""The course of one project: which items come into being, when each is meant to be done, and when it is."""

from __future__ import annotations

from random import Random

from simulator.company import names
from simulator.company.item import Item
from simulator.company.lives import choose, estimate, live
from simulator.company.plan import Project, Tracker
from simulator.company.tempers import Temper, reached

FAR = 5000.0  # a position nobody lives to see
_PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
_LABELS = ("pilot", "follow-up", "quick-win", "customer", "compliance", "tech-debt")


class Course:
    """Builds a project's items. `size` is the number of items wanted by today; `today` a position."""

    def __init__(self, rng: Random, project: Project, temper: Temper, size: int, today: float) -> None:
        self.rng, self.project, self.temper, self.size, self.today = rng, project, temper, size, today
        calendar = project.calendar
        self.first = float(calendar.index(project.begin))
        self.span = max(10.0, calendar.index(project.due) - self.first)
        self.hold = self.first + 0.7 * (today - self.first) if project.temper == "on_hold" else FAR
        self._next = 0

    def item(self, kind: str, created: float, begun: float, ended: float, parent: Item | None = None) -> Item:
        """A new item, created at a position before today."""
        rng, project = self.rng, self.project
        moment = project.calendar.moment(created)
        item = Item(
            self._next, project, kind, names.title(rng, kind), moment, choose(rng, project.members), begun, ended
        )
        self._next += 1
        item.parent = parent
        item.priority = rng.choices(_PRIORITIES, (1, 4, 12, 4, 1))[0]
        if rng.random() < 0.25:
            item.labels = tuple(sorted(rng.sample(_LABELS, rng.randint(1, 2))))
        if project.components and rng.random() < 0.6:
            item.component = rng.choice(project.components)
        project.items.append(item)
        return item

    def run(self) -> None:
        """Fill the project with work."""
        leaves = max(3, round(self.size * 0.72))
        total = max(leaves, round(leaves / self._share_created()))
        epics = self._epics(max(1, total // 22))
        for number in range(total):
            self._leaf((number + 0.5) / total, epics)
        for epic in epics:
            self._close_epic(epic)

    def three_items(self) -> None:
        """A project that has hardly begun: three items, one without a date, none of them estimated."""
        for number in range(3):
            created = self.first + number * 0.4
            item = self.item("task", created, created + 2 if number == 0 else FAR, FAR)
            item.assignee = self.project.lead if number < 2 else None
            if number:
                item.due = self.project.calendar.day(self.today + 10 * number)
            if number == 0:
                item.intend(created + 2, self.project.lead, "status", "doing")

    def _share_created(self) -> float:
        """The share of all items that exists by today: the first wave, and what has grown since."""
        share = min(1.0, (self.today - self.first) / self.span)
        return min(1.0, 0.6 + 0.4 * share)

    def _epics(self, count: int) -> list[Item]:
        if self.project.tracker is Tracker.ASANA:
            return []
        return [self.item("epic", self.first + self.rng.uniform(0, 3), FAR, FAR) for _ in range(count)]

    def _leaf(self, share: float, epics: list[Item]) -> None:
        rng, temper = self.rng, self.temper
        kind = rng.choices(("story", "task", "bug"), (5, 3, 1.6))[0]
        if self.project.tracker is Tracker.ASANA:
            kind = "approval" if rng.random() < 0.05 else "task"
        planned = self.first + 3 + share * (self.span - 3)
        ended = self.first + 3 + reached(temper, share) * (self.span - 3) + rng.gauss(0, temper.jitter)
        cycle = rng.lognormvariate(0, 0.5) * temper.cycle_days * (1 + temper.cycle_growth * share)
        begun = max(self.first + 1, ended - cycle)
        ended = max(ended, begun + 0.5)
        if ended > self.hold:
            begun, ended = (begun, FAR) if begun < self.hold else (FAR, FAR)
        created = self._created(kind, share, begun)
        if created >= self.today:
            return
        parent = epics[int(share * len(epics))] if epics and rng.random() < 0.85 else None
        item = self.item(kind, created, begun, ended, parent)
        if self.project.tracker is not Tracker.ASANA and kind != "bug":
            self._sort_in_later(item, created)
        item.phase = int(share * max(1, len(self.project.phases)))
        estimate(rng, item, temper)
        live(rng, item, temper, created, planned)
        if kind == "approval":
            self._decide(item)
        elif kind != "bug" and rng.random() < 0.14:
            self._subtasks(item)

    def _sort_in_later(self, item: Item, created: float) -> None:
        """Some items find their epic, or their proper type, only after a while."""
        rng, lead = self.rng, self.project.lead
        if item.parent and rng.random() < 0.06:
            item.intend(created + rng.uniform(0.5, 10), lead, "parent", item.parent)
            item.parent = None
        if rng.random() < 0.02:
            item.intend(created + rng.uniform(0.1, 5), lead, "kind", "task" if item.kind == "story" else "story")

    def _created(self, kind: str, share: float, begun: float) -> float:
        """Before the work begins; for a bug shortly before, for grown scope any time, else in the first wave."""
        rng = self.rng
        latest = min(begun - 0.1, self.today + (0 if begun < self.today else 60))
        if kind == "bug":
            return max(self.first, begun - rng.uniform(0.5, 9))
        if rng.random() < self.temper.growth or share > 0.85:
            return rng.uniform(self.first, max(self.first + 0.1, latest))
        return min(self.first + rng.uniform(0, 12), max(self.first, begun - 0.1))

    def _subtasks(self, parent: Item) -> None:
        """Two to four steps inside the parent's own working time."""
        rng = self.rng
        if parent.begun >= self.today:
            return
        span = parent.ended - parent.begun if parent.ended < FAR else 6.0
        number = rng.randint(2, 4)
        for step in range(number):
            created = max(parent.begun - 0.08, self.project.calendar.index(parent.created.date()) + 0.999)
            begun = max(created + 0.02, parent.begun + span * step / number)
            ended = max(begun + 0.05, parent.begun + span * (step + 0.8) / number)
            if parent.ended >= FAR and step > number / 2:
                begun, ended = FAR, FAR
            if created >= self.today:
                continue
            child = self.item("subtask", created, begun, ended, parent)
            child.phase = parent.phase
            estimate(rng, child, self.temper)
            live(rng, child, self.temper, created, ended)

    def _decide(self, item: Item) -> None:
        """An approval is answered when it ends and pending when it is open; one in five is sent back once.

        Any answer completes an approval, so the status always moves with it.
        """
        item.approval = "pending"
        owner = item.assignee or self.project.lead
        span = item.ended - item.begun
        for intent in list(item.intents):
            if intent.field == "status":
                answer = "approved" if intent.value in ("done", "cancelled") else "pending"
                item.intend(intent.position, intent.by, "approval", answer)
        if self.rng.random() < 0.2:
            answer = self.rng.choice(("changes_requested", "rejected"))
            for position, values in (
                (item.begun + span * 0.62, {"status": "done", "resolution": "Done", "approval": answer}),
                (item.begun + span * 0.64, {"status": "doing", "resolution": None, "approval": "pending"}),
            ):
                for name, value in values.items():
                    item.intend(position, owner, name, value)

    def _close_epic(self, epic: Item) -> None:
        """An epic begins with its first child; it ends after its last one, not always at once."""
        rng = self.rng
        children = [item for item in self.project.items if item.parent is epic]
        if not children:
            return
        epic.phase = children[0].phase
        begun = min(child.begun for child in children)
        last = max(child.ended for child in children)
        epic.begun, epic.ended = begun + 0.01, last + rng.uniform(0.2, 6)
        epic.assignee = self.project.lead
        if rng.random() < 0.8 and "undated" not in self.project.quirks:
            dues = [child.due for child in children if child.due]
            epic.due = max(dues) if dues else None
        epic.intend(epic.begun, self.project.robot, "status", "doing")
        epic.intend(epic.ended, self.project.lead, "status", "done")
        epic.intend(epic.ended, self.project.lead, "resolution", "Done")


def settle(project: Project, today: float) -> None:
    """Live every item up to today and order them as they were created; milestones take their present due date."""
    for item in project.items:
        item.settle(today)
        if item.kind == "milestone" and item.milestone and item.due:
            item.milestone.due = item.due
    project.items.sort(key=lambda item: (item.created, item.ident))
