"""Making the sockets of both client libraries: each address is judged before it is connected to.

`requests` and `asana` both stand on urllib3, so its connections are the one place. The name is looked up once, and the
address that was judged is the one connected to; TLS is still held against the name.
"""

from __future__ import annotations

import socket
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NameResolutionError, NewConnectionError

from connector.outbound import Outbound


class _Plain(HTTPConnection):
    """A connection that goes only where `outbound` lets it. A proxy is judged like any other address."""

    secure = False

    def __init__(self, *given: Any, outbound: Outbound, **more: Any) -> None:
        super().__init__(*given, **more)
        self._outbound = outbound

    def putrequest(self, method: str, url: str, *given: Any, **more: Any) -> None:
        if self.proxy is not None and self._tunnel_host is None:
            self._outbound.require_clear(urlsplit(url).hostname or "")
        super().putrequest(method, url, *given, **more)

    def _new_conn(self) -> socket.socket:
        named = self._dns_host
        if self._tunnel_host is not None:
            self._outbound.require_name(self._tunnel_host)
        elif self.proxy is None:
            self._outbound.require_name(named)
        try:
            addresses = self._found(clear=not self.secure and self.proxy is None)
            for address in addresses[:-1]:
                try:
                    return self._reach(address)
                except (ConnectTimeoutError, NewConnectionError):
                    continue
            return self._reach(addresses[-1])
        finally:
            self._dns_host = named

    def _found(self, *, clear: bool) -> list[str]:
        host = self._dns_host.strip("[]")
        try:
            found = self._outbound.reachable(host, self.port, clear=clear)
        except socket.gaierror as raised:
            raise NameResolutionError(self.host, self, raised) from raised
        except UnicodeError:
            raise LocationParseError(f"{host!r} is no host name") from None
        if not found:
            raise NewConnectionError(self, "the name leads nowhere")
        return found

    def _reach(self, address: str) -> socket.socket:
        self._dns_host = address
        return super()._new_conn()


class _Tls(_Plain, HTTPSConnection):
    secure = True


class _PlainPool(HTTPConnectionPool):
    def __init__(self, *given: Any, outbound: Outbound, **more: Any) -> None:
        super().__init__(*given, **more)
        self.ConnectionCls = partial(_Plain, outbound=outbound)  # type: ignore[assignment]


class _TlsPool(HTTPSConnectionPool):
    def __init__(self, *given: Any, outbound: Outbound, **more: Any) -> None:
        super().__init__(*given, **more)
        self.ConnectionCls = partial(_Tls, outbound=outbound)  # type: ignore[assignment]


def keep_to(outbound: Outbound, manager: PoolManager) -> None:
    """Have all connections that the manager makes from now on go only where `outbound` lets them."""
    pools: dict[str, Any] = {
        "http": partial(_PlainPool, outbound=outbound),
        "https": partial(_TlsPool, outbound=outbound),
    }
    manager.pool_classes_by_scheme = pools


class OutboundAdapter(HTTPAdapter):
    """The same for a session of `requests`, where it must be mounted for http and https."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        super().__init__()

    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        super().init_poolmanager(*given, **more)
        keep_to(self._outbound, self.poolmanager)

    def proxy_manager_for(self, proxy: str, **more: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(proxy, **more)
        keep_to(self._outbound, manager)
        return manager
