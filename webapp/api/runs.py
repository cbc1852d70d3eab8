"""POST /api/v1/connections/<id>/runs and GET /api/v1/runs/<id>: ask for a run, and see what becomes of one.

As on the pages, a run is not started in the request: the wish is written down, and whichever process syncs takes it up.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec
from flask import Blueprint, Response, abort

from sync.schedule import requests
from webapp import here, signin
from webapp.api.asked import Nothing, Shape, answer, body, query
from webapp.queries.freshness import connection_states
from webapp.queries.runs import find_run, streams_of

ACCEPTED, CONFLICT = 202, 409

part = Blueprint("runs", __name__)


class Wanted(Shape, frozen=True):
    """How wide a run is wanted."""

    mode: Literal["incremental", "census", "full"]


class Asked(msgspec.Struct, frozen=True):
    """What was asked for. Until it begins the mode stands under `asked` of the connection."""

    connection_id: int
    mode: str


class Stream(msgspec.Struct, frozen=True):
    """One stream of a run. `notes` say what could not be read, and why."""

    stream: str
    slices: int
    slices_done: int
    fetched: int
    unchanged: int
    created: int
    updated: int
    retired: int
    quarantined: int
    notes: list[str]


class Run(msgspec.Struct, frozen=True):
    """One run. `state`: running, done, partial, failed, interrupted or cancelled."""

    id: int
    connection_id: int
    connection: str
    mode: str
    cause: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None
    streams: list[Stream]


@part.post("/connections/<id:connection_id>/runs")
def start(connection_id: int) -> Response:
    wanted, now = body(Wanted), here.now()
    with here.reading() as connection:
        found = next((it for it in connection_states(connection, now) if it.id == connection_id), None)
    if found is None:
        abort(404)
    if not found.enabled:
        abort(CONFLICT)
    requests.request(here.engine(), connection_id, wanted.mode, signin.name(), now, signin.actor())
    return answer(Asked(connection_id, wanted.mode), ACCEPTED)


@part.get("/runs/<id:run_id>")
def run(run_id: int) -> Response:
    query(Nothing)
    with here.reading() as connection:
        line = find_run(connection, run_id)
        if line is None:
            abort(404)
        streams = streams_of(connection, run_id)
    return answer(
        Run(
            id=line.id,
            connection_id=line.connection_id,
            connection=line.connection,
            mode=line.mode,
            cause=line.cause,
            state=line.state,
            started_at=line.started_at,
            finished_at=line.finished_at,
            error=line.error,
            streams=[
                Stream(
                    stream=it.stream,
                    slices=it.slices,
                    slices_done=it.slices_done,
                    fetched=it.counts.fetched,
                    unchanged=it.counts.unchanged,
                    created=it.counts.created,
                    updated=it.counts.updated,
                    retired=it.counts.retired,
                    quarantined=it.counts.quarantined,
                    notes=list(it.parts),
                )
                for it in streams
            ],
        )
    )
