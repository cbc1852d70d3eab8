"""A static Jira Cloud: issues made of templates over keep-alive HTTP, so that the client's work is what is measured.

It knows which issues were edited since it began, so that it can be asked what changed, and counts what it is asked.

python -m tests.bench.server COUNT LATENCY_MS      prints its address when ready
POST /bench/edit?count=K                           edits K issues, spread evenly
POST /bench/counted                                answers how many requests there were, and begins to count anew
"""

from __future__ import annotations

import re
import socketserver
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import orjson

from tests.bench.issues import EPOCH, FIRST_PROJECT, PROJECTS, STATUSES, Issues, project_document

PAGE = 100
FIELDS = [
    {"id": "summary", "name": "Summary", "custom": False, "schema": {"type": "string", "system": "summary"}},
    {"id": "customfield_10001", "name": "Story point estimate", "custom": True,
     "schema": {"type": "number", "custom": "com.pyxis.greenhopper.jira:jsw-story-points", "customId": 10001}},
]  # fmt: skip
ME = {"accountId": "acc-0001", "displayName": "Worker 1", "timeZone": "UTC", "emailAddress": "w@benchmark.invalid"}
NOTHING_PAGED = {"startAt": 0, "maxResults": 50, "total": 0, "isLast": True, "values": []}
NO_WORKLOGS = {"values": [], "since": 0, "until": 0, "lastPage": True}
PROJECT_PAGE = NOTHING_PAGED | {"total": PROJECTS, "values": [project_document(number) for number in range(PROJECTS)]}
FIXED: dict[str, object] = {
    "serverInfo": {
        "baseUrl": "https://benchmark.invalid",
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
    },
    "myself": ME,
    "mypermissions": {"permissions": {}},
    "field": FIELDS,
    "status": [{"id": i, "name": n, "statusCategory": {"key": c}} for i, n, c in STATUSES],
    "issuetype": [{"id": "10001", "name": "Story", "subtask": False, "hierarchyLevel": 0}],
    "issueLinkType": {"issueLinkTypes": []},
    "project/search": PROJECT_PAGE,
    "users/search": [],
    "board": NOTHING_PAGED,
    "worklog/updated": NO_WORKLOGS,
    "worklog/deleted": NO_WORKLOGS,
}
EMPTY_LIST = re.compile(r"^project/\w+/(versions|components)$")
PATH = re.compile(r"^/rest/(?:api/[23]|agile/1\.0)/([^?]*)")
EDIT = re.compile(r"^/bench/edit\?count=(\d+)$")
# No issue's own history reaches so far: whatever changed since, was edited here.
QUIET_SINCE_MS = int((EPOCH + timedelta(days=90)).timestamp() * 1000)
ASKED_PROJECTS = re.compile(r"project (?:= (\d+)|in \(([\d, ]+)\))")
ASKED_SINCE = re.compile(r"updated >= (\d+)")


class Tracker:
    """The issues, what was edited, and the count of requests. Safe to use from several threads."""

    def __init__(self, count: int) -> None:
        self._issues = Issues(count)
        self._lock = threading.Lock()
        self._edited: dict[int, tuple[int, int]] = {}
        self._requests = 0

    def counted(self) -> int:
        """How many requests there were since this was last asked."""
        with self._lock:
            count, self._requests = self._requests, 0
        return count

    def count(self) -> None:
        """One more request."""
        with self._lock:
            self._requests += 1

    def edit(self, count: int) -> None:
        """Edit so many issues, the same number in each project as far as that goes."""
        with self._lock:
            for place in range(count):
                numbers = self._issues.numbers(place % PROJECTS)
                number = numbers[place // PROJECTS * 7 % len(numbers)]
                _, edition = self._edited.get(number, (0, 0))
                self._edited[number] = (_now_ms(), edition + 1)

    def search(self, question: dict[str, Any]) -> bytes:
        """A page of what a search finds: all of the projects it names, or what changed in them."""
        found = self._found(question["jql"])
        start, size = int(question.get("nextPageToken") or 0), int(question["maxResults"])
        bare = question["fields"] == ["id"]
        some = found[start : start + (size if bare else min(size, PAGE))]
        bodies = [b'{"id":"1000%d"}' % number for number in some] if bare else [self._body(number) for number in some]
        reached = start + len(some)
        end = b'],"isLast":true}' if reached >= len(found) else b'],"nextPageToken":"%d"}' % reached
        return b'{"issues":[' + b",".join(bodies) + end

    def count_of(self, question: dict[str, Any]) -> bytes:
        """How many issues a search finds."""
        return b'{"count":%d}' % len(self._found(question["jql"]))

    def _found(self, jql: str) -> Sequence[int]:
        asked, since = ASKED_PROJECTS.search(jql), ASKED_SINCE.search(jql)
        names = (asked[1] or asked[2]).split(",") if asked else ()
        projects = [int(name) - FIRST_PROJECT for name in names] or range(PROJECTS)
        ranges = [self._issues.numbers(project) for project in projects]
        if since is None or int(since[1]) < QUIET_SINCE_MS:
            if len(ranges) == 1 or not asked:
                return range(ranges[0].start, ranges[-1].stop)
            return [number for some in ranges for number in some]
        with self._lock:
            changed = sorted(number for number, (at, _) in self._edited.items() if at >= int(since[1]))
        return [number for number in changed if any(number in some for some in ranges)]

    def _body(self, number: int) -> bytes:
        _, edition = self._edited.get(number, (0, 0))
        return self._issues.body(number, edition)


def _now_ms() -> int:
    return int(time.time() * 1000)


class Server(socketserver.ThreadingTCPServer):
    """Threads, addresses reused at once, nothing left behind."""

    daemon_threads = True
    allow_reuse_address = True


def make_server(count: int, latency_s: float) -> Server:
    """A server on a free port."""
    tracker = Tracker(count)
    fixed = {name: orjson.dumps(body) for name, body in FIXED.items()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            return

        def do_GET(self) -> None:
            self._tick()
            name = self._name()
            self._send(b"[]" if EMPTY_LIST.match(name) else fixed.get(name))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith("/bench/"):
                self._send(self._command())
                return
            self._tick()
            name = self._name()
            if name == "search/jql":
                self._send(tracker.search(orjson.loads(body)))
            else:
                self._send(tracker.count_of(orjson.loads(body)) if name == "search/approximate-count" else None)

        def _tick(self) -> None:
            tracker.count()
            if latency_s:
                time.sleep(latency_s)

        def _name(self) -> str:
            found = PATH.match(self.path)
            return found[1].rstrip("/") if found else ""

        def _command(self) -> bytes:
            edits = EDIT.match(self.path)
            if edits:
                tracker.edit(int(edits[1]))
                return b"{}"
            return b"%d" % tracker.counted()

        def _send(self, body: bytes | None) -> None:
            status, body = (404, b'{"errorMessages":["none"]}') if body is None else (200, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Server(("127.0.0.1", 0), Handler)


if __name__ == "__main__":
    server = make_server(int(sys.argv[1]), float(sys.argv[2]) / 1000)
    sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
