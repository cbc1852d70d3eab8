"""Links between issues, and which way they point."""

from __future__ import annotations

from collections.abc import Sequence

from connector.jira.issue_shape import Link
from connector.jira.words import shown
from connector.records import LinkRecord


def read_links(ident: str, links: Sequence[Link]) -> tuple[LinkRecord, ...]:
    """The links of an issue, each once. `outwardIssue` is the end this issue <outward> (blocks), `inwardIssue` the
    one it <inward> (is blocked by)."""
    found: dict[str, LinkRecord] = {}
    for link in links:
        outward = link.outwardIssue is not None
        other = link.outwardIssue or link.inwardIssue
        if other is None or link.type is None or (other.id is None and not other.key):
            continue
        phrase = (link.type.outward if outward else link.type.inward) or link.type.name or ""
        name = link.type.name or phrase
        other_id = "" if other.id is None else str(other.id)
        # Old sites send links without an id: both ends then build the same one.
        ends = sorted((ident, other_id or other.key or ""))
        link_id = f"{name}:{ends[0]}:{ends[1]}" if link.id in (None, "") else str(link.id)
        found[link_id] = LinkRecord(
            external_id=link_id,
            type_name=shown(name),
            phrase=shown(phrase),
            outward=outward,
            other_id=other_id,
            other_key=other.key,
        )
    return tuple(found.values())
