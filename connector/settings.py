"""What it takes to open a connection. No secret is ever part of a `repr`."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class SignIn(StrEnum):
    """How the account proves itself."""

    CLOUD_TOKEN = "cloud_token"  # Jira Cloud: e-mail and API token
    GATEWAY_TOKEN = "gateway_token"  # Jira Cloud: scoped token through the API gateway, needs cloud_id
    OAUTH = "oauth"  # Jira Cloud 3LO through the API gateway (cloud_id), or Asana OAuth
    PERSONAL_TOKEN = "personal_token"  # Jira Data Center or Asana personal access token


class FollowType(StrEnum):
    """What a rule names. Jira has the first five, Asana project, team, portfolio and workspace."""

    PROJECT = "project"
    CATEGORY = "category"
    BOARD = "board"
    COMPONENT = "component"
    QUERY = "query"
    TEAM = "team"
    PORTFOLIO = "portfolio"
    WORKSPACE = "workspace"


NARROWING = frozenset({FollowType.COMPONENT, FollowType.QUERY})
"""Rules that follow some items of their projects only."""


class Follow(msgspec.Struct, frozen=True):
    """A rule that says what to follow; what it means is asked of the tracker at every run.

    `name` is the tracker's id of the thing, or its key or name; of a component KEY/NAME; of a query its JQL. All
    others than `NARROWING` follow whole projects.
    """

    type: FollowType
    name: str

    def __str__(self) -> str:
        return f"{self.type} {self.name!r}" if self.type is FollowType.QUERY else f"{self.type} {self.name}"


class Query(msgspec.Struct, frozen=True):
    """A query whose items are told by id beside the items themselves, in a record of the stream QUERIES of this id."""

    id: str
    text: str


class Secret:
    """A token in memory that does not show itself. `reveal()` is called only where the request is signed."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


class ConnectionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One account on one tracker.

    `tracker` is the registry's name ("jira", "asana"); `address` the tracker's URL with its context path;
    `scope` the project keys (Jira) or project gids (Asana) to follow, which is short for rules of that type;
    `follow` further rules; without any, all that can be seen is followed; `queries` are not kept with a connection:
    who opens it gives those that are asked for, and trackers without queries pass them over;
    `account` the e-mail of a Cloud token. `page_size` is a wish: trackers may send less. `gateway` is where the API
    gateway of Jira Cloud stands, for the ways of signing in that go through it; the address stays the site's own.
    """

    tracker: str
    address: str
    sign_in: SignIn
    account: str = ""
    cloud_id: str = ""
    scope: tuple[str, ...] = ()
    follow: tuple[Follow, ...] = ()
    queries: tuple[Query, ...] = ()
    proxy: str = ""
    ca_bundle: str = ""
    page_size: int = 100
    timeout_s: int = 60
    requests_per_minute: int = 0
    gateway: str = "https://api.atlassian.com"

    @property
    def rules(self) -> tuple[Follow, ...]:
        """All that says what to follow, each once; empty for everything that can be seen."""
        named = (Follow(FollowType.PROJECT, name) for name in self.scope)
        return tuple(dict.fromkeys((*named, *self.follow)))
