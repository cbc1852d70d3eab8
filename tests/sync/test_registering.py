"""Webhooks at a tracker and doors here: made, mended, looked at and ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from connector.errors import ConnectorError, ForbiddenError, RefusedError, TrackerDownError
from connector.settings import Secret
from connector.webhooks import ByHand, Registered
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Webhook
from portfolio.store.engine import reading, writing
from sync.hooks.registering import (
    BY_HAND,
    NO_HANDSHAKE,
    NOT_THERE,
    SWITCHED_OFF,
    Site,
    disable,
    enable,
    judge,
    stands,
    status,
)
from sync.hooks.webhooks import WebhookRow, find_door, heard, keep_secret
from sync.secrets import SecretStore
from tests.sync.builders import NOW, Tracker, rows

HERE = "https://sightline.example.com"


class FakeHooks:
    """A tracker's webhooks in memory. `shake` is called while one is made, as Asana does."""

    def __init__(self, *resources: str) -> None:
        self.followed = resources
        self.gives_secret = False
        self.by_hand: ByHand | None = None
        self.there: dict[str, Registered] = {}
        self.secrets: list[str | None] = []
        self.may_list: ConnectorError | None = None
        self.may_change: ConnectorError | None = None
        self.shake: Callable[[str], Any] = lambda _: None
        self.numbers = 0

    def resources(self) -> tuple[str, ...]:
        return self.followed

    def listed(self) -> tuple[Registered, ...]:
        if self.may_list is not None:
            raise self.may_list
        return tuple(self.there.values())

    def register(self, resource: str, target: str, secret: Secret | None) -> Registered:
        if self.may_change is not None:
            raise self.may_change
        self.shake(target)
        self.secrets.append(secret.reveal() if secret is not None else None)
        self.numbers += 1
        made = Registered(external_id=str(self.numbers), resource=resource, target=target)
        self.there[made.external_id] = made
        return made

    def remove(self, external_id: str) -> None:
        if self.may_change is not None:
            raise self.may_change
        self.there.pop(external_id, None)

    def close(self) -> None:
        return


@pytest.fixture
def hooks() -> FakeHooks:
    return FakeHooks("P1", "P2")


@pytest.fixture
def site(engine: Engine, tracker: Tracker, hooks: FakeHooks) -> Site:
    secrets = SecretStore(engine, [Fernet.generate_key().decode()], {})
    return Site(engine, secrets, tracker.id, hooks, lambda: NOW, COMMAND)


def kept(site: Site) -> list[tuple[Any, ...]]:
    return rows(site.engine, Webhook, "resource", "state", "external_id")


def doors(site: Site) -> list[str]:
    return [door for (door,) in rows(site.engine, Webhook, "door")]


def only(hooks: FakeHooks) -> Registered:
    (made,) = hooks.there.values()
    return made


def test_each_resource_gets_a_door_and_a_secret_of_its_own(site: Site, hooks: FakeHooks) -> None:
    standings, pastes = enable(site, HERE, signed=True)
    assert [(each.resource, each.state) for each in standings] == [("P1", "active"), ("P2", "active")]
    assert pastes == ()
    assert [each.target for each in hooks.there.values()] == [f"{HERE}/hooks/{door}" for door in doors(site)]
    assert len(set(doors(site))) == 2
    assert all(len(door) == 43 for door in doors(site))
    assert len({*hooks.secrets}) == 2
    sealed = [secret for (secret,) in rows(site.engine, Webhook, "secret")]
    assert [site.secrets.unseal(site.connection_id, each, "").reveal() for each in sealed] == hooks.secrets


def test_what_stands_stays_and_what_is_followed_no_more_goes(site: Site, hooks: FakeHooks) -> None:
    enable(site, HERE, signed=True)
    before = doors(site)
    hooks.followed = ("P2", "P3")
    enable(site, HERE, signed=True)
    assert [resource for resource, *_ in kept(site)] == ["P2", "P3"]
    assert doors(site)[0] == before[1]
    assert [each.resource for each in hooks.there.values()] == ["P2", "P3"]


def test_one_that_the_tracker_dropped_is_gone_and_made_anew(site: Site, hooks: FakeHooks) -> None:
    enable(site, HERE, signed=True)
    before = doors(site)
    del hooks.there["1"]
    assert [(each.state, each.why) for each in status(site)] == [("gone", NOT_THERE), ("active", "")]
    standings, _ = enable(site, HERE, signed=True)
    assert [each.state for each in standings] == ["active", "active"]
    assert set(before) & set(doors(site)) == {before[1]}
    with reading(site.engine) as store:
        assert find_door(store, before[0]) is None


def test_one_that_leads_elsewhere_is_replaced(site: Site, hooks: FakeHooks) -> None:
    enable(site, "https://old.example.com", signed=True)
    enable(site, HERE, signed=True)
    assert len(hooks.there) == 2
    assert all(each.target.startswith(HERE) for each in hooks.there.values())


def test_a_handshake_that_came_during_the_making_is_the_proof(site: Site, hooks: FakeHooks) -> None:
    hooks.followed = ("P1",)
    hooks.gives_secret = True

    def shake(target: str) -> None:
        with writing(site.engine) as store:
            door = find_door(store, target.rpartition("/")[2])
            assert door is not None
            assert keep_secret(store, door.webhook_id, site.secrets.seal(door.connection_id, Secret("given")))

    hooks.shake = shake
    standings, _ = enable(site, HERE, signed=True)
    assert [each.state for each in standings] == ["active"]
    assert hooks.secrets == [None]


def test_without_its_handshake_one_stays_pending_and_is_made_anew(site: Site, hooks: FakeHooks) -> None:
    hooks.followed = ("P1",)
    hooks.gives_secret = True
    standings, _ = enable(site, HERE, signed=False)
    assert [(each.state, each.why) for each in standings] == [("pending", NO_HANDSHAKE)]
    first = only(hooks)
    enable(site, HERE, signed=True)
    assert only(hooks).external_id != first.external_id
    with reading(site.engine) as store:
        door = find_door(store, doors(site)[0])
    assert door is not None
    assert door.signed


def test_where_the_account_may_not_a_person_is_told_once(site: Site, hooks: FakeHooks) -> None:
    hooks.followed, hooks.by_hand = ("",), ByHand("Settings > Webhooks", ("changed",))
    hooks.may_list = hooks.may_change = ForbiddenError("Only administrators may")
    standings, (paste,) = enable(site, HERE, signed=True)
    assert [(each.state, each.why, each.asked) for each in standings] == [("pending", BY_HAND, False)]
    assert paste.address == f"{HERE}/hooks/{doors(site)[0]}"
    assert paste.secret is not None
    assert paste.secret.reveal() not in repr(paste)

    again, pastes = enable(site, HERE, signed=True)
    assert pastes == ()
    assert paste.address.endswith(doors(site)[0])
    (row,) = rows(site.engine, Webhook, "id")
    with writing(site.engine) as store:
        heard(store, row[0], NOW)
    assert [(each.state, each.why) for each in status(site)] == [("active", "")]
    (left,) = disable(site)
    assert left.door == paste.address.rpartition("/")[2]
    assert again[0].state == "pending"
    assert kept(site) == []


def test_an_unsigned_webhook_is_one_by_choice(site: Site, hooks: FakeHooks) -> None:
    hooks.followed = ("",)
    standings, _ = enable(site, HERE, signed=False)
    assert [each.state for each in standings] == ["active"]
    assert hooks.secrets == [None]
    assert rows(site.engine, Webhook, "secret", "signed") == [(None, False)]


def test_one_that_the_tracker_refuses_says_why_and_the_others_are_made(site: Site, hooks: FakeHooks) -> None:
    hooks.may_change = RefusedError("The address cannot be reached", remedy="Give a public one")
    standings, pastes = enable(site, HERE, signed=True)
    assert pastes == ()
    assert [each.state for each in standings] == ["gone", "gone"]
    assert "Give a public one" in standings[0].why
    hooks.may_change = None
    assert [each.state for each in enable(site, HERE, signed=True)[0]] == ["active", "active"]


def test_what_broke_off_is_mended_by_doing_it_again(site: Site, hooks: FakeHooks) -> None:
    def breaks(target: str) -> None:
        if hooks.numbers:
            raise TrackerDownError("The connection was lost")

    hooks.shake = breaks
    with pytest.raises(TrackerDownError):
        enable(site, HERE, signed=True)
    hooks.shake = lambda _: None
    assert [each.state for each in enable(site, HERE, signed=True)[0]] == ["active", "active"]
    assert len(hooks.there) == 2


def test_disable_closes_the_doors_and_tells_what_the_tracker_still_has(site: Site, hooks: FakeHooks) -> None:
    enable(site, HERE, signed=True)
    names = doors(site)
    hooks.may_list = hooks.may_change = TrackerDownError("It is down", remedy="Wait")
    left = disable(site)
    assert [(each.resource, each.why) for each in left] == [("P1", "It is down. Wait"), ("P2", "It is down. Wait")]
    with reading(site.engine) as store:
        assert [find_door(store, name) for name in names] == [None, None]


def test_disable_removes_both_sides(site: Site, hooks: FakeHooks) -> None:
    enable(site, HERE, signed=True)
    assert disable(site) == ()
    assert hooks.there == {}
    assert kept(site) == []


def row(**fields: Any) -> WebhookRow:
    """A webhook made an hour ago that was never heard of."""
    given = {"id": 1, "resource": "", "door": "d", "proof": True, "state": "active", "created_at": NOW - HOUR}
    return WebhookRow(**(dict.fromkeys(WebhookRow._fields) | given | fields))


HOUR = timedelta(hours=1)
FINE = Registered(external_id="1", resource="", target=f"{HERE}/hooks/d")
OFF = Registered(external_id="1", resource="", target=f"{HERE}/hooks/d", active=False)
FAILS = Registered(external_id="1", resource="", target=f"{HERE}/hooks/d", trouble="No answer since noon.")


@pytest.mark.parametrize(
    ("found", "proof", "asked", "state", "standing"),
    [
        (FINE, True, True, "active", True),
        (FAILS, True, True, "failing", True),
        (OFF, True, True, "failing", False),
        (FINE, False, True, "pending", False),
        (None, True, True, "gone", False),
        (None, True, False, "active", True),
    ],
)
def test_how_a_webhook_stands(found: Registered | None, proof: bool, asked: bool, state: str, standing: bool) -> None:
    assert judge(row(proof=proof), found, NOW, asked=asked)[0] == state
    assert stands(row(proof=proof), found, NOW, asked=asked, public_url=HERE) is standing


def test_one_that_was_just_made_may_wait_for_its_first_delivery() -> None:
    new = row(created_at=NOW)
    assert judge(new, OFF, NOW, asked=True) == ("active", None)
    assert stands(new, OFF, NOW, asked=True, public_url=HERE)
    knocking = row(created_at=NOW, last_delivery_at=NOW)  # the tracker does not know yet that it was let in
    assert judge(knocking, OFF, NOW, asked=True) == ("active", None)
    assert stands(knocking, OFF, NOW, asked=True, public_url=HERE)
    heard_of = row(created_at=NOW - timedelta(minutes=2), last_delivery_at=NOW - timedelta(minutes=1))
    assert judge(heard_of, OFF, NOW, asked=True) == ("failing", SWITCHED_OFF)
    assert not stands(heard_of, OFF, NOW, asked=True, public_url=HERE)
