"""Made-up Jira issues of the size found in the field: 79 fields, 5 to 8 histories, about 12.4 KB.

Hundreds of thousands of them would fill the memory, so there are some templates for each project. An issue is one of
these with its own number put in wherever its id or its key stands.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

EPOCH = datetime(2025, 1, 6, 8, tzinfo=UTC)
STATUSES = [
    ("1", "To Do", "new"),
    ("3", "In Progress", "indeterminate"),
    ("4", "Review", "indeterminate"),
    ("5", "Done", "done"),
]
FILLER = "Plain words about a piece of work, long enough to look like what people write. "
PROJECTS = 16
FIRST_PROJECT = 10000
TEMPLATES = 250
NUMBER = "%N%"

Template = list[bytes]


class Issues:
    """`count` issues, numbered from 1 and spread evenly over the projects."""

    def __init__(self, count: int, seed: int = 7) -> None:
        rng = random.Random(seed)
        self._share = count // PROJECTS
        self._templates = [
            [_template(project, place, rng) for place in range(TEMPLATES)] for project in range(PROJECTS)
        ]

    def numbers(self, project: int) -> range:
        """The numbers of a project's issues."""
        return range(project * self._share + 1, (project + 1) * self._share + 1)

    def body(self, number: int, edition: int = 0) -> bytes:
        """The JSON of an issue. Another edition of it says something else."""
        templates = self._templates[(number - 1) // self._share]
        return (b"%d" % number).join(templates[(number + edition) % TEMPLATES])


def _template(project: int, place: int, rng: random.Random) -> Template:
    """An issue in parts; its number belongs between them."""
    return orjson.dumps(issue(project, place, rng)).split(NUMBER.encode())


def project_document(project: int) -> dict[str, Any]:
    """A project as the search for projects answers it."""
    return {
        "id": str(FIRST_PROJECT + project),
        "key": f"BEN{project}",
        "name": f"Benchmark {project}",
        "archived": False,
    }


def issue(project: int, place: int, rng: random.Random) -> dict[str, Any]:
    """One issue, its history matching its present state; `NUMBER` stands for its number."""
    created = EPOCH + timedelta(minutes=7 * (project * TEMPLATES + place))
    steps = rng.randint(5, 8)
    moments = [created + timedelta(hours=9 * step + rng.randint(0, 8)) for step in range(1, steps + 1)]
    path = [0, *([1] if steps > 0 else []), *(rng.choice((1, 2, 3)) for _ in range(steps - 1))]
    histories = [_history(step, moment, path[step], path[step + 1], rng) for step, moment in enumerate(moments)]
    ident, name, category = STATUSES[path[-1]]
    fields: dict[str, Any] = {
        "summary": f"Item {NUMBER} of the benchmark",
        "description": FILLER * rng.randint(34, 48),
        "issuetype": {"id": "10001", "name": "Story", "subtask": False, "hierarchyLevel": 0, "description": FILLER},
        "project": project_document(project),
        "status": {
            "id": ident,
            "name": name,
            "description": FILLER,
            "statusCategory": {"id": 2, "key": category, "name": name},
        },
        "priority": {"id": "3", "name": "Medium"},
        "assignee": _user(rng.randint(1, 50)),
        "reporter": _user(rng.randint(1, 50)),
        "creator": _user(rng.randint(1, 50)),
        "created": _stamp(created),
        "updated": _stamp(moments[-1]),
        "duedate": (created + timedelta(days=rng.randint(5, 60))).date().isoformat(),
        "resolution": {"id": "10000", "name": "Done"} if category == "done" else None,
        "resolutiondate": _stamp(moments[-1]) if category == "done" else None,
        "timeoriginalestimate": 3600 * rng.randint(1, 40),
        "timeestimate": 3600 * rng.randint(0, 20),
        "timespent": 3600 * rng.randint(0, 20),
        "labels": ["benchmark", f"area-{place % 9}"],
        "components": [{"id": str(place % 7), "name": f"Component {place % 7}"}],
        "fixVersions": [],
        "issuelinks": [],
        "subtasks": [],
        "parent": None,
    }
    for extra in range(10000, 10056):
        fields[f"customfield_{extra}"] = _custom(extra, rng)
    return {
        "expand": "operations,editmeta,changelog",
        "id": f"1000{NUMBER}",
        "self": f"https://benchmark.invalid/rest/api/3/issue/1000{NUMBER}",
        "key": f"BEN{project}-{NUMBER}",
        "changelog": {"startAt": 0, "maxResults": steps, "total": steps, "histories": histories[::-1]},
        "fields": fields,
    }


def _custom(extra: int, rng: random.Random) -> Any:
    kind = extra % 4
    if kind == 0:
        return None
    if kind == 1:
        return float(rng.randint(1, 13))
    if kind == 2:
        return {"self": f"https://benchmark.invalid/option/{extra}", "value": f"Option {extra}", "id": str(extra)}
    return f"text of field {extra}"


def _history(step: int, at: datetime, old: int, new: int, rng: random.Random) -> dict[str, Any]:
    items = [
        {"field": "status", "fieldtype": "jira", "fieldId": "status", "from": STATUSES[old][0],
         "fromString": STATUSES[old][1], "to": STATUSES[new][0], "toString": STATUSES[new][1]},
        {"field": "timeestimate", "fieldtype": "jira", "fieldId": "timeestimate", "from": "7200", "fromString": "7200",
         "to": "3600", "toString": "3600"},
    ]  # fmt: skip
    return {"id": f"{NUMBER}{step:02d}", "author": _user(rng.randint(1, 50)), "created": _stamp(at), "items": items}


def _user(number: int) -> dict[str, Any]:
    return {
        "self": f"https://benchmark.invalid/rest/api/3/user?accountId=acc-{number:04d}",
        "accountId": f"acc-{number:04d}",
        "accountType": "atlassian",
        "displayName": f"Worker {number}",
        "active": True,
        "timeZone": "UTC",
        "avatarUrls": {size: f"https://benchmark.invalid/avatar/{number}/{size}" for size in ("48x48", "24x24")},
    }


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
