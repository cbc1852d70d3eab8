"""Faults on demand over real sockets, asked for in process and through the control door."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator

import pytest

from simulator.faults import Fault, Faults, FaultyApp, Seen
from simulator.wire import WireServer

ANSWER = json.dumps({"numbers": list(range(200))}).encode()


def plain(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))])
    return [ANSWER]


class Line:
    """One client and the faults of the server it talks to."""

    def __init__(self, server: WireServer, faults: Faults) -> None:
        self.faults = faults
        self.client = http.client.HTTPConnection(server.server_name, server.server_port, timeout=10)

    def ask(self, method="GET", path="/thing?a=1", body=None):
        self.client.request(method, path, body=body)
        answer = self.client.getresponse()
        return answer.status, answer.headers, answer.read()

    def statuses(self, times, **more):
        return [self.ask(**more)[0] for _ in range(times)]


@pytest.fixture
def line() -> Iterator[Line]:
    faults = Faults()
    server = WireServer(FaultyApp(plain, faults))
    server.start()
    line = Line(server, faults)
    yield line
    line.client.close()
    faults.end()
    server.stop()


@pytest.mark.parametrize("status", [401, 402, 403, 404, 429, 500, 502, 503, 504])
def test_a_status_for_so_many_requests(line, status):
    line.faults.add(Fault(status=status, count=2))
    assert line.statuses(3) == [status, status, 200]


def test_retry_after_goes_out_as_it_is(line):
    for wait in (0, 7, "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"):
        line.faults.add(Fault(status=429, retry_after=wait, count=1))
        assert line.ask()[1]["Retry-After"] == str(wait)


def test_a_fault_hits_only_the_method_and_path_it_names(line):
    line.faults.add(Fault(method="POST", path=r"/thing\?.*a=1$", status=500))
    assert line.ask("GET")[0] == 200
    assert line.ask("POST", "/thing?a=12")[0] == 200
    assert line.ask("POST")[0] == 500


def test_the_first_requests_may_pass(line):
    line.faults.add(Fault(status=503, skip=2, count=1))
    assert line.statuses(4) == [200, 200, 503, 200]


def test_until_cleared(line):
    line.faults.add(Fault(status=500))
    assert line.statuses(2) == [500, 500]
    line.faults.clear()
    assert line.statuses(1) == [200]


def test_a_dropped_connection(line):
    line.faults.add(Fault(answer="drop", count=1))
    with pytest.raises(ConnectionError):
        line.ask()
    line.client.close()
    assert line.ask()[0] == 200
    assert [seen.status for seen in line.faults.log] == [0, 200]


def test_a_truncated_body(line):
    line.faults.add(Fault(answer="truncated", count=1))
    with pytest.raises(http.client.IncompleteRead) as caught:
        line.ask()
    assert caught.value.partial == ANSWER[: len(ANSWER) // 2]
    line.client.close()
    assert line.ask()[2] == ANSWER


def test_answers_that_are_no_json(line):
    line.faults.add(Fault(answer="html", count=1), Fault(answer="empty", count=1), Fault(answer="login", count=1))
    status, headers, body = line.ask()
    assert (status, headers.get_content_type(), body[:6]) == (200, "text/html", b"<html>")
    assert line.ask()[::2] == (200, b"")
    status, headers, body = line.ask()
    assert (status, body) == (302, b"")
    assert headers["Location"].startswith("/login.jsp")


def test_a_slow_answer_is_held_until_the_server_stops(line):
    line.faults.add(Fault(latency_s=3600, count=1))
    held = threading.Thread(target=line.ask)
    held.start()
    assert held.is_alive()
    line.faults.end()
    held.join(10)
    assert not held.is_alive()
    assert [seen.status for seen in line.faults.log] == [200]


def test_the_log(line):
    line.ask("GET", "/a?x=1")
    line.ask("POST", "/b", body=b"{}")
    assert line.faults.log == [Seen("GET", "/a", "x=1", 200), Seen("POST", "/b", "", 200)]
    assert line.faults.seen(r"x=1") == line.faults.log[:1]
    assert line.faults.seen(method="POST") == line.faults.log[1:]
    line.faults.forget()
    assert line.faults.log == []


def test_the_control_door(line):
    fault = {"path": "/thing", "status": 429, "retry_after": 3, "count": 1}
    assert line.ask("POST", "/__simulator__/faults", json.dumps([fault, {"status": 500}]))[0] == 200
    assert [entry["status"] for entry in json.loads(line.ask("GET", "/__simulator__/faults")[2])] == [429, 500]
    assert line.statuses(2) == [429, 500]
    assert line.ask("DELETE", "/__simulator__/faults")[0] == 200
    assert line.statuses(1) == [200]
    log = json.loads(line.ask("GET", "/__simulator__/log")[2])
    assert [entry["status"] for entry in log] == [429, 500, 200]
    line.ask("DELETE", "/__simulator__/log")
    assert line.faults.log == []


@pytest.mark.parametrize(
    "body", ["nonsense", '{"status": 299999}', '{"answer": "explode"}', '{"speed": 1}', '{"path": "("}']
)
def test_the_control_door_refuses_what_is_no_fault(line, body):
    status, _, answer = line.ask("POST", "/__simulator__/faults", body)
    assert status == 400
    assert json.loads(answer)["error"]
    assert line.faults.active == []
    assert line.ask("PUT", "/__simulator__/faults")[0] == 404
