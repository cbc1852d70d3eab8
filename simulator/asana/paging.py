"""Pages of a list: `limit` of 1 to 100, an opaque `offset` that expires, `next_page`.

Without a `limit` Asana shows no `next_page` and cuts the list short; so does this.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
from werkzeug.wrappers import Request

from simulator.asana.refusals import bad_request
from simulator.asana.workspace import Document

MAX_LIMIT = 100
CUT_WITHOUT_LIMIT = 1000
PREFIX = "/api/1.0"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended: how many came before, the last one's gid, for which list, and in which epoch."""

    position: int
    last: str
    path: str
    epoch: int


def asked_limit(request: Request) -> int | None:
    """The `limit` asked for, None without one."""
    text = request.args.get("limit")
    if text is None:
        return None
    if not text.isdigit() or not 1 <= int(text) <= MAX_LIMIT:
        raise bad_request(f"limit: Limit must be between 1 and {MAX_LIMIT} (inclusive)")
    return int(text)


def page(
    request: Request, documents: Sequence[Document], epoch: int, render: Callable[[Document], Document]
) -> dict[str, Any]:
    """The body of a list answer. Only what is on the page is rendered."""
    limit = asked_limit(request)
    start = _start(request, documents, epoch)
    if limit is None:
        return {"data": [render(document) for document in documents[start : start + CUT_WITHOUT_LIMIT]]}
    end = start + limit
    chosen = documents[start:end]
    following: dict[str, str] | None = None
    if end < len(documents):
        offset = encode(Mark(end, str(chosen[-1].get("gid", "")), request.path, epoch))
        path = f"{request.path.removeprefix(PREFIX)}?{urlencode({**request.args.to_dict(), 'offset': offset})}"
        following = {"offset": offset, "path": path, "uri": f"{request.host_url.rstrip('/')}{PREFIX}{path}"}
    return {"data": [render(document) for document in chosen], "next_page": following}


def encode(mark: Mark) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(mark)).decode().rstrip("=")


def decode(text: str) -> Mark | None:
    """The mark in an offset; None when it is not one of ours."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Mark)
    except (binascii.Error, msgspec.MsgspecError, UnicodeError, ValueError):
        return None


def _start(request: Request, documents: Sequence[Document], epoch: int) -> int:
    text = request.args.get("offset")
    if text is None:
        return 0
    mark = decode(text)
    if mark is None or mark.path != request.path:
        raise bad_request("offset: Your pagination token is invalid")
    if mark.epoch != epoch:
        raise bad_request("offset: Your pagination token has expired")
    if 0 < mark.position <= len(documents) and documents[mark.position - 1].get("gid") == mark.last:
        return mark.position
    # The list changed in between: go on behind the last one shown, as a border key would.
    return next((n + 1 for n, document in enumerate(documents) if document.get("gid") == mark.last), mark.position)
