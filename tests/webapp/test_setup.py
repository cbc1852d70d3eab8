"""Connecting a tracker on pages: what is tried, kept, refused, left and resumed, and what the audit log has of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.model.access import AuditEntry
from portfolio.model.landing import Connection, RunRequest, Schedule, StoredSecret
from portfolio.organisation import Separation, change_settings
from portfolio.store.engine import reading, writing
from simulator.company.build import build_company
from simulator.serve import Simulator
from sync.jobs.means import Means
from sync.jobs.sync import sync_job
from sync.modes import Mode
from sync.preview.requests import cancel
from sync.secrets import SecretStore
from tests.conftest import Clock
from tests.loopback import LOOPBACK
from tests.webapp.conftest import PASSWORD, Visitor, admit
from webapp.accounts.local import add_user
from webapp.app import create_app
from webapp.settings import WebSettings

TOKEN = "simulated-token"


@pytest.fixture
def app(engine: Engine, clock: Clock, secrets: SecretStore) -> Flask:
    settings = WebSettings(engine=engine, secret_key="only for tests", clock=clock, secrets=secrets, outbound=LOOPBACK)
    app = create_app(settings)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(jira_cloud=build_company(seed=3, today=date(2026, 3, 2), scale=0.01).cloud) as simulator:
        yield simulator


@pytest.fixture
def form(simulator: Simulator) -> dict[str, str]:
    return {
        "kind": "jira_cloud",
        "address": simulator.addresses["jira_cloud"],
        "account": "pmo@company.example",
        "token": TOKEN,
        "name": "Jira",
    }


def noted(engine: Engine) -> list[str]:
    with reading(engine) as store:
        return list(store.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def kept(engine: Engine) -> int:
    with reading(engine) as store:
        return store.scalar(select(func.count()).select_from(Connection)) or 0


def read(engine: Engine, secrets: SecretStore, clock: Clock) -> None:
    """Do what was asked for."""
    with writing(engine) as store:
        store.execute(RunRequest.__table__.delete())  # type: ignore[attr-defined]  # as a process would
    sync_job(Means(engine, secrets, clock, outbound=LOOPBACK), 1, Mode.FULL, "hand")


def test_from_the_form_to_the_schedule(
    ada: Visitor, engine: Engine, clock: Clock, secrets: SecretStore, form: dict[str, str]
) -> None:
    answer = ada.post("/connections/new", **form)
    assert answer.headers["Location"] == "/connections/1/setup"
    with reading(engine) as store:
        assert not store.scalar(select(Connection.enabled))
        assert set(store.scalars(select(Schedule.enabled))) == {False}
        assert TOKEN.encode() not in (store.scalar(select(StoredSecret.token)) or b"")
    follow = ada.text("/connections/1/setup")
    assert "Projects it sees</dt><dd>16" in follow
    assert TOKEN not in follow
    # Left, and found again.
    assert "is being set up" in ada.text("/connections")
    assert ada.post("/connections/1/setup/follow", all="yes").status_code == 302
    waiting = ada.text("/connections/1/setup")
    assert "About to begin" in waiting
    assert "every 2s" in waiting
    read(engine, secrets, clock)
    assert "16 projects with" in ada.text("/connections/1/setup")
    assert ada.post("/connections/1/setup/map").status_code == 302
    approving = ada.text("/connections/1/setup")
    assert "Preview</h2>" in approving
    assert "Approve and" not in approving  # it is being looked at
    assert cancel(engine, 1, "ada", clock(), COMMAND)
    approving = ada.text("/connections/1/setup")
    version, revision = (ada.hidden(approving, name) for name in ("version", "revision"))
    ended = ada.post("/connections/1/setup/approve", version=version, revision=revision)
    assert ended.headers["Location"] == "/connections"
    assert "is set up." in ada.text("/connections")
    with reading(engine) as store:
        assert store.scalar(select(Connection.setup)) is None
        assert set(store.scalars(select(Schedule.enabled))) == {True}
    assert "is set up" in ada.text("/connections/1/setup")
    late = ada.post("/connections/1/setup/follow", all="yes")
    assert late.headers["Location"] == "/connections/1/setup"
    done = noted(engine)
    for action in ("connection.added", "secret.stored", "connection.set_up", "run.requested", "mapping.approved"):
        assert action in done
    assert done.count("connection.set_up") == 3  # begun, followed, done


@pytest.mark.parametrize(
    ("changed", "where", "said"),
    [
        ({"kind": "redmine"}, "kind", "Say which tracker"),
        ({"address": ""}, "address", "Enter the address"),
        ({"address": "ftp://host"}, "address", "That is no address"),
        ({"address": "http://127.0.0.1:9"}, "address", "127.0.0.1"),
        ({"address": "http://169.254.169.254/"}, "address", "never connects"),
        ({"account": ""}, "account", "belongs to an e-mail"),
        ({"token": ""}, "token", "Enter the token"),
        ({"token": "wrong"}, "token", "token"),
    ],
)
def test_what_will_not_do_is_said_at_its_field(
    ada: Visitor, engine: Engine, form: dict[str, str], changed: dict[str, str], where: str, said: str
) -> None:
    answer = ada.post("/connections/new", **(form | changed))
    assert answer.status_code == 422
    fault = answer.text.partition(f'id="{where}-fault"')[2].partition("</div>")[0]
    assert said in fault
    assert kept(engine) == 0
    assert TOKEN not in answer.text
    assert 'value="Jira"' in answer.text


def test_a_name_that_is_taken(ada: Visitor, engine: Engine, form: dict[str, str]) -> None:
    assert ada.post("/connections/new", **form).status_code == 302
    again = ada.post("/connections/new", **form)
    assert again.status_code == 422
    assert "of this name already" in again.text
    assert kept(engine) == 1


def test_rules_are_added_shown_and_taken_out(ada: Visitor, form: dict[str, str], engine: Engine) -> None:
    ada.post("/connections/new", **form)
    added = ada.post("/connections/1/setup/follow", do="add", type="project", name="NO-SUCH")
    assert ada.first_button(added.text, "/connections/1/setup/follow") == "add", "Enter takes nothing out"
    assert "NO-SUCH" in added.text
    refused = ada.post("/connections/1/setup/follow", do="read", rule="project=NO-SUCH")
    assert refused.status_code == 422
    assert "A rule means nothing" in refused.text
    bad = ada.post("/connections/1/setup/follow", do="add", type="query", name="nonsense = = (")
    assert "bad-text" in bad.text
    taken_out = ada.post("/connections/1/setup/follow", rule="project=NO-SUCH", remove="project=NO-SUCH")
    assert "NO-SUCH" not in taken_out.text
    assert ada.post("/connections/1/setup/follow", do="read").status_code == 422
    with reading(engine) as store:
        assert store.scalar(select(func.count()).select_from(RunRequest)) == 0
    long = ada.post("/connections/1/setup/follow", do="add", type="query", name="key = 1 OR " * 400 + "key = 1")
    assert "longer than 4,000 signs" in long.text


def test_rules_are_kept_when_one_leaves(ada: Visitor, form: dict[str, str]) -> None:
    ada.post("/connections/new", **form)
    ada.post("/connections/1/setup/follow", do="add", type="project", name="NO-SUCH")
    assert "NO-SUCH" in ada.get("/connections/1/setup").text
    front = ada.get("/connections").text
    assert "Go on setting it up" in front
    assert "Nothing is read by a schedule yet." in front
    assert "grow old" not in front
    ada.post("/connections/1/setup/follow", rule="project=NO-SUCH", remove="project=NO-SUCH")
    assert "NO-SUCH" not in ada.get("/connections/1/setup").text


def test_what_is_followed_can_be_changed_after_the_first_read(
    ada: Visitor, engine: Engine, clock: Clock, secrets: SecretStore, form: dict[str, str]
) -> None:
    ada.post("/connections/new", **form)
    ada.post("/connections/1/setup/follow", all="yes")
    read(engine, secrets, clock)
    assert "came in" in ada.get("/connections/1/setup").text
    back = ada.post("/connections/1/setup/again", to="follow")
    assert "Now say what to follow" in ada.get(back.location).text
    ada.post("/connections/1/setup/follow", all="yes")
    assert "This page moves by itself" in ada.get("/connections/1/setup").text


def test_what_another_connection_follows_is_asked_about(ada: Visitor, form: dict[str, str]) -> None:
    ada.post("/connections/new", **form)
    ada.post("/connections/1/setup/follow", all="yes")
    ada.post("/connections/new", **(form | {"name": "Again"}))
    twice = ada.post("/connections/2/setup/follow", all="yes")
    assert twice.status_code == 422
    assert "counted twice" in twice.text
    assert ada.post("/connections/2/setup/follow", all="yes", again="yes").status_code == 302


def test_a_draft_that_has_moved_on_is_not_approved(
    ada: Visitor, engine: Engine, clock: Clock, secrets: SecretStore, form: dict[str, str]
) -> None:
    ada.post("/connections/new", **form)
    ada.post("/connections/1/setup/follow", all="yes")
    read(engine, secrets, clock)
    ada.post("/connections/1/setup/map")
    stale = ada.post("/connections/1/setup/approve", version="1", revision="1")
    assert stale.status_code == 409
    assert "Nothing of yours was written" in stale.text
    with reading(engine) as store:
        assert store.scalar(select(Connection.setup)) is not None


def test_where_nobody_holds_all_a_second_person_approves(
    app: Flask, ada: Visitor, engine: Engine, clock: Clock, secrets: SecretStore, form: dict[str, str]
) -> None:
    ada.post("/connections/new", **form)
    ada.post("/connections/1/setup/follow", all="yes")
    read(engine, secrets, clock)
    ada.post("/connections/1/setup/map")
    with writing(engine) as store:
        change_settings(store, Separation(small=False), clock(), COMMAND)
    alone = ada.post("/connections/1/setup/approve", version="1", revision="2")
    assert alone.status_code == 409
    assert "somebody else has to approve" in alone.text
    lead = Visitor(app.test_client())
    admit(lead.client, add_user(engine, "lea", PASSWORD, usual(Role.PMO_LEAD), clock(), COMMAND), clock())
    approved = lead.post("/connections/1/setup/approve", token_from="/account", version="1", revision="2")
    assert approved.headers["Location"] == "/connections/1/setup"
    assert "An admin starts the schedule" in lead.text("/connections/1/setup")
    assert ada.post("/connections/1/setup/finish").headers["Location"] == "/connections"
