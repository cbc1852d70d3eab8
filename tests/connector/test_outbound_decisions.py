"""Which addresses may be connected to, whatever they are called."""

from __future__ import annotations

import re
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import BarredAddressError
from connector.outbound import PUBLIC, Kind, Outbound, kind_of, private_network

NEVER = [
    ("169.254.169.254", Kind.METADATA),
    ("169.254.170.2", Kind.METADATA),
    ("fd00:ec2::254", Kind.METADATA),
    ("100.100.100.200", Kind.METADATA),
    ("168.63.129.16", Kind.METADATA),
    ("::ffff:169.254.169.254", Kind.METADATA),
    ("64:ff9b::a9fe:a9fe", Kind.METADATA),
    ("2002:a9fe:a9fe::", Kind.METADATA),
    ("169.254.0.1", Kind.LINK_LOCAL),
    ("fe80::1", Kind.LINK_LOCAL),
    ("fe80::1%1", Kind.LINK_LOCAL),
    ("0.0.0.0", Kind.UNSPECIFIED),
    ("0.1.2.3", Kind.UNSPECIFIED),
    ("::", Kind.UNSPECIFIED),
    ("224.0.0.1", Kind.MULTICAST),
    ("233.252.0.1", Kind.MULTICAST),
    ("ff0e::1", Kind.MULTICAST),
    ("255.255.255.255", Kind.RESERVED),
    ("240.0.0.1", Kind.RESERVED),
    ("192.0.2.1", Kind.RESERVED),
    ("198.18.0.1", Kind.RESERVED),
    ("2001:db8::1", Kind.RESERVED),
    ("2001::1", Kind.RESERVED),
    ("64:ff9b:1::7f00:1", Kind.RESERVED),
    ("::7f00:1", Kind.RESERVED),
    ("::ffff:0:127.0.0.1", Kind.RESERVED),
    ("fec0::1", Kind.RESERVED),
    ("100::1", Kind.RESERVED),
]
UNLESS_ALLOWED = [
    ("127.0.0.1", Kind.LOOPBACK),
    ("127.255.255.254", Kind.LOOPBACK),
    ("::1", Kind.LOOPBACK),
    ("::ffff:127.0.0.1", Kind.LOOPBACK),
    ("64:ff9b::7f00:1", Kind.LOOPBACK),
    ("2002:7f00:1::", Kind.LOOPBACK),
    ("10.0.0.1", Kind.PRIVATE),
    ("172.31.255.255", Kind.PRIVATE),
    ("192.168.1.1", Kind.PRIVATE),
    ("100.64.0.1", Kind.PRIVATE),
    ("fd12::1", Kind.PRIVATE),
    ("::ffff:10.0.0.1", Kind.PRIVATE),
    ("64:ff9b::a00:1", Kind.PRIVATE),
    ("2002:a00:1::", Kind.PRIVATE),
]
ANYTHING = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
EVERY_NETWORK = tuple(map(private_network, ANYTHING))


def same(*addresses: str) -> list[str]:
    """As the library writes them."""
    return [str(ip_address(address)) for address in addresses]


def leading_to(*addresses: str, private: tuple[str, ...] = (), hosts: tuple[str, ...] = ()) -> Outbound:
    return Outbound(tuple(map(private_network, private)), hosts, lambda host, port: addresses)


@pytest.mark.parametrize(("address", "kind"), NEVER + UNLESS_ALLOWED)
def test_an_address_that_is_not_public_is_refused(address: str, kind: Kind) -> None:
    assert kind_of(ip_address(address)) is kind
    with pytest.raises(BarredAddressError, match=f"tracker.example leads to .*{kind}") as raised:
        leading_to(address).reachable("tracker.example", 443)
    assert raised.value.remedy


@pytest.mark.parametrize("address", [address for address, _ in NEVER])
def test_some_addresses_cannot_be_allowed(address: str) -> None:
    everything = Outbound(EVERY_NETWORK, resolve=lambda host, port: [address])
    with pytest.raises(BarredAddressError, match="never connects") as raised:
        everything.reachable("tracker.example", 443)
    assert "allow_private" not in raised.value.remedy


@pytest.mark.parametrize("address", [address for address, _ in UNLESS_ALLOWED])
def test_a_private_one_is_reached_once_its_network_is_allowed_as_the_remedy_says(address: str) -> None:
    with pytest.raises(BarredAddressError) as raised:
        leading_to(address).reachable("tracker.example", 443)
    network = raised.value.remedy.partition('["')[2].partition('"]')[0]
    assert leading_to(address, private=(network,)).reachable("tracker.example", 443) == same(address)
    assert leading_to(address, private=(network,)).reachable("tracker.example", 80, clear=True) == same(address)
    with pytest.raises(BarredAddressError):
        leading_to(address, private=("192.168.77.0/24",)).reachable("tracker.example", 443)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_a_public_address_is_reached_but_never_in_clear(address: str) -> None:
    assert leading_to(address).reachable("tracker.example", 443) == same(address)
    with pytest.raises(BarredAddressError, match=r"in clear to tracker\.example") as raised:
        leading_to(address).reachable("tracker.example", 80, clear=True)
    assert "https://" in raised.value.remedy


def test_of_several_addresses_only_those_that_may_be_are_reached() -> None:
    assert leading_to("10.0.0.1", "8.8.8.8", "::1").reachable("tracker.example", 443) == ["8.8.8.8"]


@given(st.ip_addresses(v=4))
def test_what_is_reached_without_an_allowance_is_global(address: object) -> None:
    try:
        leading_to(str(address)).reachable("tracker.example", 443)
    except BarredAddressError:
        return
    reached = ip_address(str(address))
    assert reached.is_global
    assert not reached.is_multicast


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "LOCALHOST",
        "tracker.localhost",
        "2852039166",
        "0xa9fea9fe",
        "metadata.google.internal",
        "Metadata.Google.Internal.",
        "10.1",
    ],
)
def test_what_a_proxy_is_asked_for_is_judged_by_how_it_is_spelt(host: str) -> None:
    with pytest.raises(BarredAddressError):
        PUBLIC.require_name(host)


def test_names_are_compared_whole_or_with_all_below_them() -> None:
    some = Outbound(hosts=("jira.example.com", ".atlassian.net"))
    for host in ("jira.example.com", "JIRA.example.com.", "our.atlassian.net", "atlassian.net"):
        some.require_name(host)
    for host in ("x.jira.example.com", "jira.example.com.evil.example", "notatlassian.net", "8.8.8.8"):
        with pytest.raises(BarredAddressError, match=re.escape(host)) as raised:
            some.require_name(host)
        assert "outbound.hosts" in raised.value.remedy


@pytest.mark.parametrize(
    "written", ["8.8.8.0/24", "0.0.0.0/0", "::/0", "169.254.0.0/16", "fe80::/10", "10.0.0.1/8", "x"]
)
def test_only_private_networks_can_be_allowed(written: str) -> None:
    with pytest.raises(ValueError, match=r"10\."):
        private_network(written)
