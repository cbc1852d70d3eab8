"""For each rule a project that passes and one that fails, told in the rows that make it so.

A case is a function that fills a project of a `World`; what it does not say is as it should be, or not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import insert, update

from portfolio.model.base import FAR
from portfolio.model.finance import CostRate, Expense
from portfolio.model.governance import RuleResult, Waiver
from portfolio.model.landing import UnmappedValue
from portfolio.model.mapping import ItemAttribute
from portfolio.model.oversight import KpiValue
from portfolio.model.people import Allocation, Person
from portfolio.model.resources import PlannedLoad
from portfolio.model.structure import Objective, ObjectiveProject, Project
from portfolio.model.work import Baseline, Dependency, FieldChange, WorkItem, Worklog
from tests.portfolio.builders import World, noon

TODAY = date(2026, 3, 10)  # a Tuesday
NOW = noon(TODAY)
WEEK = date(2026, 3, 9)
LONG_AGO = date(2026, 1, 5)
Fill = Callable[["Site"], None]


class Site:
    """One project to be filled."""

    def __init__(self, world: World, code: str, **values: Any) -> None:
        self.world = world
        self.id = world.project(code, **values)

    def put(self, table: Any, **values: Any) -> int:
        return self.world._add(table, **values)

    def item(self, category: str = "todo", **values: Any) -> int:
        return self.world.item(self.id, category, **({"created": LONG_AGO} | values))

    def set(self, **values: Any) -> None:
        self.world.connection.execute(update(Project).where(Project.id == self.id).values(**values))

    def attributes(self, item_id: int, **values: Any) -> None:
        for name, value in values.items():
            column = "text" if isinstance(value, str) else "person_id" if name in PERSONS else "number"
            row: dict[str, Any] = {"item_id": item_id, "name": name, column: value}
            if name == "impact_cost":
                row["currency"] = "EUR"
            self.world.connection.execute(insert(ItemAttribute).values(**row))

    def link(self, from_id: int, to_id: int, type_: str = "relates") -> None:
        number = str(next(self.world.numbers))
        ends = {"from_item_id": from_id, "to_item_id": to_id, "from_external_id": "1", "to_external_id": "2"}
        own = {"connection_id": self.world.tracker_id, "external_id": number, "type": type_, "tracker_type": type_}
        self.put(Dependency, **own, **ends)

    def kpi(self, kpi_id: str, value: float | None, rag: str = "grey", since: date = TODAY, **more: Any) -> None:
        row = {"scope_type": "project", "scope_id": self.id, "kpi": kpi_id, "as_of": since, "until": FAR, "n": 1}
        self.put(KpiValue, **row, value=value, rag=rag, origin="observed", computed_at=NOW, **more)

    def worklog(self, item_id: int, day: date, person_id: int | None = None) -> None:
        number = str(next(self.world.numbers))
        own = {"connection_id": self.world.tracker_id, "external_id": number, "item_id": item_id}
        self.put(Worklog, **own, work_date=day, seconds=3600, person_id=person_id)

    def waiver(self, rule: str, valid_to: date, **values: Any) -> int:
        own = {"rule": rule, "project_id": self.id, "reason": "why", "valid_to": valid_to, "state": "approved"}
        return self.put(Waiver, **(own | {"requested_by": "a", "requested_at": NOW} | values))


PERSONS = {"owner", "approver", "requested_by"}


class Cases(NamedTuple):
    """The projects of one rule; `values` are those of both projects."""

    passes: Fill
    fails: Fill
    values: Mapping[str, Any] = {}


def _people(site: Site, *, active: bool) -> None:
    manager, sponsor = site.world.person("M"), site.world.person("S")
    site.world.connection.execute(update(Person).where(Person.id == sponsor).values(active=active))
    site.set(manager_id=manager, sponsor_id=sponsor)


def _loaded(site: Site, load: float | None, over_days: int = 0, week: date = WEEK) -> None:
    person = site.world.person("Ada")
    row = {"project_id": site.id, "person_id": person, "week": week, "load": load, "over_days": over_days}
    site.world.connection.execute(insert(PlannedLoad).values(**row))


def _proposed(site: Site, since: date, **values: Any) -> None:
    own = {"kind": "soft", "start": TODAY, "end": TODAY, "booked_at": noon(since)}
    site.put(Allocation, project_id=site.id, person_id=site.world.person("Ada"), **(own | values))


def _objective(site: Site, strength: int) -> None:
    number = str(next(site.world.numbers))
    objective = site.put(Objective, connection_id=site.world.tracker_id, external_id=number, title="Grow")
    row = {"objective_id": objective, "project_id": site.id, "strength": strength}
    site.world.connection.execute(insert(ObjectiveProject).values(**row))


def _baseline(site: Site, estimates: list[int]) -> None:
    lines = [(site.item(), None, date(2026, 4, 1), seconds) for seconds in estimates]
    site.world.baseline(site.id, LONG_AGO, lines)


def _second_baseline(site: Site, **values: Any) -> None:
    site.put(Baseline, project_id=site.id, version=2, taken_on=LONG_AGO, **values)


def _changed(site: Site, state: str) -> None:
    request = site.item("done", kind="change_request")
    site.attributes(request, change_state=state)
    _second_baseline(site, change_item_id=request)


def _report(site: Site, day: date) -> None:
    site.world.report(site.id, noon(day))


def _red(site: Site, since: date) -> None:
    site.kpi("RAG", 1, "red", since)


def _planned_red(site: Site) -> None:
    _red(site, LONG_AGO)
    site.item("in_progress", kind="action", due=date(2026, 4, 1), assignee_id=site.world.person("A"))


def _put_off(site: Site, times: int, *, linked: bool = False) -> None:
    item = site.item(due=date(2026, 5, 1))
    for seq in range(times):
        values = {"old": f"2026-04-0{seq + 1}", "new": f"2026-04-0{seq + 2}"}
        row = {"item_id": item, "seq": seq, "at": NOW, "field": "due", **values}
        site.world.connection.execute(insert(FieldChange).values(**row))
    if linked:
        site.link(item, site.item(kind="decision"))


def _kpi(kpi_id: str, good: float, bad: float, values: Mapping[str, Any] | None = None, **more: Any) -> Cases:
    return Cases(lambda site: site.kpi(kpi_id, good, **more), lambda site: site.kpi(kpi_id, bad, **more), values or {})


def _delivered(site: Site, *, accepted: bool) -> None:
    done = date(2026, 2, 2)
    item = site.world.finished(site.id, LONG_AGO, done, kind="deliverable")
    if accepted:
        site.link(item, site.item(kind="acceptance"))


def _expense(site: Site, receipt: str | None, spent_on: date = LONG_AGO) -> None:
    row = {"amount": Decimal(10), "currency": "EUR", "kind": "travel", "state": "actual", "approved_by": "b"}
    site.put(Expense, project_id=site.id, spent_on=spent_on, receipt=receipt, entered_by="a", entered_at=NOW, **row)


def _rated(site: Site, valid_from: date) -> None:
    person = site.world.person("W")
    row = {"amount": Decimal(90), "currency": "EUR", "valid_from": valid_from, "entered_by": "a", "entered_at": NOW}
    site.put(CostRate, person_id=person, **row)
    site.worklog(site.item(), LONG_AGO, person)


def _risk(site: Site, **attributes: Any) -> int:
    item = site.item(kind="risk", due=date(2026, 4, 1))
    site.attributes(item, **attributes)
    return item


def _blocked(site: Site, since: date) -> None:
    blocked = {"flow": "blocked"}
    later = (since + timedelta(days=1), blocked | {"points": 1.0})
    site.item("in_progress", versions=[(LONG_AGO, {}), (since, blocked), later])


def _touched(site: Site, day: date) -> None:
    item = site.item("in_progress")
    site.world.connection.execute(update(WorkItem).where(WorkItem.id == item).values(updated_at=noon(day)))


def _fed(site: Site, *, failed: bool = False, words: bool = False) -> None:
    tracker = site.world.tracker(f"T{site.id}")
    site.world.feed(site.id, tracker)
    site.world.run(tracker, NOW - timedelta(minutes=30))
    if failed:
        site.world.run(tracker, NOW - timedelta(minutes=5), "failed")
    if words:
        row = {"connection_id": tracker, "subject": "status", "value": "Odd", "items": 3}
        site.world.connection.execute(insert(UnmappedValue).values(**row, first_seen_at=NOW, last_seen_at=NOW))


def _change_request(site: Site, approver: int, requester: int) -> None:
    site.attributes(site.item(kind="change_request"), approver=approver, requested_by=requester)


def _expired(site: Site, rule: str, outcome: str) -> None:
    site.waiver(rule, TODAY - timedelta(days=3))
    row = {"rule": rule, "project_id": site.id, "as_of": LONG_AGO, "until": FAR, "severity": "high"}
    site.put(RuleResult, **row, outcome=outcome, observed="{}", computed_at=NOW)


def _family(site: Site, child_due: date) -> None:
    parent = site.item(due=date(2026, 4, 1), is_leaf=False)
    site.item(due=child_due, parent_id=parent)


def _waits(site: Site, start: date) -> None:
    before, after = site.item(due=date(2026, 4, 1)), site.item(start=start, due=date(2026, 5, 1))
    site.link(before, after, "FS")


def _open_bug(site: Site, severity: str) -> None:
    site.attributes(site.item(kind="bug"), severity=severity)


def _done_parent(site: Site, child: str) -> None:
    parent = site.world.finished(site.id, LONG_AGO, date(2026, 2, 2), is_leaf=False)
    site.item(child, parent_id=parent)


def _reported(site: Site, computed: str) -> None:
    site.kpi("RAG", 1, computed)
    site.set(reported_rag="amber")


PLANNED = {"methodology": "predictive"}
CASES: Mapping[str, Cases] = {
    "GOV-R01": Cases(lambda site: _people(site, active=True), lambda site: _people(site, active=False)),
    "GOV-R02": Cases(lambda site: _objective(site, 2), lambda site: _objective(site, 0)),
    "GOV-R04": Cases(
        lambda site: _baseline(site, [3600] * 4 + [0]), lambda site: _baseline(site, [3600] * 3 + [0]), PLANNED
    ),
    "GOV-R05": Cases(
        lambda site: _changed(site, "Approved"),
        lambda site: _changed(site, "rejected"),
    ),
    "GOV-R08": Cases(lambda site: _report(site, date(2026, 3, 3)), lambda site: _report(site, date(2026, 3, 2))),
    "GOV-R09": Cases(lambda site: _reported(site, "green"), lambda site: _reported(site, "red")),
    "GOV-R10": Cases(_planned_red, lambda site: _red(site, LONG_AGO)),
    "GOV-R11": Cases(
        lambda site: site.item(labels="a,Lesson") and None,
        lambda site: site.item(labels="lessons") and None,
        {"phase": "closing"},
    ),
    "GOV-R12": Cases(
        lambda site: _change_request(site, site.world.person("A"), site.world.person("B")),
        lambda site: _change_request(site, *[site.world.person("A")] * 2),
    ),
    "GOV-R13": Cases(lambda site: _expired(site, "COS-R01", "na"), lambda site: _expired(site, "GOV-R01", "fail")),
    "TIM-R01": Cases(
        lambda site: site.item("in_progress", due=TODAY) and None, lambda site: site.item("in_progress") and None
    ),
    "TIM-R02": Cases(
        lambda site: site.item(due=date(2026, 2, 24)) and None, lambda site: site.item(due=date(2026, 2, 23)) and None
    ),
    "TIM-R03": Cases(
        lambda site: site.world.milestone(site.id, TODAY, due=TODAY) and None,
        lambda site: site.world.milestone(site.id, None, due=TODAY) and None,
        PLANNED,
    ),
    "TIM-R04": Cases(lambda site: _put_off(site, 3, linked=True), lambda site: _put_off(site, 3)),
    "TIM-R05": Cases(lambda site: _family(site, date(2026, 4, 1)), lambda site: _family(site, date(2026, 4, 2))),
    "TIM-R06": _kpi("SCH-04", 0.9, 0.89),
    "SCO-R01": Cases(
        lambda site: site.item(parent_id=site.item("done", is_leaf=False)) and None, lambda site: site.item() and None
    ),
    "SCO-R02": _kpi("SCP-01", 0.05, 0.051),
    "SCO-R03": Cases(
        lambda site: site.attributes(site.item(kind="change_request"), change_state="Approved"),
        lambda site: site.attributes(site.item(kind="change_request"), change_state="assessed"),
    ),
    "SCO-R04": Cases(
        lambda site: site.attributes(site.item(kind="deliverable"), criteria="all of it"),
        lambda site: site.item(kind="deliverable") and None,
    ),
    "SCO-R05": Cases(
        lambda site: _delivered(site, accepted=True), lambda site: _delivered(site, accepted=False), {"type": "product"}
    ),
    "COS-R01": Cases(
        lambda site: site.set(budget=Decimal(1000), budget_currency="EUR"),
        lambda site: site.set(budget=Decimal(0), budget_currency="EUR"),
        {"type": "internal", "size": "L"},
    ),
    "COS-R02": _kpi("CST-03", 1100.0, 1101.0, {"budget": Decimal(1000), "budget_currency": "EUR"}, currency="EUR"),
    "COS-R04": Cases(lambda site: _expense(site, "https://receipts.example/1"), lambda site: _expense(site, None)),
    "COS-R05": Cases(
        lambda site: site.worklog(site.item("done"), date(2026, 2, 2)),
        lambda site: site.worklog(site.item("done"), date(2026, 2, 3)),
        {"status": "closed", "actual_finish": date(2026, 2, 2)},
    ),
    "COS-R06": Cases(lambda site: _rated(site, LONG_AGO), lambda site: _rated(site, TODAY)),
    "QUA-R01": Cases(lambda site: _open_bug(site, "low"), lambda site: site.item(kind="bug") and None),
    "QUA-R02": Cases(
        lambda site: _open_bug(site, "medium"), lambda site: _open_bug(site, "Critical"), {"phase": "monitoring"}
    ),
    "QUA-R03": Cases(lambda site: _done_parent(site, "done"), lambda site: _done_parent(site, "todo")),
    "QUA-R04": _kpi("QLT-03", 0.1, 0.2),
    "RES-R01": Cases(
        lambda site: site.item("in_progress", assignee_id=site.world.person("A")) and None,
        lambda site: site.item("in_progress") and None,
    ),
    "RES-R02": Cases(lambda site: _loaded(site, 0.95), lambda site: _loaded(site, 1.05)),
    "RES-R06": Cases(lambda site: _proposed(site, TODAY), lambda site: _proposed(site, LONG_AGO)),
    "RES-R03": _kpi("RES-08", 0.1, 0.2),
    "RES-R04": _kpi("RES-06", 2.0, 1.0, {"size": "M"}),
    "COM-R03": Cases(
        lambda site: site.item(kind="action", due=TODAY, assignee_id=site.world.person("A")) and None,
        lambda site: site.item(kind="action", due=TODAY) and None,
    ),
    "RSK-R01": Cases(
        lambda site: site.item(kind="risk", created=date(2026, 3, 2)) and None,
        lambda site: site.item(kind="risk") and None,
        {"size": "L"},
    ),
    "RSK-R02": Cases(
        lambda site: (
            _risk(site, probability=Decimal("0.6"), impact_score="4", response_plan="do", owner=site.world.person("O"))
            and None
        ),
        lambda site: _risk(site, probability=Decimal("0.5"), impact_cost=Decimal(200)) and None,
        {"contingency": Decimal(1000), "contingency_currency": "EUR"},
    ),
    "RSK-R03": Cases(
        lambda site: site.link(_risk(site, risk_state="occurred"), site.item(kind="issue")),
        lambda site: _risk(site, risk_state="occurred") and None,
    ),
    "RSK-R04": _kpi("RSK-02", 1.0, 0.9, {"size": "L"}),
    "RSK-R05": Cases(lambda site: _blocked(site, date(2026, 3, 5)), lambda site: _blocked(site, date(2026, 3, 4))),
    "DAT-R01": _kpi("DQ-01", 0.9, 0.8),
    "DAT-R02": Cases(lambda site: _touched(site, date(2026, 2, 24)), lambda site: _touched(site, date(2026, 2, 23))),
    "DAT-R03": Cases(_fed, lambda site: _fed(site, failed=True)),
    "DAT-R04": Cases(_fed, lambda site: _fed(site, words=True)),
}


def build(world: World) -> dict[tuple[str, str], int]:
    """All of these projects, by rule and by what it says of them."""
    found: dict[tuple[str, str], int] = {}
    for code, cases in CASES.items():
        for outcome, fill in (("pass", cases.passes), ("fail", cases.fails)):
            site = Site(world, f"{code}-{outcome}", **cases.values)
            fill(site)
            found[code, outcome] = site.id
    return found
