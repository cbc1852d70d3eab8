"""JQL as text: what people wrote made safe to be a part of a question, and the restrictions to what is followed. Pure.

Whether Jira takes a query, only Jira knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connector.errors import ScopeError

LONGEST = 4000

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[()]|\s+|[^\s()"\']+|.', re.DOTALL)
_REMEDY = "Try it in Jira's own search, and give what works there"


def restriction(text: str) -> str:
    """The query without its ORDER BY, which no part of a question may have.

    Raises `ScopeError` for one that would not stay within brackets, that restricts nothing, or that is too long.
    """
    if len(text) > LONGEST:
        raise ScopeError(
            f"The query is longer than {LONGEST:,} signs", remedy="Save it as a filter in Jira: filter = 1"
        )
    depth = 0
    kept: list[str] = []
    words: list[tuple[str, int]] = []
    for token in _TOKEN.findall(text):
        if token in ('"', "'"):
            raise ScopeError("A quotation mark of the query is not closed", remedy=_REMEDY)
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth < 0:
            break
        if not token.isspace():
            words.append((token.casefold(), len(kept)))
        kept.append(" " if token.isspace() else token)
        if depth == 0 and [word for word, _ in words[-2:]] == ["order", "by"]:
            del kept[words[-2][1] :]
            break
    if depth:
        raise ScopeError("The brackets of the query do not match", remedy=_REMEDY)
    found = "".join(kept).strip()
    if not found:
        raise ScopeError(
            "The query restricts nothing", remedy="Without any rule, everything that can be seen is followed"
        )
    return found


def of_project(ident: str, filters: Mapping[str, str]) -> str:
    """The items followed of one project."""
    narrowed = filters.get(ident)
    return f"project = {ident} AND ({narrowed})" if narrowed else f"project = {ident}"


def of_projects(idents: Sequence[str], filters: Mapping[str, str]) -> str:
    """The items followed of some projects."""
    whole = [ident for ident in idents if ident not in filters]
    parts = [f"project in ({', '.join(whole)})"] if whole else []
    parts += [f"({of_project(ident, filters)})" for ident in idents if ident in filters]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"
