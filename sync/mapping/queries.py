"""The queries that the mapping asks of a connection: what they find is told by records of the stream QUERIES. Pure."""

from __future__ import annotations

import hashlib

from connector.settings import Query
from sync.mapping.document import Mapping


def query_id(text: str) -> str:
    """The id of a query, which is of its text: the same query is the same source."""
    return f"query:{hashlib.sha256(text.strip().encode()).hexdigest()[:16]}"


def queries_of(mapping: Mapping, connection: str) -> tuple[Query, ...]:
    """The queries that feed projects from the connection of this name, each once."""
    texts = (
        source.name.strip()
        for rule in mapping.projects
        for source in rule.sources
        if source.type == "query" and source.connection == connection
    )
    return tuple(Query(query_id(text), text) for text in dict.fromkeys(texts) if text)
