"""Who we are on a Jira site, and what it will not give us."""

from __future__ import annotations

from collections.abc import Sequence

from connector.errors import ForbiddenError, SignInError, SkipError
from connector.jira.client import JiraClient
from connector.jira.people import User, person_id
from connector.jira.scope import Unmet, followed
from connector.jira.worklogs import ABSENT, worklogs_absent
from connector.protocol import Gap, Probe
from connector.settings import ConnectionSettings

SAMPLE = 50

CUT = 1000
"""Data Center ends its search for users here, and does not say that there are more."""


def probe(client: JiraClient, settings: ConnectionSettings) -> Probe:
    """Ask the site. Raises `AbortError` kinds when it is not usable; whatever else is missing is a gap."""
    server = client.server()
    # The server's data are open to anybody on many sites: only this call proves the credentials.
    try:
        me = client.get("myself", User)
    except ForbiddenError as raised:
        what = "Jira knows the account and lets it do nothing"
        remedy = "Give the account access to Jira; for a scoped token, add the scope read:jira-user"
        raise SignInError(what, remedy=remedy, method="GET", path=raised.path, status=raised.status) from None
    account = person_id(me)
    if account is None:
        raise SignInError("Jira took us for an anonymous visitor", remedy="Check the account and token", path="myself")
    scope = followed(client, settings.rules)
    gaps = [*_project_gaps(len(scope.projects), scope.unmet), *_people_gaps(client, me)]
    if worklogs_absent(client):
        gaps.append(Gap(ABSENT, "worklog/updated is not there", "Time spent is taken from the items' totals alone"))
    return Probe(
        tracker="jira",
        flavour="cloud" if server.cloud else "datacenter",
        version=server.version,
        address=settings.address,
        account_id=account,
        account_name=me.displayName or account,
        time_zone=me.timeZone or "UTC",
        projects=len(scope.projects),
        gaps=tuple(gaps),
    )


def people_path(client: JiraClient) -> tuple[str, dict[str, str]]:
    """Where the site lists its people, inactive ones included."""
    if client.server().cloud:
        return "users/search", {}
    return "user/search", {"username": ".", "includeInactive": "true"}


def _project_gaps(seen: int, unmet: Sequence[Unmet]) -> list[Gap]:
    gaps = [
        Gap(
            f"{rule.type.capitalize()} {rule.name} of the scope",
            why,
            "Correct the scope, or give the account the permission Browse Projects in it",
        )
        for rule, why in unmet
    ]
    if not seen and not unmet:
        gaps.append(
            Gap(
                "All projects",
                "The account sees no project",
                "Give the account the permission Browse Projects, and check that it is the account meant",
            )
        )
    return gaps


def _people_gaps(client: JiraClient, me: User) -> list[Gap]:
    path, params = people_path(client)
    try:
        sample = client.get(path, list[User], {**params, "startAt": 0, "maxResults": SAMPLE})
    except SkipError as raised:
        why = "The account may not list users" if isinstance(raised, ForbiddenError) else str(raised.what)
        return [
            Gap(
                "The list of people",
                why,
                "Give the account the global permission Browse users and groups; until then only people seen on items "
                "are known",
            )
        ]
    gaps = []
    if len(sample) == SAMPLE and not client.server().cloud and _cut(client, path, params):
        gaps.append(
            Gap(
                f"People after the first {CUT}",
                f"Data Center lists no more than {CUT} in answer to one search",
                "None is needed for those seen on items; the others stay unknown",
            )
        )
    mine = person_id(me)
    others = [user for user in sample if person_id(user) != mine and user.accountType in (None, "atlassian")]
    hidden = sum(1 for user in others if not user.emailAddress)
    if hidden:
        gaps.append(
            Gap(
                "E-mail addresses" if hidden == len(others) else "Some e-mail addresses",
                f"{hidden} of the first {len(others)} people hide theirs",
                "Use an account of the organisation that manages them, or join people of two trackers by hand",
            )
        )
    return gaps


def _cut(client: JiraClient, path: str, params: dict[str, str]) -> bool:
    """Whether the list of people ends exactly where sites cut it."""
    last, beyond = (client.get(path, list[User], {**params, "startAt": at, "maxResults": 1}) for at in (CUT - 1, CUT))
    return bool(last) and not beyond
