"""Which items a query finds, by id: a record for each query that is asked for."""

from __future__ import annotations

import msgspec

from connector.errors import RefusedError, ScopeError
from connector.jira.census import census_rolls
from connector.jira.client import JiraClient
from connector.jira.query import restriction
from connector.jira.reference_shape import Found
from connector.protocol import Page, RawRecord, Stream
from connector.settings import Query

_REMEDY = "Correct the query; until then its items stay as they are"


def query_page(client: JiraClient, query: Query) -> Page:
    """The items of one query, in the order of their ids. Raises `RefusedError` with the reason against it."""
    try:
        where = f"({restriction(query.text)})"
        ids = [ident for roll in census_rolls(client, query.id, where) for ident, _ in roll.entries]
    except ScopeError as raised:
        raise RefusedError(f"{raised.what}: {query.text[:200]!r}", remedy=_REMEDY) from None
    except RefusedError as raised:
        what = f"Jira does not take the query {query.text[:200]!r}: {raised.reason or raised.what}"
        raise RefusedError(what, remedy=_REMEDY, method=raised.method, path=raised.path, status=raised.status) from None
    payload = msgspec.json.encode(Found(query.text, ids))
    return Page(Stream.QUERIES, query.id, (RawRecord(Stream.QUERIES, query.id, payload),))
