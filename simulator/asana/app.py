"""The simulated Asana: a WSGI application over one `Workspace`.

It serves what is read (lists, single resources, stories, events, batches). It takes no writes but of webhooks: the
state is changed through `simulator.asana.edits`, as its people would change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Request

from simulator.asana.routes import batch, effort, events, oversight, people, projects, tasks, webhooks
from simulator.asana.service import Service
from simulator.asana.workspace import Workspace


def _utc_now() -> datetime:
    return datetime.now(UTC)


def make_app(workspace: Workspace, *, clock: Callable[[], datetime] = _utc_now) -> WSGIApplication:
    """The application, with its routes below `/api/1.0`. Sign-in: `Bearer simulated-token`."""
    service = Service(workspace, clock)
    for subject in (people, projects, tasks, oversight, effort, events, batch, webhooks):
        service.serve(subject.routes)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response = service.api.respond(Request(environ))
        response.headers["Date"] = format_datetime(clock().astimezone(UTC), usegmt=True)
        return response(environ, start_response)

    return app
