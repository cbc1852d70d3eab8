"""Where Sightline may connect to on behalf of a connection: public addresses, and what the process allows beside them.

A name is judged by the address it leads to, at the moment that address is connected to. So it does not matter how an
address is spelt, nor what the name led to a moment before.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import msgspec

from connector.errors import BarredAddressError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Iterable[str]]


class Kind(StrEnum):
    """What an address is, in the words of an error."""

    PUBLIC = "a public address"
    METADATA = "the metadata service of a cloud"
    LINK_LOCAL = "a link-local address"
    UNSPECIFIED = "no address of a machine"
    MULTICAST = "a multicast address"
    LOOPBACK = "this machine itself"
    PRIVATE = "an address of a private network"
    RESERVED = "a reserved address"


def _networks(*written: str) -> tuple[Network, ...]:
    return tuple(map(ip_network, written))


# Judged from the top: a metadata service stands inside of link-local and private networks, and one in a public one.
_KINDS: tuple[tuple[Kind, tuple[Network, ...]], ...] = (
    (
        Kind.METADATA,
        _networks(
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "fd00:ec2::/32",  # AWS
            "100.100.100.200",  # Alibaba
            "168.63.129.16",  # Azure
            "192.0.0.192",  # Oracle
            "fd20:ce::254",  # Google
        ),
    ),
    (Kind.LINK_LOCAL, _networks("169.254.0.0/16", "fe80::/10")),
    (Kind.UNSPECIFIED, _networks("0.0.0.0/8", "::/128")),
    (Kind.MULTICAST, _networks("224.0.0.0/4", "ff00::/8")),
    (Kind.LOOPBACK, _networks("127.0.0.0/8", "::1/128")),
    (Kind.PRIVATE, _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")),
)
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data"})
_ALLOWABLE = (Kind.LOOPBACK, Kind.PRIVATE)
_GLOBAL = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


def kind_of(address: Address) -> Kind:
    """What an address is. IPv6 forms that carry an IPv4 address (mapped, NAT64, 6to4) are what they carry."""
    address = _inner(address)
    for kind, networks in _KINDS:
        if any(address in each for each in networks):
            return kind
    known = address in _GLOBAL if isinstance(address, IPv6Address) else True
    return Kind.PUBLIC if known and address.is_global else Kind.RESERVED


def private_network(written: str) -> Network:
    """A network that may be allowed, from its CIDR form. Raises ValueError for what is none, or is no private one."""
    try:
        network = ip_network(written)
    except ValueError as error:
        raise ValueError(f"{written!r} is no network; write it like 10.20.0.0/16") from error
    allowable = (each for kind, networks in _KINDS if kind in _ALLOWABLE for each in networks)
    if not any(each.version == network.version and network.subnet_of(each) for each in allowable):  # type: ignore[arg-type]
        raise ValueError(f"{written!r} is not a part of the private networks, such as 10.0.0.0/8 and 127.0.0.0/8")
    return network


def resolved(host: str, port: int) -> list[str]:
    """The addresses a name leads to, by the machine's own resolver. Raises `socket.gaierror`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Outbound(msgspec.Struct, frozen=True):
    """What may be connected to: public addresses and `private` networks, under the names of `hosts`.

    Of `hosts` a name that begins with a dot stands for itself and all names below it; none at all is any name. Some
    addresses are never allowed: metadata services, link-local, multicast and reserved ones. To a public address nothing
    is sent in clear.
    """

    private: tuple[Network, ...] = ()
    hosts: tuple[str, ...] = ()
    resolve: Resolve = resolved

    def reachable(self, host: str, port: int, *, clear: bool = False) -> list[str]:
        """The addresses of a host that may be connected to; `clear`: without TLS.

        Raises `BarredAddressError` when there is none, and what `resolve` raises. Connect to one of these, not to the
        name: it may lead elsewhere by then.
        """
        found = [ip_address(address) for address in self.resolve(host, port)]
        allowed = [address for address in found if self._allows(address, clear=clear)]
        if found and not allowed:
            raise self._barred(host, found[0])
        return [str(address) for address in allowed]

    def require_name(self, host: str) -> None:
        """Raise `BarredAddressError` for a host that must not be named, or is an address that is not allowed.

        Names are not looked up: this is all that can be known of a host to which a proxy connects.
        """
        name = _plain(host)
        if self.hosts and not any(_within(name, each) for each in self.hosts):
            what = f"{name} is none of the hosts Sightline may connect to"
            raise BarredAddressError(
                what, remedy="If the tracker is there, add it to outbound.hosts where Sightline runs"
            )
        if name in _METADATA_NAMES:
            raise _never(name, Kind.METADATA)
        address = _written(name)
        if address is not None and not self._allows(address):
            raise self._barred(name, address)

    def require_clear(self, host: str) -> None:
        """Raise `BarredAddressError` unless a proxy may be asked without TLS for something at this host."""
        self.require_name(host)
        address = _written(_plain(host))
        if address is None or not self._allows(address, clear=True):
            raise _in_clear(_plain(host))

    def _allows(self, address: Address, *, clear: bool = False) -> bool:
        kind = kind_of(address)
        if kind is Kind.PUBLIC:
            return not clear
        return kind in _ALLOWABLE and any(_inner(address) in each for each in self.private)

    def _barred(self, host: str, address: Address) -> BarredAddressError:
        kind, name = kind_of(address), _plain(host)
        if kind is Kind.PUBLIC:
            return _in_clear(name)
        where = f"{name} is" if name == str(address) else f"{name} leads to {address}, which is"
        if kind not in _ALLOWABLE:
            return _never(where.removesuffix(" is"), kind)
        what = f"{where} {kind}, and Sightline was not allowed to connect there"
        network = ip_network(_inner(address))
        remedy = f'If the tracker is there, set outbound.allow_private = ["{network}"] where Sightline runs'
        return BarredAddressError(what, remedy=remedy)


PUBLIC = Outbound()


def _never(where: str, kind: Kind) -> BarredAddressError:
    what = f"{where} is {kind}, to which Sightline never connects"
    return BarredAddressError(what, remedy="Give this connection the address of its tracker")


def _in_clear(host: str) -> BarredAddressError:
    what = f"The token would travel in clear to {host}"
    return BarredAddressError(what, remedy="Give this connection an address that begins with https://")


def _inner(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _within(name: str, pattern: str) -> bool:
    return name == pattern.removeprefix(".") or (pattern.startswith(".") and name.endswith(pattern))


def _written(name: str) -> Address | None:
    """The address that is written here in whatever way (decimal, octal, hexadecimal, cut short); None for a name."""
    if name == "localhost" or name.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        return ip_address(name)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(name))
    except OSError:
        return None
