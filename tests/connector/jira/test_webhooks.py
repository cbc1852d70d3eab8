"""What a site's deliveries say, and webhooks registered at a site that really delivers."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.boundary.call import Boundary
from connector.errors import ForbiddenError, RefusedError, TrackerDownError
from connector.jira.webhooks import EVENTS, JiraHooks, JiraNotices
from connector.protocol import Stream
from connector.settings import ConnectionSettings, Secret, SignIn
from connector.webhooks import Notice
from simulator.faults import Fault
from simulator.jira import edits
from simulator.serve import Simulator
from simulator.wire import WireServer
from tests.connector.jira.conftest import Clock, Serve
from tests.connector.jira.plant import plant
from tests.loopback import LOOPBACK

FLAVOURS = pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
SECRET = Secret("a-secret-of-the-door")
NOTICES = JiraNotices()


class Door:
    """Takes deliveries on a real socket. `refuse` is how many it answers with 503 first."""

    def __init__(self) -> None:
        self.refuse = 0
        self.refused: list[dict[str, str]] = []
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self._guard = threading.Lock()
        self._server = WireServer(self)
        self._server.start()
        self.address = f"{self._server.address}/hooks/jira/unguessable"
        self.stop = self._server.stop

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        with self._guard:
            if self.refuse:
                self.refuse -= 1
                self.refused.append(headers)
                start_response("503 Service Unavailable", [])
                return []
            self.taken.append((headers, body))
        start_response("200 OK", [])
        return []

    def notices(self) -> list[Notice]:
        for headers, body in self.taken:
            assert NOTICES.verify(headers, body, SECRET)
        return [NOTICES.notice(body) for _, body in self.taken]

    def items(self) -> set[str]:
        return {ident for notice in self.notices() for ident in notice.items}


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.stop()


@pytest.fixture
def hooks_of(waits: list[float]) -> Iterator[Callable[[Simulator], JiraHooks]]:
    opened: list[JiraHooks] = []

    def open_one(simulator: Simulator) -> JiraHooks:
        [(name, address)] = simulator.addresses.items()
        sign_in = SignIn.CLOUD_TOKEN if name == "jira_cloud" else SignIn.PERSONAL_TOKEN
        settings = ConnectionSettings(tracker="jira", address=address, sign_in=sign_in, account="me@plant.invalid")
        through = Boundary(settings, outbound=LOOPBACK, sleep=waits.append)
        hooks = JiraHooks(settings, Secret("simulated-token"), through)
        opened.append(hooks)
        return hooks

    yield open_one
    for hooks in opened:
        hooks.close()


HooksOf = Callable[[Simulator], JiraHooks]


@FLAVOURS
def test_what_is_edited_is_told_with_a_signature(
    serve: Serve, hooks_of: HooksOf, door: Door, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, issues=6)
    simulator = serve(site)
    made = hooks_of(simulator).register("", door.address, SECRET)
    assert (made.target, made.resource, made.active, made.trouble) == (door.address, "", True, "")
    by = {"at": clock.now, "by": site.me}
    edits.edit(site, "20000", {"summary": "Hot"}, **by)
    edits.link(site, "9", "20001", "20002", **by)
    edits.add_worklog(site, "20003", seconds=60, started=clock.now, **by)
    edits.delete_issue(site, "20004", at=clock.now)
    edits.edit_sprint(site, 1, name="Renamed")
    edits.release_version(site, "100001", clock.now.date())
    assert simulator.settle()
    assert door.items() == {"20000", "20001", "20002", "20003", "20004"}
    streams = {stream for notice in door.notices() for stream in notice.streams}
    assert streams == {Stream.WORKLOGS, Stream.SPRINTS, Stream.MILESTONES}
    told = [NOTICES.delivery_id(headers, body) for headers, body in door.taken]
    assert len(set(told)) == len(told)


@FLAVOURS
def test_a_webhook_is_listed_and_removed_once_and_for_all(
    serve: Serve, hooks_of: HooksOf, door: Door, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, issues=2)
    simulator = serve(site)
    hooks = hooks_of(simulator)
    assert hooks.resources() == ("",)
    made = hooks.register("", door.address, SECRET)
    assert hooks.listed() == (made,)
    assert SECRET.reveal() not in repr(hooks.listed())
    hooks.remove(made.external_id)
    hooks.remove(made.external_id)
    assert hooks.listed() == ()
    edits.edit(site, "20000", {"summary": "Hot"}, at=clock.now, by=site.me)
    assert simulator.settle()
    assert door.taken == []


def test_a_webhook_switched_off_says_so(serve: Serve, hooks_of: HooksOf) -> None:
    site = plant("cloud", issues=1)
    site.webhooks["5"] = {"name": "Old", "url": "https://pmo.invalid/x", "enabled": False, "events": []}
    [hook] = hooks_of(serve(site)).listed()
    assert (hook.external_id, hook.active) == ("5", False)
    assert "switched off" in hook.trouble


@FLAVOURS
def test_registering_is_not_repeated_when_the_answer_was_lost(
    serve: Serve, hooks_of: HooksOf, door: Door, flavour: str
) -> None:
    site = plant(flavour, issues=1)
    simulator = serve(site)
    [faults] = simulator.faults.values()
    # The site made it, and half of its answer came.
    faults.add(Fault(path="/webhook", method="POST", answer="truncated", count=1))
    made = hooks_of(simulator).register("", door.address, SECRET)
    assert list(site.webhooks) == [made.external_id]
    # The site never heard of it.
    faults.add(Fault(path="/webhook", method="POST", answer="drop", count=1))
    other = hooks_of(simulator).register("", door.address + "/2", SECRET)
    assert list(site.webhooks) == [made.external_id, other.external_id]
    # Nothing was removed, and that is not passed over.
    hooks = hooks_of(simulator)
    faults.add(Fault(path="/webhook", method="DELETE", answer="drop", count=2))
    with pytest.raises(TrackerDownError):
        hooks.remove(made.external_id)
    # It went, and the answer did not come.
    del site.webhooks[made.external_id]
    hooks.remove(made.external_id)
    assert faults.active == []
    assert list(site.webhooks) == [other.external_id]


@FLAVOURS
def test_an_account_that_may_not_is_told_what_to_do_by_hand(serve: Serve, hooks_of: HooksOf, flavour: str) -> None:
    site = plant(flavour, issues=1)
    site.denied.add("ADMINISTER")
    hooks = hooks_of(serve(site))
    for ask in (hooks.listed, lambda: hooks.register("", "https://pmo.invalid/x", SECRET), lambda: hooks.remove("1")):
        with pytest.raises(ForbiddenError):
            ask()
    assert hooks.gives_secret is False
    assert hooks.by_hand is not None
    assert hooks.by_hand.where
    assert hooks.by_hand.events == EVENTS


def test_a_site_that_has_no_such_door_needs_a_person(serve: Serve, hooks_of: HooksOf) -> None:
    simulator = serve(plant("datacenter", issues=1))
    simulator.faults["jira_datacenter"].add(Fault(path="/webhook", status=404))
    with pytest.raises(ForbiddenError, match="from outside"):
        hooks_of(simulator).listed()


def test_a_target_that_jira_does_not_take_is_refused(serve: Serve, hooks_of: HooksOf) -> None:
    with pytest.raises(RefusedError):
        hooks_of(serve(plant("cloud", issues=1))).register("", "gopher://pmo.invalid", SECRET)


def test_a_delivery_that_failed_comes_again_under_the_same_identifier(
    serve: Serve, hooks_of: HooksOf, door: Door, clock: Clock
) -> None:
    site = plant("cloud", issues=1)
    simulator = serve(site)
    hooks_of(simulator).register("", door.address, SECRET)
    door.refuse = 1
    site.outbox.doubled = 1
    edits.edit(site, "20000", {"summary": "Hot"}, at=clock.now, by=site.me)
    assert simulator.settle()
    ids = {NOTICES.delivery_id(headers, b"") for headers in door.refused}
    assert ids == {NOTICES.delivery_id(headers, body) for headers, body in door.taken}
    assert len(ids) == 1
    assert len(door.taken) == 2
    site.outbox.lost = 1
    edits.edit(site, "20000", {"summary": "Lost"}, at=clock.now, by=site.me)
    assert simulator.settle()
    assert len(door.taken) == 2


def signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("header", "valid"),
    [
        (signature(b"{}", SECRET.reveal()), True),
        (signature(b"{ }", SECRET.reveal()), False),
        (signature(b"{}", "another"), False),
        (signature(b"{}", SECRET.reveal()).replace("sha256", "sha1"), False),
        (signature(b"{}", SECRET.reveal()).removeprefix("sha256="), False),
        ("sha256=", False),
        ("sha256=\u00e9\u0131", False),
        ("", False),
        (None, False),
    ],
)
def test_only_the_signature_of_these_very_bytes_counts(header: str | None, valid: bool) -> None:
    headers = {} if header is None else {"x-hub-signature": header}
    assert NOTICES.verify(headers, b"{}", SECRET) is valid
    assert NOTICES.handshake(headers) is None


@pytest.mark.parametrize("given", ["", "x" * 201, "a\nb", "a\x00b"])
def test_without_a_proper_identifier_the_body_identifies_a_delivery(given: str) -> None:
    hashed = hashlib.sha256(b"{}").hexdigest()
    assert NOTICES.delivery_id({"x-atlassian-webhook-identifier": given}, b"{}") == hashed
    assert NOTICES.delivery_id({}, b"{}") == hashed
    assert NOTICES.delivery_id({"x-atlassian-webhook-identifier": "7f-1"}, b"{}") == "7f-1"


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        ({"webhookEvent": "jira:issue_updated", "issue": {"id": "7", "key": "K-1"}}, Notice(("7",))),
        ({"webhookEvent": "jira:issue_deleted", "issue": {"id": 7}}, Notice(("7",))),
        ({"webhookEvent": "comment_created", "comment": {"id": "1"}, "issue": {"id": "7"}}, Notice(("7",))),
        (
            {"webhookEvent": "worklog_updated", "worklog": {"id": "1", "issueId": "7"}},
            Notice(("7",), (Stream.WORKLOGS,)),
        ),
        (
            {
                "webhookEvent": "jira:issue_updated",
                "issue_event_type_name": "issue_work_logged",
                "issue": {"id": "7"},
            },
            Notice(("7",), (Stream.WORKLOGS,)),
        ),
        (
            {"webhookEvent": "issuelink_deleted", "issueLink": {"sourceIssueId": 7, "destinationIssueId": 8}},
            Notice(("7", "8")),
        ),
        ({"webhookEvent": "sprint_closed", "sprint": {"id": 1}}, Notice((), (Stream.SPRINTS,))),
        ({"webhookEvent": "jira:version_released", "version": {"id": 1}}, Notice((), (Stream.MILESTONES,))),
        ({"webhookEvent": "project_updated"}, Notice((), (Stream.PROJECTS,))),
        ({"webhookEvent": "board_configuration_changed"}, Notice((), (Stream.BOARDS,))),
        ({"webhookEvent": "option_voting_changed"}, Notice()),
        ({"webhookEvent": "jira:issue_updated", "issue": {"id": "7; DROP TABLE"}}, Notice()),
        ({"webhookEvent": "jira:issue_updated", "issue": {"id": "9" * 21}}, Notice()),
        ({"webhookEvent": "jira:issue_updated", "issue": ["7"]}, Notice()),
        ([1, 2], Notice()),
    ],
)
def test_a_body_names_items_and_streams_and_nothing_else(body: Any, notice: Notice) -> None:
    assert NOTICES.notice(json.dumps(body).encode()) == notice


@given(st.binary(max_size=200))
def test_no_body_is_too_strange(body: bytes) -> None:
    assert NOTICES.notice(body) == Notice()


def test_a_deeply_nested_body_names_nothing() -> None:
    assert NOTICES.notice(b'{"issue":' + b"[" * 200_000) == Notice()
