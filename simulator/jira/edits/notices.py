"""What webhooks are told of a change. As little as is needed: whoever is told has to ask."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from simulator.jira.outbox import Delivery
from simulator.jira.site import Document, Issue, Site


def tell(site: Site, event: str, at: datetime | None = None, **parts: Any) -> None:
    """Put a notice into the outbox for each webhook that listens for the event. `parts` are members of its body."""
    for webhook in site.webhooks.values():
        if webhook.get("enabled") and event in webhook.get("events", ()):
            body: Document = {"webhookEvent": event, **parts}
            if at is not None:
                body["timestamp"] = int(at.timestamp() * 1000)
            told = b"" if webhook.get("excludeBody") else msgspec.json.encode(body)
            site.outbox.put(Delivery(site.new_id(), webhook["url"], str(webhook.get("secret") or ""), told))


def tell_of_issue(site: Site, event: str, issue: Issue, at: datetime | None = None) -> None:
    """A notice about an issue."""
    fields = {name: issue.fields.get(name) for name in ("summary", "project", "updated")}
    tell(site, event, at, issue={"id": issue.id, "key": issue.key, "fields": fields})
