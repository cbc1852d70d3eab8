"""What every handler of a simulated Jira needs: the site, its time, its issues, the request's flavour of answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from werkzeug.wrappers import Request

from simulator.jira.index import SiteIndex, find_project, stamp_of
from simulator.jira.render import Renderer
from simulator.jira.site import Document, Issue, Site
from simulator.jira.words import PAYLOAD, no_issue, refuse

AGILE = "/rest/agile/1.0/"


class Service:
    """One served site. `clock` is the world's time; the site's own may be off by `clock_offset_s`."""

    def __init__(self, site: Site, clock: Callable[[], datetime]) -> None:
        self.site = site
        self.cloud = site.flavour == "cloud"
        self._clock = clock
        self._index: SiteIndex | None = None

    def now(self) -> datetime:
        return self._clock().astimezone(UTC) + timedelta(seconds=self.site.clock_offset_s)

    @property
    def index(self) -> SiteIndex:
        if self._index is None or self._index.stamp != stamp_of(self.site):
            self._index = SiteIndex(self.site)
        return self._index

    def rules(self, *names: str) -> list[str]:
        """The URL rules of a platform resource: v3 and v2 on Cloud, v2 (also called latest) on Data Center."""
        return [f"/rest/api/{api}/{name}" for api in (("3", "2") if self.cloud else ("2", "latest")) for name in names]

    def base(self, request: Request) -> str:
        return request.host_url.rstrip("/") + self.site.context_path

    def renderer(self, request: Request) -> Renderer:
        return Renderer(self.site, "3" if "/rest/api/3/" in request.path else "2", self.base(request))

    def issue(self, ident: str) -> Issue:
        """An issue by id, key or former key; Jira's 404 where it is gone or hidden."""
        found = self.site.issues.get(ident) or self.index.by_key.get(ident.upper())
        if found is None or found.hidden:
            raise no_issue()
        return found

    def project(self, ident: str) -> Document:
        """A project by id or key; Jira's 404 where there is none."""
        found = find_project(self.site, ident)
        if found is None or found.get("deleted"):
            what = "key" if not ident.isdigit() else "id"
            raise refuse(404, f"No project could be found with {what} '{ident}'.")
        return found

    def require(self, permission: str, words: str) -> None:
        if permission in self.site.denied:
            raise refuse(403, words)


def whole(request: Request, name: str, default: int) -> int:
    """A whole number among the parameters; 400 where it is none."""
    text = request.args.get(name, "")
    if not text:
        return default
    try:
        return max(int(text), 0)
    except ValueError:
        raise refuse(400, f"The value '{text}' of the parameter '{name}' is not a number.") from None


def page_of(request: Request, values: Sequence[Any], cap: int = 50) -> Document:
    """Jira's page bean: values from startAt, at most `cap` of them."""
    start, size = whole(request, "startAt", 0), min(whole(request, "maxResults", 50), cap)
    shown = values[start : start + size]
    return {
        "self": request.url,
        "maxResults": size,
        "startAt": start,
        "total": len(values),
        "isLast": start + len(shown) >= len(values),
        "values": shown,
    }


def window_of(request: Request, values: Sequence[Any], default: int, cap: int) -> tuple[int, int, Sequence[Any]]:
    """startAt, maxResults as granted, and the values in between, for resources with a form of their own."""
    start, size = whole(request, "startAt", 0), min(whole(request, "maxResults", default), cap)
    return start, size, values[start : start + size]


def body_of(request: Request) -> Document:
    """The JSON object of a request; 400 in Jira's words for anything else."""
    try:
        body = msgspec.json.decode(request.get_data())
    except msgspec.DecodeError:
        raise refuse(400, PAYLOAD) from None
    if not isinstance(body, dict):
        raise refuse(400, PAYLOAD)
    return body


def truthy(request: Request, name: str, default: bool = False) -> bool:
    return request.args.get(name, str(default)).lower() == "true"


def expands(values: Iterable[str]) -> set[str]:
    """Expand options from repeated and comma-separated parameters alike."""
    return {part.strip() for value in values for part in value.split(",") if part.strip()}
