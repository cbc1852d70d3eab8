"""The recorded sets that come with somebody else's expected results."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expected.devlake import DevLake
from tests.expected.nango import Nango


@pytest.fixture(scope="session")
def devlake(realdata: Path) -> DevLake:
    """Apache DevLake's recordings of one Jira Cloud site, and its own tool and domain layers of them."""
    return DevLake(realdata / "jira" / "devlake")


@pytest.fixture(scope="session")
def nango_jira(realdata: Path) -> Nango:
    """Nango's recordings of a Jira Cloud site."""
    return Nango(realdata / "jira" / "nango", "jira", "https://nango-team-test.atlassian.net")


@pytest.fixture(scope="session")
def nango_asana(realdata: Path) -> Nango:
    """Nango's recordings of an Asana workspace."""
    return Nango(realdata / "asana" / "nango", "asana", "https://app.asana.com/api/1.0")
