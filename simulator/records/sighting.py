"""One recorded document and what is known of its recording. Layouts yield sightings; gatherers make a site of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]

_PAGE_KEYS = ("issues", "values", "comments", "worklogs", "histories", "issueLinkTypes", "data")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A document as recorded. `stream` is what the recording calls it, if anything.

    `address` is the request it answered (for what it belongs to), `seen` an ISO text that orders several recordings of
    one document, both empty when unknown.
    """

    document: Document
    stream: str = ""
    address: str = ""
    seen: str = ""


def documents(payload: Any) -> Iterator[Document]:
    """The documents of an answer: of a list, of a page, or the answer itself."""
    if isinstance(payload, list):
        yield from (entry for entry in payload if isinstance(entry, dict))
    elif isinstance(payload, dict):
        for key in _PAGE_KEYS:
            inside = payload.get(key)
            if isinstance(inside, list) and "id" not in payload and "gid" not in payload:
                yield from (entry for entry in inside if isinstance(entry, dict))
                return
        inside = payload.get("data")
        if isinstance(inside, dict) and len(payload) <= 2:
            yield inside
        else:
            yield payload
