"""What recorded Jira changelogs say of the course of an issue, told from the JSON alone: none of the product's code.

What a status means stands here word by word, as a reader of the recordings would say it. Flags are left out: which
field they are in tells a site's catalogue of fields, and none was recorded.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

OPEN, WORKED_ON, WAITING, DONE, CANCELLED = "open", "worked on", "waiting", "done", "cancelled"
_MEANINGS = {
    "Backlog": OPEN, "Open": OPEN, "Inbox": OPEN, "To Do": OPEN, "Ready for Dev": OPEN,
    "Selected for Development": WORKED_ON, "In Progress": WORKED_ON, "In Development": WORKED_ON, "Review": WAITING,
    "Resolved": DONE, "Closed": DONE, "Done": DONE, "已完成": DONE,
}  # fmt: skip
_GIVEN_UP = {"Won't Do"}


class Stretch(NamedTuple):
    """Where an issue stood from an instant to another; the last stretch ends where it begins."""

    begin: datetime
    end: datetime
    status: str
    meaning: str


class Told(NamedTuple):
    """What a changelog tells of an issue; seconds are exact. `stays` are seconds by status it has left."""

    started_on: date | None
    finished_on: date | None
    reopened_on: date | None
    lead: float | None
    flow: float | None
    active: float | None
    stays: dict[str, float]


def issues(folder: Path, *files: str) -> dict[str, dict[str, Any]]:
    """The issues with their changelogs by id; those that were recorded more than once are left out."""
    found = [issue for pattern in files for path in sorted(folder.glob(pattern)) for issue in _bodies(path)]
    times = Counter(issue["id"] for issue in found)
    return {issue["id"]: issue for issue in found if times[issue["id"]] == 1}


def _bodies(path: Path) -> Iterator[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        yield json.loads(text)
    else:
        yield from (json.loads(line)["data"] for line in text.splitlines())


def tell(issue: dict[str, Any]) -> Told:
    """The course of an issue, days of UTC."""
    stretches = list(_stretches(issue))
    worked = [each for each in stretches if each.meaning in (WORKED_ON, WAITING)]
    pairs = list(pairwise(stretches))
    put_back = [after for before, after in pairs if before.meaning == DONE and after.meaning not in (DONE, CANCELLED)]
    start = worked[0].begin if worked else None
    finish = None
    if stretches[-1].meaning == DONE:
        entries = [after for before, after in pairs if after.meaning == DONE != before.meaning]
        finish = entries[-1].begin if entries else stretches[0].begin
    stays: dict[str, float] = defaultdict(float)
    for each in stretches[:-1]:
        stays[each.status] += _seconds(each)
    between = [each for each in stretches if start is not None and each.begin >= start and each.meaning != DONE]
    timed = start is not None and finish is not None
    return Told(
        start.date() if start else None,
        finish.date() if finish else None,
        put_back[0].begin.date() if put_back else None,
        (finish - stretches[0].begin).total_seconds() if finish else None,
        sum(_seconds(each) for each in between if each.meaning != CANCELLED) if timed else None,
        sum(_seconds(each) for each in between if each.meaning == WORKED_ON) if timed else None,
        dict(stays),
    )


def _seconds(stretch: Stretch) -> float:
    return (stretch.end - stretch.begin).total_seconds()


def _stretches(issue: dict[str, Any]) -> Iterator[Stretch]:
    """From creation on; each change of status or resolution begins another."""
    told = sorted(
        (
            (_instant(history["created"]), item)
            for history in issue["changelog"]["histories"]
            for item in history["items"]
            if item["field"] in ("status", "resolution")
        ),
        key=lambda pair: pair[0],
    )
    now = {name: _first(told, name) for name in ("status", "resolution")}
    now["status"] = now["status"] or issue["fields"]["status"]["name"]
    instants = [_instant(issue["fields"]["created"]), *dict.fromkeys(at for at, _ in told)]
    for position, begin in enumerate(instants):
        now |= {item["field"]: item["toString"] or "" for at, item in told if at == begin}
        end = instants[position + 1] if position + 1 < len(instants) else begin
        yield Stretch(begin, end, now["status"], _meaning(now))


def _first(told: list[tuple[datetime, dict[str, Any]]], field: str) -> str:
    return next((item["fromString"] or "" for _, item in told if item["field"] == field), "")


def _meaning(now: dict[str, str]) -> str:
    meaning = _MEANINGS[now["status"]]
    return CANCELLED if meaning == DONE and now["resolution"] in _GIVEN_UP else meaning


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
