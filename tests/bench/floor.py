"""The floor: a bare script that fetches, decodes and upserts 21 columns plus the raw JSON. No history, no mapping,
no hashes, no errors handled: what anybody would write in an afternoon.

    python -m tests.bench.floor ADDRESS DATABASE
"""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

import orjson
import requests

COLUMNS = [
    "id",
    "key",
    "summary",
    "type",
    "status",
    "category",
    "priority",
    "assignee",
    "reporter",
    "created",
    "updated",
    "due",
    "resolution",
    "resolved",
    "estimate",
    "remaining",
    "spent",
    "labels",
    "project",
    "points",
    "parent",
    "raw",
]


def main(address: str, database: str) -> None:
    """Read every page of the static server into one table."""
    store = sqlite3.connect(database)
    store.execute("pragma journal_mode=wal")
    store.execute("pragma synchronous=normal")
    store.execute(f"create table item ({', '.join(COLUMNS)}, primary key (id))")
    updates = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
    upsert = f"insert into item values ({', '.join('?' * len(COLUMNS))}) on conflict (id) do update set {updates}"
    session = requests.Session()
    session.auth = ("w@benchmark.invalid", "token")
    token = None
    while True:
        body = {"jql": "updated >= -9999d", "fields": ["*all"], "expand": "changelog", "maxResults": 100}
        answer = session.post(
            f"{address}/rest/api/3/search/jql", json=body | ({"nextPageToken": token} if token else {})
        )
        page = orjson.loads(answer.content)
        store.executemany(upsert, [row(issue) for issue in page["issues"]])
        store.commit()
        token = page.get("nextPageToken")
        if not token:
            break
    store.close()


def row(issue: dict[str, Any]) -> tuple[object, ...]:
    f = issue["fields"]
    return (
        issue["id"], issue["key"], f["summary"], f["issuetype"]["name"], f["status"]["name"],
        f["status"]["statusCategory"]["key"], (f["priority"] or {}).get("name"), (f["assignee"] or {}).get("accountId"),
        (f["reporter"] or {}).get("accountId"), f["created"], f["updated"], f["duedate"],
        (f["resolution"] or {}).get("name"), f["resolutiondate"], f["timeoriginalestimate"], f["timeestimate"],
        f["timespent"], ",".join(f["labels"]), f["project"]["key"], f["customfield_10001"],
        (f["parent"] or {}).get("key"), orjson.dumps(issue).decode(),
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
