"""The worked example of load as a company would have it: in a Jira, an Asana, and what is entered here beside them."""

from __future__ import annotations

from collections.abc import Mapping as Table
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, select

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND, SYSTEM
from portfolio.bookings.effects import effect
from portfolio.bookings.keep import make
from portfolio.bookings.wish import SOFT, Wish
from portfolio.capacity.calendars import make_calendar
from portfolio.capacity.holidays import DayOff, add_holidays
from portfolio.capacity.time_off import Away, add_time_off
from portfolio.capacity.working_time import tell_working_time
from portfolio.model.base import EVER
from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.resources.plan import Plan, read_plan
from portfolio.resources.working_time import WorkingTime
from portfolio.store.engine import reading, writing
from simulator.asana import edits as asana
from simulator.asana.workspace import Workspace
from simulator.serve import Simulator
from sync.connections import add_connection
from sync.identities.details import change_details, read_details
from sync.mapping.document import ConnectionRules, FieldRule, Mapping, ProfileRules, ProjectRule, Rules, Source
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from tests.loopback import LOOPBACK
from tests.portfolio.lived import NAME, START, TASK, Flavour, Lived
from tests.sync.builders import put_in_force

ASANA = "Beta"
HOUR = 3600
ROLE, HELPERS, LEFT = "customfield_20", "customfield_21", "9001"
_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
_RULES = {
    "assignees": (FieldRule(field="Helpers"),),
    "role": (FieldRule(field="Skill needed"),),
}


def _named(kind: str, gid: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"gid": gid, "resource_type": kind, "name": name, **fields}


def _workspace(people: list[str], projects: list[str], role: str) -> Workspace:
    """An Asana with these people and empty projects, by their names, and fields for what the example tells of tasks."""
    state = Workspace(gid="1000", name="Beta", me=f"10{people[0]}", features={"allocations", "custom_fields"})
    home = _named("workspace", state.gid, state.name)
    for name in people:
        told = {"email": f"{name}@alpha.invalid", "photo": None, "workspaces": [home]}
        state.users[f"10{name}"] = _named("user", f"10{name}", name, **told)
    owner = _named("user", state.me, people[0])
    option = {"gid": "9100", "resource_type": "enum_option", "name": role, "color": "red", "enabled": True}
    state.custom_fields = {
        LEFT: _named("custom_field", LEFT, "Hours left", resource_subtype="number", type="number", precision=2),
        "9002": _named("custom_field", "9002", "Helpers", resource_subtype="people", type="people"),
        "9003": _named(
            "custom_field", "9003", "Skill needed", resource_subtype="enum", type="enum", enum_options=[option]
        ),
    }
    for name in projects:
        state.projects[f"20{name}"] = _named(
            "project", f"20{name}", name, archived=False, owner=owner, members=[], team=None, workspace=home,
            created_at="2026-01-05T08:00:00.000Z", modified_at="2026-01-05T08:00:00.000Z",
            current_status_update=None, due_on=None, html_notes="<body></body>",
        )  # fmt: skip
        state.sections[f"20{name}"] = [_named("section", f"30{name}", "To do")]
        state.project_tasks[f"20{name}"] = []
    return state


class Company(Lived):
    """The example on the day it is of. `in_jira` are the tasks that stand there; the others stand in Asana, as do all
    absences of whole days and all firm bookings. Stop the simulators."""

    def __init__(self, engine: Engine, given: Table[str, Any], in_jira: set[str], flavour: Flavour) -> None:
        self.given, self.as_of = given, date.fromisoformat(given["as_of"])
        people = [it["id"] for it in given["people"]]
        names = sorted({name for it in given["tasks"] for name in it["projects"]})
        names += sorted({it["project"] for it in given["allocations"]} - set(names))
        now = datetime.combine(self.as_of, time(9), UTC)
        super().__init__(engine, now, people, {str(at): name for at, name in enumerate(names, 1)}, flavour)
        self.site.fields += [
            {"id": ROLE, "name": "Skill needed", "custom": True,
             "schema": {"type": "option", "custom": _CUSTOM + "select"}},
            {"id": HELPERS, "name": "Helpers", "custom": True,
             "schema": {"type": "array", "items": "user", "custom": _CUSTOM + "multiuserpicker"}},
        ]  # fmt: skip
        [role] = {it["role"] for it in given["tasks"] if not it["assignees"]}
        self.workspace = _workspace(people, names, role)
        self.other = Simulator(asana=self.workspace, clock=lambda: self.now)
        self.other.start()
        self.asana = ConnectionSettings(
            tracker="asana", address=self.other.addresses["asana"], sign_in=SignIn.PERSONAL_TOKEN
        )
        self.asana_id = add_connection(engine, ASANA, self.asana, "store", now, COMMAND)
        self._mean(names)
        ids = {name: ident for ident, name in ((it["id"], it["key"]) for it in self.site.projects.values())}
        self.gids: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        for it in given["tasks"]:
            if it["key"] in in_jira:
                self._in_jira(it, ids[it["projects"][0]])
            else:
                self._in_asana(it)
        for number, it in enumerate(given["allocations"]):
            if it["kind"] == "hard":
                self._booked(str(8000 + number), it)
        for number, it in enumerate(given["time_off"]):
            if it["fraction"] == 1:
                gid = str(8500 + number)
                self.workspace.out_of_office[gid] = {
                    "gid": gid, "resource_type": "ooo_entry", "start_date": it["date"], "end_date": it["date"],
                    "user": self._user(it["person"]),
                }  # fmt: skip

    def _mean(self, names: list[str]) -> None:
        """What the fields of both trackers carry, and that a project of one name is one of both."""
        left = {"remaining": (FieldRule(field="Hours left", unit="hours"),)}
        mapping = Mapping(
            profiles={
                "jira": ProfileRules(rules=Rules(fields=_RULES)),
                "asana": ProfileRules(rules=Rules(fields=_RULES | left)),
            },
            connections={NAME: ConnectionRules(profile="jira"), ASANA: ConnectionRules(profile="asana")},
            projects=tuple(
                ProjectRule(
                    code=name, sources=(Source(connection=NAME, name=name), Source(connection=ASANA, name=f"20{name}"))
                )
                for name in names
            ),
        )
        put_in_force(self.engine, mapping)

    def _user(self, name: str) -> dict[str, Any]:
        return _named("user", f"10{name}", name)

    def _in_jira(self, it: Table[str, Any], project: str) -> None:
        first, *others = it["assignees"] or [None]
        hours = it["remaining_h"]
        fields = {
            START: it["start"], "duedate": it["due"], "timeestimate": None if hours is None else hours * HOUR,
            "assignee": self.site.users.get(first or ""),
            HELPERS: [self.site.users[name] for name in others] or None,
            ROLE: {"id": "1", "value": it["role"]} if it.get("role") else None,
        }  # fmt: skip
        issue = self.create(project, TASK, it["key"], self.now, **fields)
        self.keys[it["key"]] = issue.id

    def _in_asana(self, it: Table[str, Any]) -> None:
        first, *others = it["assignees"] or [None]
        home, *further = it["projects"]
        gid = asana.create_task(
            self.workspace, it["key"], at=self.now, by=self.workspace.me, project=f"20{home}",
            assignee=self._user(first) if first else None, start_on=it["start"], due_on=it["due"],
        )  # fmt: skip
        self.gids[it["key"]] = gid
        told: dict[str, Any] = {LEFT: it["remaining_h"], "9002": [f"10{name}" for name in others]}
        told["9003"] = "9100" if it.get("role") else None
        for field, value in told.items():
            asana.set_custom_value(self.workspace, gid, field, value, at=self.now, by=self.workspace.me)
        for name in further:
            asana.add_to_project(self.workspace, gid, f"20{name}", at=self.now, by=self.workspace.me)

    def _booked(self, gid: str, it: Table[str, Any]) -> None:
        self.workspace.allocations[gid] = {
            "gid": gid, "resource_type": "allocation", "resource_subtype": "project_allocation",
            "start_date": it["from"], "end_date": it["to"], "effort": {"type": "percent", "value": 100 * it["pct"]},
            "assignee": self._user(it["person"]), "created_by": self._user(it["person"]),
            "parent": _named("project", f"20{it['project']}", it["project"]),
        }  # fmt: skip

    def follow(self) -> None:
        """Read both trackers."""
        self.sync()
        connector = open_connector(self.asana, Secret("simulated-token"), outbound=LOOPBACK)
        try:
            found = sync_connection(
                self.engine, self.asana_id, connector, clock=lambda: self.now, mode=Mode.INCREMENTAL
            )
        finally:
            connector.close()
        assert found.state == "done", found.error

    def enter(self) -> None:
        """What no tracker tells, as people enter it: calendars, shares of a week, half days off, proposed bookings."""
        with writing(self.engine) as store:
            for name, it in self.given["calendars"].items():
                week = " ".join("8" if day in it["workdays"] else "0" for day in range(7))
                calendar = make_calendar(store, name, week, self.now, COMMAND)
                holidays = [DayOff(date.fromisoformat(day)) for day in it["holidays"]]
                add_holidays(store, calendar, holidays, "hand", self.now, COMMAND)
            tell_working_time(store, WorkingTime(overhead_percent=0), EVER, self.now, SYSTEM)
        persons, projects = self.ids(Person, "name"), self.ids(Project, "code")
        for it in self.given["people"]:
            # What meetings and support take is the organisation's to say: here it is in the share of the week.
            share = Decimal(str(it["fte"])) * (1 - Decimal(str(it["overhead"])))
            with reading(self.engine) as store:
                told = read_details(store, self.as_of, [persons[it["id"]]])[persons[it["id"]]]
            works = told._replace(fte=share, calendar=it["cal"], role=it["role"])
            change_details(self.engine, persons[it["id"]], works, self.now, COMMAND, meant=True)
        with writing(self.engine) as store:
            for it in self.given["time_off"]:
                day = date.fromisoformat(it["date"])
                if it["fraction"] < 1:
                    away = Away(persons[it["person"]], day, day, Decimal(str(it["fraction"])))
                    add_time_off(store, away, self.now, COMMAND)
            plan = read_plan(store, self.as_of, self.now)
            for it in self.given["allocations"]:
                days = date.fromisoformat(it["from"]), date.fromisoformat(it["to"])
                percent = 100 * Decimal(str(it["pct"]))
                wish = Wish(
                    projects[it["project"]], persons[it["person"]], None, *days, percent=percent, kind=it["kind"]
                )
                if it["kind"] == SOFT:
                    make(store, wish, effect(plan, wish), self.now, COMMAND, confirmed=True)

    def ids(self, table: Any, named: str) -> dict[str, int]:
        with reading(self.engine) as store:
            return {name: ident for ident, name in store.execute(select(table.id, getattr(table, named)))}

    def plan(self) -> Plan:
        with reading(self.engine) as store:
            return read_plan(store, self.as_of, self.now)

    def stop(self) -> None:
        self.simulator.stop()
        self.other.stop()
