"""No answer fills the memory, however well it was compressed."""

from __future__ import annotations

import gzip

import pytest

from connector.asana.connection import AsanaConnector
from connector.boundary import answer
from connector.boundary.call import Boundary
from connector.errors import BadAnswerError
from connector.jira.connection import JiraConnector
from connector.settings import ConnectionSettings, Secret, SignIn
from tests.connector.boundary.scripted import Say, ScriptedServer
from tests.loopback import LOOPBACK

GZIPPED = {"Content-Encoding": "gzip", "Content-Type": "application/json"}


@pytest.mark.parametrize(("kind", "status"), [(JiraConnector, 200), (JiraConnector, 503), (AsanaConnector, 200)])
def test_an_answer_beyond_all_measure_is_a_bad_one(
    kind: type[JiraConnector | AsanaConnector], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "MOST_BYTES", 100_000)
    bomb = Say(status=status, body=gzip.compress(b'{"data":"' + b"a" * 10_000_000 + b'"}'), headers=GZIPPED)
    with ScriptedServer(bomb) as server:
        settings = ConnectionSettings(tracker="any", address=server.address, sign_in=SignIn.PERSONAL_TOKEN)
        through = Boundary(settings, outbound=LOOPBACK, sleep=lambda _: None)
        connector = kind(settings, Secret("simulated-token"), through)
        with pytest.raises(BadAnswerError, match="larger"):
            connector.probe()
        connector.close()
