"""One process that serves the simulated trackers, each on a port of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from wsgiref.types import WSGIApplication

from simulator.asana.app import make_app as make_asana
from simulator.asana.courier import Courier as AsanaCourier
from simulator.asana.workspace import Workspace
from simulator.faults import Faults, FaultyApp
from simulator.jira.app import make_app as make_jira
from simulator.jira.outbox import Courier
from simulator.jira.site import Site
from simulator.wire import WireServer


class Simulator:
    """Serves up to three trackers while the `with` block runs.

    `ports` chooses a port by name ("jira_cloud", "jira_datacenter", "asana"); 0 or nothing takes a free one.
    `addresses` are the URLs a connection is given, with the context path of Jira and `/api/1.0` of Asana.
    `faults` are the faults and the request log of each server. `clock` is the time on the servers.
    Raises `OSError` when a port is taken; then nothing is left running.
    """

    def __init__(
        self,
        jira_cloud: Site | None = None,
        jira_datacenter: Site | None = None,
        asana: Workspace | None = None,
        host: str = "127.0.0.1",
        ports: Mapping[str, int] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.addresses: dict[str, str] = {}
        self.faults: dict[str, Faults] = {}
        self._host = host
        self._ports = dict(ports or {})
        self._servers: list[WireServer] = []
        self._couriers: list[Courier | AsanaCourier] = []
        self._sites = [site for site in (jira_cloud, jira_datacenter) if site is not None]
        self._apps: dict[str, tuple[WSGIApplication, str]] = {}
        for name, site in (("jira_cloud", jira_cloud), ("jira_datacenter", jira_datacenter)):
            if site is not None:
                self._apps[name] = (make_jira(site, clock=clock), site.context_path)
        self._asana, self._clock = asana, clock
        if asana is not None:
            self._apps["asana"] = (make_asana(asana, clock=clock), "/api/1.0")

    def start(self) -> None:
        try:
            for name, (app, path) in self._apps.items():
                faults = Faults()
                server = WireServer(FaultyApp(app, faults), self._host, self._ports.get(name, 0))
                server.start()
                self._servers.append(server)
                self.faults[name] = faults
                self.addresses[name] = server.address + path
            for site in self._sites:
                # Data Center does not try again.
                courier = Courier(site.outbox, attempts=4 if site.flavour == "cloud" else 1)
                courier.start()
                self._couriers.append(courier)
            if self._asana is not None:
                teller = AsanaCourier(self._asana, self._clock)
                teller.start()
                self._couriers.append(teller)
        except OSError:
            self.stop()
            raise

    def stop(self) -> None:
        """Cut every connection and free the ports. Idempotent."""
        for faults in self.faults.values():
            faults.end()
        while self._couriers:
            self._couriers.pop().stop()
        while self._servers:
            self._servers.pop().stop()

    def settle(self, timeout_s: float = 10.0) -> bool:
        """Wait until the trackers have told their webhooks everything. False when that takes too long."""
        tellers = [courier.settle for courier in self._couriers if isinstance(courier, AsanaCourier)]
        return all(settle(timeout_s) for settle in (*(site.outbox.settle for site in self._sites), *tellers))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
