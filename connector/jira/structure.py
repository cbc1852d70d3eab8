"""Pages of boards, sprints, versions and components."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from connector.boundary.pages import identity, raw_records
from connector.errors import FeatureAbsentError, MissingError, RefusedError, SkipError
from connector.jira.client import JiraClient
from connector.jira.paging import by_offset
from connector.protocol import Page, RawRecord, Stream


class _Board(msgspec.Struct):
    id: str | int
    type: str = ""


class _Sprint(msgspec.Struct):
    originBoardId: str | int | None = None


class KnownBoard(NamedTuple):
    """A board in scope. Kanban boards have no sprints."""

    id: str
    sprints: bool
    payload: msgspec.Raw


def boards(client: JiraClient, project_ids: Sequence[str] | None) -> list[KnownBoard]:
    """The boards of the given projects, or all visible ones for None, each once."""
    found: dict[str, KnownBoard] = {}
    questions = [{}] if project_ids is None else [{"projectKeyOrId": ident} for ident in project_ids]
    for params in questions:
        try:
            for slab in by_offset(client, "board", params=params, agile=True):
                for raw in slab.slices:
                    board = msgspec.json.decode(raw, type=_Board)
                    found.setdefault(str(board.id), KnownBoard(str(board.id), board.type != "kanban", raw))
        except MissingError as raised:
            if params:
                continue
            what = "This site has no boards: Jira Software is not installed"
            raise FeatureAbsentError(what, method="GET", path=raised.path, status=raised.status) from None
    return list(found.values())


def board_page(client: JiraClient, known: list[KnownBoard]) -> Page:
    """The boards with their configurations: `{"board": ..., "configuration": ...}`, null where it is not to be had."""
    records = []
    for board in known:
        try:
            configuration = bytes(client.get(f"board/{board.id}/configuration", msgspec.Raw, agile=True))
        except SkipError:
            configuration = b"null"
        payload = b'{"board":' + bytes(board.payload) + b',"configuration":' + configuration + b"}"
        records.append(RawRecord(Stream.BOARDS, board.id, payload))
    return Page(Stream.BOARDS, "", tuple(records))


def sprint_pages(client: JiraClient, known: list[KnownBoard], position: str | None) -> Iterator[Page]:
    """The sprints of all boards, each once. The position is the number of boards read.

    A sprint shown on several boards is taken from the one it was made on, or from the first one that shows it when that
    one is not in sight.
    """
    ids = {board.id for board in known}
    strangers: set[str] = set()
    done = int(position or 0)
    for number in range(done, len(known)):
        board = known[number]
        records: list[RawRecord] = []
        for raw in _sprints_of(client, board):
            origin = msgspec.json.decode(raw, type=_Sprint).originBoardId
            ident = identity(raw)
            if origin is not None and str(origin) in ids:
                if str(origin) != board.id:
                    continue
            elif ident in strangers:
                continue
            strangers.add(ident)
            records += raw_records(Stream.SPRINTS, [raw])
        last = number + 1 == len(known)
        if records or last:
            yield Page(Stream.SPRINTS, "", tuple(records), None if last else str(number + 1))
    if done >= len(known):
        yield Page(Stream.SPRINTS, "", ())


def project_page(client: JiraClient, stream: Stream, project_id: str) -> Page:
    """The versions or the components of one project, which Jira lists whole."""
    part = "versions" if stream is Stream.MILESTONES else "components"
    return Page(stream, project_id, raw_records(stream, client.get(f"project/{project_id}/{part}", list[msgspec.Raw])))


def _sprints_of(client: JiraClient, board: KnownBoard) -> Iterator[msgspec.Raw]:
    if not board.sprints:
        return
    params = {"state": "future,active,closed"}
    try:
        for slab in by_offset(client, f"board/{board.id}/sprint", params=params, agile=True):
            yield from slab.slices
    except (RefusedError, MissingError):
        # A board of the simple kind says only here that it has no sprints.
        return
