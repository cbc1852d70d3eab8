"""The simulated Asana: a WSGI application over one `Workspace`.

It serves what is read (lists, single resources, stories, events, batches). It takes no writes: the state is changed
through `simulator.asana.edits`, as its people would change it.
"""

from __future__ import annotations

from wsgiref.types import WSGIApplication

from simulator.asana.routes import batch, effort, events, oversight, people, projects, tasks
from simulator.asana.service import Service
from simulator.asana.workspace import Workspace


def make_app(workspace: Workspace) -> WSGIApplication:
    """The application, with its routes below `/api/1.0`. Sign-in: `Bearer simulated-token`."""
    service = Service(workspace)
    for subject in (people, projects, tasks, oversight, effort, events, batch):
        service.serve(subject.routes)
    return service.api
