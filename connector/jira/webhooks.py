"""Webhooks of a Jira site: the notices it sends, and the hooks an administrator's account can register."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from connector.boundary.call import Boundary
from connector.boundary.halves import decode
from connector.errors import BadAnswerError, FeatureAbsentError, ForbiddenError, MissingError, RetryError
from connector.jira.client import JiraClient
from connector.protocol import Stream
from connector.settings import ConnectionSettings, Secret
from connector.webhooks import ByHand, Handshake, Headers, Notice, Registered

NAME = "Sightline"
EVENTS = (
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "worklog_created",
    "worklog_updated",
    "worklog_deleted",
    "issuelink_created",
    "issuelink_deleted",
    "sprint_created",
    "sprint_updated",
    "sprint_started",
    "sprint_closed",
    "sprint_deleted",
    "jira:version_created",
    "jira:version_updated",
    "jira:version_released",
    "jira:version_unreleased",
    "jira:version_moved",
    "jira:version_deleted",
    "project_created",
    "project_updated",
    "project_deleted",
    "board_created",
    "board_updated",
    "board_deleted",
    "board_configuration_changed",
)
LONGEST_ID = 200

_STREAMS = {
    "worklog_": Stream.WORKLOGS,
    "sprint_": Stream.SPRINTS,
    "version_": Stream.MILESTONES,
    "project_": Stream.PROJECTS,
    "board_": Stream.BOARDS,
    "user_": Stream.PEOPLE,
}
_LOGGED_WORK = ("issue_work", "issue_worklog")
_MOST_TRIES = 2


class _Ids(msgspec.Struct):
    id: str | int | None = None
    issueId: str | int | None = None
    sourceIssueId: str | int | None = None
    destinationIssueId: str | int | None = None


class _Told(msgspec.Struct):
    webhookEvent: str = ""
    issue_event_type_name: str | None = None
    issue: _Ids | None = None
    worklog: _Ids | None = None
    issueLink: _Ids | None = None


class _Hook(msgspec.Struct):
    self: str
    url: str = ""
    enabled: bool = True


class JiraNotices:
    """Understands the deliveries of a Jira site. Pure."""

    def handshake(self, headers: Headers) -> Handshake | None:
        """None: Jira is given its secret when the webhook is registered."""
        return None

    def verify(self, headers: Headers, body: bytes, secret: Secret) -> bool:
        """Whether X-Hub-Signature is the HMAC-SHA256 of these bytes."""
        method, _, given = headers.get("x-hub-signature", "").partition("=")
        expected = hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
        return method == "sha256" and hmac.compare_digest(given.encode(), expected.encode())

    def delivery_id(self, headers: Headers, body: bytes) -> str:
        """Jira's own identifier, which a repeated delivery bears again; the body's hash where it gives none."""
        given = headers.get("x-atlassian-webhook-identifier", "")
        return given if given.isprintable() and 0 < len(given) <= LONGEST_ID else hashlib.sha256(body).hexdigest()

    def notice(self, body: bytes) -> Notice:
        """The items an event is about, and the streams whose lists it changes."""
        try:
            told = decode(body, _Told)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Notice()
        issue, worklog, link = (part or _Ids() for part in (told.issue, told.worklog, told.issueLink))
        named = (issue.id, worklog.issueId, link.sourceIssueId, link.destinationIssueId)
        items = dict.fromkeys(ident for each in named if (ident := _issue_id(each)))
        event = told.webhookEvent.removeprefix("jira:")
        streams = [stream for start, stream in _STREAMS.items() if event.startswith(start)]
        if (told.issue_event_type_name or "").startswith(_LOGGED_WORK):
            streams.append(Stream.WORKLOGS)
        return Notice(tuple(items), tuple(dict.fromkeys(streams)))


class JiraHooks:
    """The webhooks of one site, which serve all its projects. Only administrators may see or change them."""

    gives_secret = False

    def __init__(self, settings: ConnectionSettings, secret: Secret, boundary: Boundary | None = None) -> None:
        self._boundary = boundary or Boundary(settings)
        self._client = JiraClient(settings, secret, self._boundary)
        self.by_hand: ByHand | None = ByHand("Jira settings > System > WebHooks > Create a WebHook", EVENTS)

    def resources(self) -> tuple[str, ...]:
        """One webhook speaks of the whole site."""
        return ("",)

    def listed(self) -> tuple[Registered, ...]:
        """All webhooks of the site."""
        answer = self._ask("GET")
        try:
            return tuple(_registered(hook) for hook in msgspec.json.decode(answer, type=list[_Hook]))
        except msgspec.ValidationError:
            what = "Jira's list of webhooks is not what it should be"
            raise BadAnswerError(what, method="GET", path="webhook") from None

    def register(self, resource: str, target: str, secret: Secret | None) -> Registered:
        """A webhook for all events that matter. Jira neither calls the target now nor checks it."""
        body: dict[str, Any] = {"name": NAME, "url": target, "events": EVENTS, "excludeBody": False}
        body |= {"filters": {"issue-related-events-section": ""}}
        if secret is not None:
            body["secret"] = secret.reveal()
        for _ in range(_MOST_TRIES):
            try:
                return _registered(msgspec.json.decode(self._ask("POST", body), type=_Hook))
            except (RetryError, msgspec.ValidationError):
                # It may have been made all the same.
                made = next((hook for hook in self.listed() if hook.target == target), None)
                if made is not None:
                    return made
        raise BadAnswerError("Jira did not make the webhook", remedy="Try again in a few minutes", path="webhook")

    def remove(self, external_id: str) -> None:
        """Remove it. After an answer that was lost, the list tells whether it went."""
        try:
            self._client.webhooks("DELETE", external_id)
        except MissingError:
            return
        except RetryError:
            if any(hook.external_id == external_id for hook in self.listed()):
                raise

    def close(self) -> None:
        """Wake whoever waits, and close the sockets."""
        self._boundary.close()
        self._client.close()

    def _ask(self, method: str, body: Mapping[str, Any] | None = None) -> msgspec.Raw:
        try:
            return self._client.webhooks(method, body=body)
        except (MissingError, FeatureAbsentError) as raised:
            what = "This Jira does not let webhooks be registered from outside"
            remedy = "Let an administrator register it by hand"
            raise ForbiddenError(what, remedy=remedy, method=method, path=raised.path, status=raised.status) from None


def _registered(hook: _Hook) -> Registered:
    return Registered(
        external_id=hook.self.rstrip("/").rpartition("/")[2],
        resource="",
        target=hook.url,
        active=hook.enabled,
        trouble="" if hook.enabled else "It is switched off in Jira",
    )


def _issue_id(value: str | int | None) -> str:
    """An id of Jira's as text, "" for anything else."""
    text = str(value) if value is not None else ""
    return text if text.isascii() and text.isdigit() and len(text) <= 20 else ""
