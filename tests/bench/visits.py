"""Pages as the application answers them to somebody who is signed in: CPU seconds, with the server's own."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlalchemy import Engine

from sync.memory import freeze_loaded
from tests.bench.past import TODAY
from tests.portfolio.builders import noon
from webapp.app import create_app
from webapp.settings import WebSettings
from webapp.signin import SEEN, SINCE

REQUESTS = 20


def visited(engine: Engine, user_id: int, path: str) -> Iterator[float]:
    """The seconds of each request but the first, which compiles templates and statements."""
    now = noon(TODAY)
    app = create_app(WebSettings(engine=engine, secret_key="only for the bench", clock=lambda: now))
    freeze_loaded()  # as `serve` does before the first request
    client, seconds = app.test_client(), int(now.timestamp())
    with client.session_transaction() as session:
        session.update({"_user_id": f"{user_id}.0", "_fresh": True, SINCE: seconds, SEEN: seconds})
    for number in range(REQUESTS + 1):
        started = time.process_time()
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} was answered with {answer.status}")
        if number:
            yield time.process_time() - started
