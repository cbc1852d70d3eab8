"""Worked examples as people would live them in a tracker: a small simulated Jira site, synced into the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from sqlalchemy import Engine

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND
from simulator.jira import edits
from simulator.jira.site import Issue, Site
from simulator.serve import Simulator
from sync.connections import add_connection
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from tests.loopback import LOOPBACK

Flavour = Literal["cloud", "datacenter"]
NAME = "Alpha"
START, FLAGGED, SEVERITY, PROBABILITY = "customfield_4", "customfield_5", "customfield_6", "customfield_7"
TASK, STORY, BUG, RISK, EPIC = "10", "11", "12", "13", "14"
TODO, DOING, DONE, VENDOR, IMPASSE = "1", "3", "5", "6", "7"
IMPEDIMENT = [{"id": "10019", "value": "Impediment"}]
_KINDS = {TASK: "Task", STORY: "Story", BUG: "Bug", RISK: "Risk", EPIC: "Epic"}
# The last two are words of this site: only a mapping can tell what they mean.
_STATUSES = {
    TODO: ("To Do", "new"),
    DOING: ("In Progress", "indeterminate"),
    DONE: ("Done", "done"),
    VENDOR: ("At the vendor", "indeterminate"),
    IMPASSE: ("Impasse", "indeterminate"),
}
_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
_FIELDS = {
    START: ("Start date", "date", "datepicker"),
    FLAGGED: ("Flagged", "array", "multicheckboxes"),
    SEVERITY: ("Severity", "option", "select"),
    PROBABILITY: ("Probability", "number", "float"),
}


def noon(day: str) -> datetime:
    """Noon of a day, in UTC."""
    return datetime.combine(date.fromisoformat(day), time(12), UTC)


def _site(flavour: Flavour, people: Iterable[str], projects: Mapping[str, str]) -> Site:
    """A site with empty projects, by id and key; the first of the people leads them."""
    site = Site(flavour)
    for name in people:
        known = {"displayName": name, "emailAddress": f"{name}@alpha.invalid", "active": True, "timeZone": "UTC"}
        site.users[name] = {"accountId": name, "accountType": "atlassian", "key": name, "name": name, **known}
    site.me = next(iter(site.users))
    site.statuses = [{"id": i, "name": name, "statusCategory": {"key": key}} for i, (name, key) in _STATUSES.items()]
    site.issue_types = [
        {"id": i, "name": name, "subtask": False, "hierarchyLevel": 1 if i == EPIC else 0} for i, name in _KINDS.items()
    ]
    site.resolutions = [{"id": "1", "name": "Done"}]
    site.fields = [{"id": "summary", "name": "Summary", "custom": False, "schema": {"type": "string"}}]
    site.fields += [
        {"id": i, "name": name, "custom": True, "schema": {"type": kind, "custom": _TYPES + custom}}
        for i, (name, kind, custom) in _FIELDS.items()
    ]
    for ident, key in projects.items():
        site.projects[ident] = {"id": ident, "key": key, "name": key.title(), "lead": site.users[site.me]}
        site.versions[ident], site.components[ident] = [], []
    site.touch()
    return site


class Lived:
    """A site over HTTP at a time that its tests set, and the connection by which it is synced. Stop the simulator."""

    def __init__(
        self,
        engine: Engine,
        now: datetime,
        people: Iterable[str],
        projects: Mapping[str, str],
        flavour: Flavour = "cloud",
    ) -> None:
        self.engine, self.now = engine, now
        self.site = _site(flavour, people, projects)
        cloud = flavour == "cloud"
        self.simulator = Simulator(**{f"jira_{flavour}": self.site}, clock=lambda: self.now)
        self.simulator.start()
        [address] = self.simulator.addresses.values()
        self.settings = ConnectionSettings(
            tracker="jira",
            address=address,
            sign_in=SignIn.CLOUD_TOKEN if cloud else SignIn.PERSONAL_TOKEN,
            account=f"{self.site.me}@alpha.invalid" if cloud else "",
        )
        self.ident = add_connection(engine, NAME, self.settings, "store", now, COMMAND)

    def create(self, project: str, kind: str, summary: str, at: datetime, **fields: Any) -> Issue:
        """A new issue; `fields` by their ids."""
        return edits.create_issue(
            self.site, project_id=project, kind_id=kind, summary=summary, at=at, by=self.site.me, fields=fields
        )

    def move(self, issue: Issue, status: str, at: datetime) -> None:
        """Bring an issue into another status."""
        edits.transition(self.site, issue.id, status, at=at, by=self.site.me)

    def edit(self, issue: Issue, at: datetime, **fields: Any) -> None:
        """Change fields of an issue, by their ids."""
        edits.edit(self.site, issue.id, fields, at=at, by=self.site.me)

    def sync(self) -> None:
        """Read what changed, and roll up."""
        connector = open_connector(self.settings, Secret("simulated-token"), outbound=LOOPBACK)
        try:
            summary = sync_connection(self.engine, self.ident, connector, clock=lambda: self.now, mode=Mode.INCREMENTAL)
        finally:
            connector.close()
        assert summary.state == "done", summary.error
