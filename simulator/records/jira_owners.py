"""What a recorded document belongs to: by its own fields, by its address, by the request it answered."""

from __future__ import annotations

import re

from simulator.records.sighting import Sighting

_OF_ISSUE = re.compile(r"/issue/([^/?]+)/(?:comment|worklog|changelog)")
_OF_PROJECT = re.compile(r"/project/([^/?]+)/(?:version|versions|component|components)\b")
_OF_BOARD = re.compile(r"/board/(\d+)/sprint")


def issue_of(sighting: Sighting) -> str | None:
    """The id or key of the issue a history, worklog or comment hangs on."""
    document = sighting.document
    if document.get("issueId"):
        return str(document["issueId"])
    for address in (sighting.address, str(document.get("self") or "")):
        found = _OF_ISSUE.search(address)
        if found:
            return found.group(1)
    return None


def project_of(sighting: Sighting) -> str | None:
    """The id or key of a version's or component's project."""
    document = sighting.document
    if document.get("projectId"):
        return str(document["projectId"])
    if isinstance(document.get("project"), str):
        return str(document["project"])
    found = _OF_PROJECT.search(sighting.address)
    return found.group(1) if found else None


def board_of(sighting: Sighting) -> str | None:
    """The id of a sprint's board."""
    board = sighting.document.get("originBoardId") or sighting.document.get("boardId")
    if board:
        return str(board)
    found = _OF_BOARD.search(sighting.address)
    return found.group(1) if found else None
