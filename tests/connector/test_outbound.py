"""Where connections lead, seen from the servers they must not reach: by address, by name, by redirect, by proxy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from connector.asana.connection import AsanaConnector
from connector.boundary.call import Boundary
from connector.errors import AbortError, BadAddressError, BarredAddressError, ConnectorError
from connector.jira.connection import JiraConnector
from connector.outbound import PUBLIC, Outbound, private_network
from connector.protocol import Connector, Opening
from connector.registry import open_connector, open_hooks
from connector.settings import ConnectionSettings, Secret, SignIn
from tests.connector.authority import tls_server
from tests.connector.boundary.scripted import Say, ScriptedServer
from tests.loopback import LOOPBACK

KINDS: dict[str, Opening] = {"jira": JiraConnector, "asana": AsanaConnector}
HERE = (private_network("127.0.0.1/32"),)
FOUND = {"jira": b'{"version": "9.12.0"}', "asana": b'{"data": {"gid": "1", "name": "Ada"}}'}

Open = Callable[..., Connector]


class Resolver:
    """Leads each name to what comes next in its list, the last one again and again."""

    def __init__(self, **names: Sequence[str]) -> None:
        self.names = {name.replace("_", "."): list(addresses) for name, addresses in names.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        leads = self.names.get(host, [host])
        return [leads.pop(0) if len(leads) > 1 else leads[0]]


@pytest.fixture(params=KINDS)
def tracker(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connect(tracker: str) -> Iterator[Open]:
    opened: list[Connector] = []

    def one(address: str, outbound: Outbound, **more: str) -> Connector:
        settings = ConnectionSettings(tracker=tracker, address=address, sign_in=SignIn.PERSONAL_TOKEN, **more)  # type: ignore[arg-type]
        boundary = Boundary(settings, outbound=outbound, sleep=lambda _: None)
        opened.append(KINDS[tracker](settings, Secret("simulated-token"), boundary))
        return opened[-1]

    yield one
    for connector in opened:
        connector.close()


@pytest.fixture
def victim() -> Iterator[ScriptedServer]:
    """A server of the inner network, which must never be asked for anything."""
    with ScriptedServer(Say()) as server:
        yield server
    assert server.asked == []


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "0.0.0.0",
        "localhost",
        "LOCALHOST.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]",
        "[::]",
    ],
)
def test_no_spelling_of_an_inner_address_is_connected_to(
    connect: Open, victim: ScriptedServer, scheme: str, host: str
) -> None:
    with pytest.raises(BarredAddressError) as raised:
        connect(f"{scheme}://{host}:{victim.port}", PUBLIC).probe()
    assert raised.value.remedy
    assert raised.value.path


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "2852039166",
        "[fd00:ec2::254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "metadata.google.internal",
        "[fe80::1]",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_metadata_services_and_their_like_are_refused_whatever_is_allowed(connect: Open, host: str) -> None:
    with pytest.raises(BarredAddressError, match="never connects"):
        connect(f"http://{host}", LOOPBACK).probe()


def test_addresses_that_readers_take_differently_reach_nobody(tracker: str, victim: ScriptedServer) -> None:
    for address in (
        f"http://8.8.8.8@127.0.0.1:{victim.port}",
        f"http://127.0.0.1:{victim.port}\\@tracker.example",
        f"http://127.0.0.1:{victim.port}#@tracker.example",
        f"http://①②⑦.⓪.⓪.①:{victim.port}",
        f"http://127。0。0。1:{victim.port}",
        f"http:127.0.0.1:{victim.port}",
        f"http:////127.0.0.1:{victim.port}",
    ):
        settings = ConnectionSettings(tracker=tracker, address=address, sign_in=SignIn.PERSONAL_TOKEN)
        with pytest.raises(AbortError):
            open_connector(settings, Secret("simulated-token")).probe()


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher", "unix", "data"])
def test_other_schemes_are_refused(connect: Open, victim: ScriptedServer, scheme: str) -> None:
    with pytest.raises(BadAddressError, match="cannot be used"):
        connect(f"{scheme}://127.0.0.1:{victim.port}/etc/passwd", LOOPBACK).probe()


def test_a_public_name_that_leads_inside_is_refused(connect: Open, victim: ScriptedServer) -> None:
    inside = Outbound(resolve=Resolver(tracker_example=["127.0.0.1"]))
    with pytest.raises(BarredAddressError, match=r"tracker\.example leads to 127\.0\.0\.1") as raised:
        connect(f"https://tracker.example:{victim.port}", inside).probe()
    assert 'outbound.allow_private = ["127.0.0.1/32"]' in raised.value.remedy


def test_a_name_that_changes_its_mind_is_held_to_the_address_that_was_judged(connect: Open, tracker: str) -> None:
    resolver = Resolver(tracker_example=["127.0.0.1", "127.0.0.2"])
    with (
        ScriptedServer(Say(body=FOUND[tracker])) as first,
        ScriptedServer(Say(), place=("127.0.0.2", first.port)) as second,
    ):
        with pytest.raises(BarredAddressError, match=r"tracker\.example leads to 127\.0\.0\.2"):
            connect(f"http://tracker.example:{first.port}", Outbound(HERE, resolve=resolver)).probe()
        assert second.asked == []
    # One look-up for each connection: the address that is connected to is the one that was looked at.
    assert len(first.asked) == 1
    assert resolver.asked == ["tracker.example"] * 2


def test_an_allowed_network_is_reached_and_no_other(connect: Open, tracker: str, victim: ScriptedServer) -> None:
    with ScriptedServer(Say(body=FOUND[tracker]), place=("127.0.0.2", 0)) as allowed:
        outbound = Outbound((private_network("127.0.0.2/32"),))
        with pytest.raises(ConnectorError):
            connect(allowed.address, outbound).probe()
        assert allowed.asked
        with pytest.raises(BarredAddressError):
            connect(victim.address, outbound).probe()


def test_a_second_address_is_tried_where_the_first_does_not_answer(connect: Open, tracker: str) -> None:
    with ScriptedServer(Say(body=FOUND[tracker])) as server:
        both = Outbound(LOOPBACK.private, resolve=lambda host, port: ["127.0.0.3", "127.0.0.1"])
        with pytest.raises(ConnectorError):
            connect(f"http://tracker.example:{server.port}", both).probe()
        assert server.asked


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(connect: Open, victim: ScriptedServer, status: int) -> None:
    for target in (victim.address, "http://169.254.169.254/latest/meta-data/", "//127.0.0.1:1/", "/elsewhere"):
        with ScriptedServer(Say(status=status, headers={"Location": target})) as server:
            with pytest.raises(BadAddressError):
                connect(server.address, LOOPBACK).probe()
            assert all("elsewhere" not in path for _, path in server.asked)


def test_webhooks_are_asked_for_under_the_same_rule(tracker: str, victim: ScriptedServer) -> None:
    settings = ConnectionSettings(tracker=tracker, address=victim.address, sign_in=SignIn.PERSONAL_TOKEN)
    hooks = open_hooks(settings, Secret("simulated-token"))
    with pytest.raises(BarredAddressError):
        hooks.listed()
    hooks.close()


def test_the_gateway_is_under_the_same_rule(victim: ScriptedServer) -> None:
    settings = ConnectionSettings(
        tracker="jira",
        address="https://tracker.example",
        sign_in=SignIn.OAUTH,
        cloud_id="7",
        gateway=victim.address,
    )
    connector = open_connector(settings, Secret("simulated-token"))
    with pytest.raises(BarredAddressError):
        connector.probe()
    connector.close()


def test_a_host_that_is_not_on_the_list_is_not_even_looked_up(connect: Open) -> None:
    resolver = Resolver()
    with pytest.raises(BarredAddressError, match=r"evil\.example is none of the hosts"):
        connect("https://evil.example", Outbound(hosts=(".atlassian.net",), resolve=resolver)).probe()
    assert resolver.asked == []


def test_tls_is_held_against_the_name_and_not_the_address(connect: Open, tracker: str, tmp_path: Path) -> None:
    names = Resolver(tracker_example=["127.0.0.1"], other_example=["127.0.0.1"])
    outbound = Outbound(HERE, resolve=names)
    with tls_server(tmp_path, "tracker.example", FOUND[tracker]) as server:
        with pytest.raises(ConnectorError):
            connect(f"https://tracker.example:{server.port}", outbound, ca_bundle=server.authority).probe()
        assert server.asked
        server.asked.clear()
        with pytest.raises(BadAddressError, match="certificate was not accepted"):
            connect(f"https://other.example:{server.port}", outbound, ca_bundle=server.authority).probe()
        assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "https://169.254.169.254",
        "https://2852039166",
        "https://metadata.google.internal",
        "https://10.0.0.1",
        "https://localhost",
        "https://[::ffff:10.0.0.1]",
        "http://tracker.example",
        "http://10.0.0.1",
    ],
)
def test_a_proxy_is_asked_for_no_inner_address_and_for_nothing_in_clear(connect: Open, address: str) -> None:
    with ScriptedServer(Say(), place=("127.0.0.2", 0)) as proxy:
        with pytest.raises(BarredAddressError):
            connect(address, Outbound((private_network("127.0.0.2/32"),)), proxy=proxy.address).probe()
        assert proxy.asked == []


def test_a_proxy_of_the_environment_is_held_to_the_same(
    monkeypatch: pytest.MonkeyPatch, victim: ScriptedServer
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", victim.address)
    settings = ConnectionSettings(tracker="jira", address="https://10.0.0.1", sign_in=SignIn.PERSONAL_TOKEN)
    for outbound in (Outbound(HERE), Outbound((private_network("10.0.0.0/8"),))):
        connector = open_connector(settings, Secret("simulated-token"), outbound=outbound)
        with pytest.raises(BarredAddressError):
            connector.probe()
        connector.close()


def test_an_allowed_proxy_looks_public_names_up_itself(connect: Open) -> None:
    resolver = Resolver()
    with ScriptedServer(Say(status=403)) as proxy:
        with pytest.raises(ConnectorError):
            connect("https://tracker.example", Outbound(HERE, resolve=resolver), proxy=proxy.address).probe()
        assert set(proxy.asked) == {("CONNECT", "tracker.example:443")}
    assert set(resolver.asked) == {"127.0.0.1"}


def test_a_proxy_of_the_inner_network_must_be_allowed(connect: Open, victim: ScriptedServer) -> None:
    with pytest.raises(BarredAddressError, match=r"127\.0\.0\.1 is this machine itself"):
        connect("https://tracker.example", PUBLIC, proxy=victim.address).probe()
