"""A Jira site that people keep changing, followed over real HTTP: the portfolio is what the site shows its account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import Engine

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Follow, Secret, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import SliceCount
from portfolio.model.work import WorkItem, Worklog
from simulator.jira import edits
from simulator.jira.site import Issue, Site
from simulator.serve import Simulator
from sync.connections import add_connection
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary
from tests.connector.jira.plant import plant
from tests.loopback import LOOPBACK
from tests.sync.builders import rows

ROUNDS = 2
ZONES = ("Pacific/Kiritimati", "Pacific/Niue", "America/St_Johns", "UTC")


class Followed:
    """A site with a clock of its own, and the connection that follows it."""

    def __init__(self, engine: Engine, site: Site, *rules: Follow, secret: str = "store") -> None:
        self.engine = engine
        self.site = site
        self.now = datetime(2026, 3, 28, 21, 0, 40, tzinfo=UTC)
        cloud = site.flavour == "cloud"
        self.simulator = Simulator(**{"jira_cloud" if cloud else "jira_datacenter": site}, clock=lambda: self.now)
        self.simulator.start()
        [address] = self.simulator.addresses.values()
        sign_in = SignIn.CLOUD_TOKEN if cloud else SignIn.PERSONAL_TOKEN
        self.settings = ConnectionSettings(
            tracker="jira", address=address, sign_in=sign_in, account="me@plant.invalid", page_size=7, follow=rules
        )
        self.ident = add_connection(engine, "Plant", self.settings, secret, self.now, COMMAND)

    def sync(self, mode: Mode, *ids: str) -> RunSummary:
        connector = open_connector(self.settings, Secret("simulated-token"), outbound=LOOPBACK)
        try:
            return sync_connection(
                self.engine, self.ident, connector, clock=lambda: self.now, mode=mode, ids=ids, most_retired=1.0
            )
        finally:
            connector.close()

    def shown(self) -> dict[str, tuple[str, str]]:
        """What a search of the account finds."""
        return {issue.id: (issue.key, issue.fields["summary"]) for issue in self.visible()}

    def visible(self) -> list[Issue]:
        archived = {ident for ident, project in self.site.projects.items() if project.get("archived")}
        issues = self.site.issues.values()
        return [one for one in issues if not (one.archived or one.hidden or one.project_id in archived)]

    def kept(self) -> dict[str, tuple[str, str]]:
        columns = ("external_id", "key", "title", "deleted_at")
        return {ident: (key, title) for ident, key, title, at in rows(self.engine, WorkItem, *columns) if at is None}


@pytest.fixture(params=["cloud", "datacenter"])
def followed(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Followed]:
    made = Followed(engine, plant(request.param, issues=40, histories=2))
    yield made
    made.simulator.stop()


def change(followed: Followed, random: Random) -> None:
    """One thing that somebody does, at the present moment of the site."""
    site, by = followed.site, {"at": followed.now, "by": followed.site.me}
    issue = random.choice(followed.visible())
    match random.randrange(9):
        case 0:
            made = edits.create_issue(site, project_id="10000", kind_id="100", summary="New", **by)
            edits.add_worklog(site, made.id, seconds=60, started=followed.now, **by)
        case 1:
            edits.move(site, issue.id, random.choice(["10000", "10001", "10002"]), **by)
        case 2:
            edits.delete_issue(site, issue.id, at=followed.now)
        case 3:
            edits.archive_issue(site, issue.id)
        case 4:
            edits.hide_issue(site, issue.id)
        case 5:
            gone = list(site.deleted_issues)
            if gone:
                edits.restore_issue(site, random.choice(gone), at=followed.now)
        case 6:
            edits.set_time_zone(site, random.choice(ZONES))
        case 7:
            site.takes_milliseconds = not site.takes_milliseconds
        case _:
            edits.edit(site, issue.id, {"summary": f"Fired at {followed.now}"}, **by)


def test_after_a_census_the_portfolio_is_what_the_site_shows(followed: Followed) -> None:
    random = Random(1)
    assert followed.sync(Mode.INCREMENTAL).state == "done"
    assert followed.kept() == followed.shown()
    for _ in range(ROUNDS):
        for _ in range(12):
            followed.now += timedelta(seconds=random.choice([0, 1, 20, 61, 4_000]))
            change(followed, random)
            if random.random() < 0.2:
                assert followed.sync(Mode.INCREMENTAL).state == "done"
        assert followed.sync(Mode.INCREMENTAL).state == "done"
        # What changed is there at once; what went is known when it is looked for.
        shown, kept = followed.shown(), followed.kept()
        assert {ident: kept.get(ident) for ident in shown} == shown
        assert followed.sync(Mode.CENSUS).state == "done"
        assert followed.kept() == followed.shown()
    followed.now += timedelta(minutes=5)
    followed.sync(Mode.CENSUS)
    for project, told, listed, kept in rows(followed.engine, SliceCount, "slice", "told", "listed", "kept"):
        assert told == listed == kept, project
    logged = {log["id"] for issue in followed.site.issues.values() for log in issue.worklogs if not issue.hidden}
    assert logged <= {ident for (ident,) in rows(followed.engine, Worklog, "external_id")}


def test_what_a_webhook_names_is_brought_up_to_date_alone(followed: Followed) -> None:
    followed.sync(Mode.INCREMENTAL)
    followed.now += timedelta(hours=1)
    by = {"at": followed.now, "by": followed.site.me}
    for ident in ("20000", "20001", "20002"):
        edits.edit(followed.site, ident, {"summary": "Hot"}, **by)
    edits.delete_issue(followed.site, "20002", at=followed.now)
    assert followed.sync(Mode.NAMED, "20000", "20002", "99999").state == "done"
    kept = followed.kept()
    assert (kept["20000"][1], kept["20001"][1]) == ("Hot", "Fire KILN-2")
    assert "20002" not in kept
    followed.sync(Mode.INCREMENTAL)
    assert followed.kept() == followed.shown()
