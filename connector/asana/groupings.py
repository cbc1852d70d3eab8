"""Documents that need a second list to be whole: teams, portfolios, goals, and time off.

The second list is added to the document under a key Asana does not use there; the rest stays byte for byte. A list that
the account may not see (a private team's members) is left out, and costs no other document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor

import msgspec

from connector.asana import asking
from connector.asana.session import Session, decoded
from connector.boundary.pages import identity, joined, raw_records
from connector.errors import ForbiddenError, MissingError, SkipError
from connector.protocol import RawRecord, Stream

Batch = tuple[tuple[RawRecord, ...], str | None]


class _Item(msgspec.Struct):
    gid: str = ""
    resource_type: str = ""


class Groupings:
    """Reads the slices (workspaces) of TEAMS, PORTFOLIOS, GOALS and TIME_OFF, a batch of records for each page."""

    def __init__(self, session: Session, pool: Executor) -> None:
        self._session = session
        self._pool = pool

    def teams(self, workspace: str, offset: str | None) -> Iterator[Batch]:
        def whole(team: msgspec.Raw) -> RawRecord:
            gid = identity(team, key="gid")
            members = self._seen("/users", {"team": gid}, asking.TEAM_MEMBER)
            return RawRecord(Stream.TEAMS, gid, with_list(team, "members", members))

        for page in self._session.pages(f"/workspaces/{workspace}/teams", {}, asking.TEAM, offset):
            yield tuple(self._pool.map(whole, page.slices)), page.offset

    def goals(self, workspace: str, offset: str | None) -> Iterator[Batch]:
        def whole(goal: msgspec.Raw) -> RawRecord:
            gid = identity(goal, key="gid")
            found = self._seen("/goal_relationships", {"supported_goal": gid}, asking.GOAL_RELATIONSHIP)
            return RawRecord(Stream.GOALS, gid, with_list(goal, "relationships", found))

        for page in self._session.pages("/goals", {"workspace": workspace}, asking.GOAL, offset):
            yield tuple(self._pool.map(whole, page.slices)), page.offset

    def portfolios(self, workspace: str, offset: str | None) -> Iterator[Batch]:
        """Those the account's list shows, and those nested in them, each once; a portfolio may hold its own holder."""
        seen: set[str] = set()
        for page in self._session.pages("/portfolios", {"workspace": workspace}, asking.PORTFOLIO, offset):
            records: list[RawRecord] = []
            waiting = list(page.slices)
            while waiting:
                raw = waiting.pop(0)
                gid = identity(raw, key="gid")
                if gid in seen:
                    continue
                seen.add(gid)
                items = self._seen(f"/portfolios/{gid}/items", {}, asking.PORTFOLIO_ITEM)
                records.append(RawRecord(Stream.PORTFOLIOS, gid, with_list(raw, "items", items)))
                waiting += self._nested(items or (), seen)
            yield tuple(records), page.offset

    def _nested(self, items: Sequence[msgspec.Raw], seen: set[str]) -> Iterator[msgspec.Raw]:
        """The portfolios among the items; one that is another's and not shared stays out (the probe tells of it)."""
        for item in (decoded(raw, _Item, "/portfolios/items") for raw in items):
            if item.resource_type == "portfolio" and item.gid not in seen:
                try:
                    yield self._session.one(f"/portfolios/{item.gid}", asking.PORTFOLIO)
                except (ForbiddenError, MissingError):
                    continue

    def time_off(self, workspace: str, offset: str | None) -> Iterator[Batch]:
        """Asana tells absences of one person at a time; a page is that of a page of people.

        Somebody whose absences are hidden is passed over; an account that may see nobody's is told so.
        """

        def absences(user: msgspec.Raw) -> list[msgspec.Raw] | SkipError:
            asked = {"user": identity(user, key="gid"), "workspace": workspace}
            try:
                return self._session.all("/ooo_entries", asked, asking.TIME_OFF)
            except (ForbiddenError, MissingError) as error:
                return error

        for page in self._session.pages("/users", {"workspace": workspace}, ("name",), offset):
            told = list(self._pool.map(absences, page.slices))
            refused = [answer for answer in told if isinstance(answer, SkipError)]
            if refused and len(refused) == len(told):
                raise refused[0]
            found = [entry for answer in told if not isinstance(answer, SkipError) for entry in answer]
            yield raw_records(Stream.TIME_OFF, found, key="gid"), page.offset

    def _seen(self, path: str, params: dict[str, str], fields: Sequence[str]) -> list[msgspec.Raw] | None:
        """A whole list, None where the account may not see it."""
        try:
            return self._session.all(path, params, fields)
        except (ForbiddenError, MissingError):
            return None


def with_list(document: msgspec.Raw, key: str, slices: Sequence[msgspec.Raw] | None) -> bytes:
    """The JSON object with one more member, an array of raw slices; all other bytes stay as they are.

    Without slices (None) it stays whole as it is.
    """
    if slices is None:
        return bytes(document)
    body = bytes(document).rstrip()[:-1]
    comma = b"" if body.strip() == b"{" else b","
    return body + comma + b'"' + key.encode() + b'":' + joined(slices) + b"}"
