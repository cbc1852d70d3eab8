"""What Asana's deliveries say, and webhooks made at an Asana that really shakes hands and delivers."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.asana.webhooks import AsanaHooks, AsanaNotices
from connector.boundary.call import Boundary
from connector.errors import ForbiddenError, RefusedError, TrackerDownError
from connector.protocol import Stream
from connector.registry import open_hooks, open_notices
from connector.settings import ConnectionSettings, Secret, SignIn
from connector.webhooks import Notice
from simulator.asana import edits
from simulator.asana.workspace import Workspace
from simulator.faults import Fault
from simulator.serve import Simulator
from simulator.wire import WireServer
from tests.connector.asana.organisation import HARBOUR, LANTERN, organisation
from tests.loopback import LOOPBACK

NOTICES = AsanaNotices()
BEGIN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
BY = {"at": BEGIN, "by": "1"}

KEYS = st.sampled_from(["events", "resource", "gid", "resource_type", "action", "parent", "change"])
VALUES = st.recursive(
    st.none() | st.integers() | st.text() | st.just("task"),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)
BODIES = st.binary() | VALUES.map(lambda value: json.dumps(value).encode())


class Door:
    """Shakes hands and takes deliveries on a real socket. It answers the next `refuse` of them with 503."""

    def __init__(self) -> None:
        self.refuse = 0
        self.shy = False
        self.secrets: list[Secret] = []
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self._guard = threading.Lock()
        self._server = WireServer(self)
        self._server.start()
        self.address = f"{self._server.address}/hooks/asana/unguessable"
        self.stop = self._server.stop

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = {
            name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        shaken = NOTICES.handshake(headers)
        with self._guard:
            if shaken is not None:
                self.secrets.append(shaken.secret)
                start_response("200 OK", [] if self.shy else list(shaken.answer.items()))
            elif self.refuse:
                self.refuse -= 1
                start_response("503 Service Unavailable", [])
            else:
                self.taken.append((headers, body))
                start_response("200 OK", [])
        return []

    def notices(self) -> list[Notice]:
        """What was delivered, signed with one of the secrets."""
        for headers, body in self.taken:
            assert any(NOTICES.verify(headers, body, secret) for secret in self.secrets)
        return [NOTICES.notice(body) for _, body in self.taken]

    def items(self) -> set[str]:
        return {gid for notice in self.notices() for gid in notice.items}


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.stop()


def hooks_of(simulator: Simulator, waits: list[float]) -> AsanaHooks:
    """The webhooks of a connection to Harbour that never sleeps."""
    address = simulator.addresses["asana"]
    opened = ConnectionSettings(tracker="asana", address=address, sign_in=SignIn.PERSONAL_TOKEN, scope=(HARBOUR,))
    return AsanaHooks(opened, Secret("simulated-token"), Boundary(opened, outbound=LOOPBACK, sleep=waits.append))


@pytest.fixture
def hooks(simulator: Simulator, waits: list[float]) -> Iterator[AsanaHooks]:
    hooks = hooks_of(simulator, waits)
    yield hooks
    hooks.close()


def event(action: str, kind: str, gid: object, parent: tuple[str, str] | None = None, **change: Any) -> dict[str, Any]:
    above = {"gid": parent[1], "resource_type": parent[0]} if parent else None
    told = {"action": action, "resource": {"gid": gid, "resource_type": kind}, "parent": above}
    return {**told, "change": change} if change else told


def body(*events: Any) -> bytes:
    return json.dumps({"events": events}).encode()


@pytest.mark.parametrize(
    ("events", "items", "streams"),
    [
        ([event("changed", "task", "1", field="due_on")], ("1",), ()),
        ([event("added", "story", "9", ("task", "1")), event("changed", "task", "1")], ("1",), ()),
        ([event("added", "task", "2", ("task", "1"))], ("2", "1"), ()),
        ([event("removed", "task", "2", ("project", "300"))], ("2",), ()),
        ([event("deleted", "task", "2")], ("2",), ()),
        ([event("changed", "project", "300")], (), (Stream.PROJECTS,)),
        ([event("added", "section", "4", ("project", "300"))] * 2, (), (Stream.SECTIONS,)),
        ([event("added", "attachment", "4", ("task", "1"))], ("1",), ()),
        ([event("changed", "task", "../../users"), event("changed", "task", 5), "odd", None], (), ()),
        ([], (), ()),
    ],
)
def test_what_a_delivery_names(events: list[Any], items: tuple[str, ...], streams: tuple[Stream, ...]) -> None:
    assert NOTICES.notice(body(*events)) == Notice(items, streams)


@settings(max_examples=50)
@given(BODIES)
def test_a_body_that_cannot_be_understood_names_nothing_and_raises_nothing(told: bytes) -> None:
    assert all(gid.isdigit() for gid in NOTICES.notice(told).items)


def test_a_signature_is_that_of_the_very_bytes() -> None:
    secret, told = Secret("s3cret"), body(event("changed", "task", "1"))
    right = hmac.new(b"s3cret", told, hashlib.sha256).hexdigest()
    assert NOTICES.verify({"x-hook-signature": right}, told, secret)
    for headers in ({}, {"x-hook-signature": ""}, {"x-hook-signature": right[:-1]}, {"x-hook-signature": "é"}):
        assert not NOTICES.verify(headers, told, secret)
    assert not NOTICES.verify({"x-hook-signature": right}, told + b" ", secret)
    assert not NOTICES.verify({"x-hook-signature": right}, told, Secret("other"))


def test_a_repeated_delivery_has_the_same_id() -> None:
    first, second = body(event("changed", "task", "1")), body(event("changed", "task", "2"))
    assert NOTICES.delivery_id({}, first) == NOTICES.delivery_id({"x-other": "1"}, first)
    assert NOTICES.delivery_id({}, first) != NOTICES.delivery_id({}, second)


def test_a_handshake_gives_the_secret_and_wants_it_back() -> None:
    shaken = NOTICES.handshake({"x-hook-secret": "b537"})
    assert shaken is not None
    assert (shaken.secret.reveal(), dict(shaken.answer)) == ("b537", {"X-Hook-Secret": "b537"})
    assert "b537" not in repr(shaken.secret)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hook-secret": ""},
        {"x-hook-secret": "two words"},
        {"x-hook-secret": "a" * 300},
        {"x-hook-secret": "b537", "x-hook-signature": "00"},
    ],
)
def test_anything_else_is_a_delivery(headers: dict[str, str]) -> None:
    assert NOTICES.handshake(headers) is None


def test_a_webhook_is_made_delivers_and_is_removed(
    hooks: AsanaHooks, door: Door, quayside: Workspace, simulator: Simulator
) -> None:
    assert (hooks.gives_secret, hooks.by_hand, hooks.resources()) == (True, None, (HARBOUR,))
    made = hooks.register(HARBOUR, door.address, None)
    assert len(door.secrets) == 1
    assert simulator.settle()
    assert door.notices() == [Notice()], "a heartbeat comes first"
    [listed] = hooks.listed()
    assert (listed.external_id, listed.resource, listed.target) == (made.external_id, HARBOUR, door.address)
    assert (listed.active, listed.trouble, listed.ends_at) == (True, "", None)
    edits.complete(quayside, "1006", **BY)
    edits.complete(quayside, "1002", **BY)
    edits.assign(quayside, "1005", "3", **BY)
    edits.rename_project(quayside, HARBOUR, "Harbor", **BY)
    assert simulator.settle()
    assert door.items() == {"1006", "1002", "1005"}
    assert Stream.PROJECTS in {stream for notice in door.notices() for stream in notice.streams}
    hooks.remove(made.external_id)
    hooks.remove(made.external_id)
    assert hooks.listed() == ()


def test_another_project_s_webhook_is_not_told(
    hooks: AsanaHooks, door: Door, quayside: Workspace, simulator: Simulator
) -> None:
    hooks.register(LANTERN, door.address, None)
    edits.complete(quayside, "1006", **BY)
    edits.complete(quayside, "1003", **BY)
    assert simulator.settle()
    assert door.items() == {"1003"}


def test_a_target_that_does_not_shake_hands_is_refused(hooks: AsanaHooks, door: Door) -> None:
    door.shy = True
    with pytest.raises(RefusedError):
        hooks.register(HARBOUR, door.address, None)
    with pytest.raises(RefusedError):
        hooks.register(HARBOUR, "ftp://nowhere", None)
    assert hooks.listed() == ()


def test_an_account_that_may_not_is_told_so(hooks: AsanaHooks, door: Door, simulator: Simulator) -> None:
    simulator.faults["asana"].add(Fault(path="/webhooks", status=403))
    for ask in (hooks.listed, lambda: hooks.register(HARBOUR, door.address, None), lambda: hooks.remove("1")):
        with pytest.raises(ForbiddenError):
            ask()


def test_a_webhook_whose_answer_was_lost_is_found_and_not_made_twice(
    hooks: AsanaHooks, door: Door, simulator: Simulator
) -> None:
    simulator.faults["asana"].add(Fault(path="/webhooks", method="POST", answer="truncated", count=1))
    made = hooks.register(HARBOUR, door.address, None)
    assert [hook.external_id for hook in hooks.listed()] == [made.external_id]
    assert len(simulator.faults["asana"].seen("/webhooks", "POST")) == 1


def test_a_webhook_that_was_not_made_is_made_once_the_list_says_so(
    hooks: AsanaHooks, door: Door, simulator: Simulator
) -> None:
    hooks.resources()
    simulator.faults["asana"].add(Fault(path="/webhooks", method="POST", answer="drop", count=1))
    hooks.register(HARBOUR, door.address, None)
    assert len(hooks.listed()) == 1
    asked = [seen.method for seen in simulator.faults["asana"].seen("/webhooks")]
    assert asked == ["POST", "GET", "POST", "GET"]


def test_a_removal_whose_answer_was_lost_is_looked_after(hooks: AsanaHooks, door: Door, simulator: Simulator) -> None:
    made = hooks.register(HARBOUR, door.address, None)
    simulator.faults["asana"].add(Fault(path="/webhooks/", method="DELETE", answer="truncated", count=1))
    hooks.remove(made.external_id)
    assert hooks.listed() == ()
    again = hooks.register(HARBOUR, door.address, None)
    simulator.faults["asana"].add(Fault(path="/webhooks/", method="DELETE", answer="drop", count=1))
    with pytest.raises(TrackerDownError):
        hooks.remove(again.external_id)


def test_a_delivery_that_fails_comes_later_and_one_that_is_lost_never(
    hooks: AsanaHooks, door: Door, quayside: Workspace, simulator: Simulator
) -> None:
    hooks.register(HARBOUR, door.address, None)
    assert simulator.settle()
    door.refuse = 2
    edits.complete(quayside, "1006", **BY)
    assert simulator.settle()
    assert door.items() == {"1006"}
    quayside.lost_deliveries = 1
    edits.assign(quayside, "1000", "3", **BY)
    assert simulator.settle()
    assert door.items() == {"1006"}


def test_a_webhook_that_fails_for_a_day_is_gone(door: Door, waits: list[float]) -> None:
    state, hours = organisation(), [0]
    with Simulator(asana=state, clock=lambda: BEGIN + timedelta(hours=hours[0])) as simulator:
        hooks = hooks_of(simulator, waits)
        hooks.register(HARBOUR, door.address, None)
        assert simulator.settle()
        door.refuse = 1_000_000
        edits.complete(state, "1006", **BY)
        assert not simulator.settle(0.3)
        [failing] = hooks.listed()
        assert failing.trouble == "Deliveries fail, the last at 2026-03-01 09:00 UTC"
        assert failing.ends_at == BEGIN + timedelta(hours=24)
        hours[0] = 25
        assert simulator.settle()
        assert hooks.listed() == ()
        hooks.close()


def test_a_heartbeat_comes_every_eight_hours(door: Door, waits: list[float]) -> None:
    state, hours = organisation(), [0]
    with Simulator(asana=state, clock=lambda: BEGIN + timedelta(hours=hours[0])) as simulator:
        hooks = hooks_of(simulator, waits)
        hooks.register(HARBOUR, door.address, None)
        assert simulator.settle()
        hours[0] = 9
        assert _awaited(lambda: len(door.taken) == 2)
        assert door.notices() == [Notice(), Notice()]
        hooks.close()


def test_the_registry_opens_them(simulator: Simulator) -> None:
    address = simulator.addresses["asana"]
    opened = ConnectionSettings(tracker="asana", address=address, sign_in=SignIn.OAUTH)
    hooks = open_hooks(opened, Secret("simulated-token"), outbound=LOOPBACK)
    assert set(hooks.resources()) == {HARBOUR, LANTERN}
    hooks.close()
    hooks.close()
    assert isinstance(open_notices("asana"), AsanaNotices)


def _awaited(holds: Callable[[], bool]) -> bool:
    waiting = threading.Event()
    return any(holds() or waiting.wait(0.02) for _ in range(250))
