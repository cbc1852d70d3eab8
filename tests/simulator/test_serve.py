"""The process that serves all simulators: ports, keep-alive, a clean stop."""

from __future__ import annotations

import http.client
import socket
from urllib.parse import urlsplit

import pytest

from simulator.asana.workspace import Workspace
from simulator.jira.site import Site
from simulator.serve import Simulator


def connect(address: str) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)


def test_each_tracker_has_an_address_and_faults_of_its_own():
    with Simulator(Site("cloud"), Site("datacenter", context_path="/tracker"), Workspace("1")) as simulator:
        assert set(simulator.addresses) == set(simulator.faults) == {"jira_cloud", "jira_datacenter", "asana"}
        assert simulator.addresses["jira_datacenter"].endswith("/tracker")
        assert simulator.addresses["asana"].endswith("/api/1.0")
        assert len({urlsplit(address).port for address in simulator.addresses.values()}) == 3


def test_many_requests_share_one_connection():
    with Simulator(jira_cloud=Site("cloud")) as simulator:
        client = connect(simulator.addresses["jira_cloud"])
        ports = set()
        for method, path, body in (
            ("GET", "/rest/api/3/serverInfo", None),
            ("POST", "/rest/api/3/search/jql", b'{"jql": ""}'),
            ("GET", "/rest/api/3/nothing", None),
            ("HEAD", "/rest/api/3/serverInfo", None),
            ("GET", "/rest/api/3/serverInfo", None),
        ):
            client.request(method, path, body=body)
            answer = client.getresponse()
            assert answer.version == 11
            assert (answer.read() == b"") == (method == "HEAD")
            ports.add(client.sock.getsockname()[1])
        assert len(ports) == 1


def test_stopping_frees_the_port_and_cuts_open_connections():
    simulator = Simulator(jira_cloud=Site("cloud"))
    simulator.start()
    client = connect(simulator.addresses["jira_cloud"])
    client.request("GET", "/rest/api/3/serverInfo")
    client.getresponse().read()
    simulator.stop()
    simulator.stop()
    assert client.sock.recv(1) == b""
    port = urlsplit(simulator.addresses["jira_cloud"]).port
    with Simulator(jira_cloud=Site("cloud"), ports={"jira_cloud": port}) as again:
        assert urlsplit(again.addresses["jira_cloud"]).port == port


def test_a_taken_port_leaves_nothing_running():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        simulator = Simulator(Site("cloud"), Site("datacenter"), ports={"jira_datacenter": taken.getsockname()[1]})
        with pytest.raises(OSError, match="in use"):
            simulator.start()
    with pytest.raises(ConnectionRefusedError):
        connect(simulator.addresses["jira_cloud"]).request("GET", "/")
