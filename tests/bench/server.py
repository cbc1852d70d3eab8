"""A static Jira Cloud: prepared bytes over keep-alive HTTP, so that the client's work is what is measured.

python -m tests.bench.server COUNT LATENCY_MS      prints its address when ready
"""

from __future__ import annotations

import re
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler

import orjson

from tests.bench.issues import PROJECTS, STATUSES, pages, project_document

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
PROJECT = re.compile(rb"project[^0-9]+100(\d\d)")
TOKEN = re.compile(rb'"nextPageToken"\s*:\s*"(\d+)"')


class Server(socketserver.ThreadingTCPServer):
    """Threads, addresses reused at once, nothing left behind."""

    daemon_threads = True
    allow_reuse_address = True


def make_server(count: int, latency_s: float) -> Server:
    """A server on a free port."""
    projects = pages(count)
    everything = [page for project in projects for page in project]
    fixed = {name: orjson.dumps(body) for name, body in FIXED.items()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            return

        def do_GET(self) -> None:
            found = PATH.match(self.path)
            name = found.group(1).rstrip("/") if found else ""
            body = b"[]" if EMPTY_LIST.match(name) else fixed.get(name)
            self._send(body, 404 if body is None else 200)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not self.path.endswith("/search/jql"):
                self._send(None, 404)
                return
            if latency_s:
                time.sleep(latency_s)
            asked, token = PROJECT.search(body), TOKEN.search(body)
            answers = projects[int(asked.group(1))] if asked else everything
            number = int(token.group(1)) if token else 0
            end = b'],"isLast":true}' if number + 1 == len(answers) else b'],"nextPageToken":"%d"}' % (number + 1)
            self._send(b'{"issues":[' + answers[number] + end, 200)

        def _send(self, body: bytes | None, status: int) -> None:
            body = body if body is not None else b'{"errorMessages":["none"]}'
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
