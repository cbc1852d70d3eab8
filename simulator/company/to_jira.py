"""Shows the plan as one Jira site: every issue with fields, links and history."""

from __future__ import annotations

from simulator.company.jira_boards import add_boards
from simulator.company.jira_catalogue import field_documents, link_types
from simulator.company.jira_frame import Frame
from simulator.company.jira_issue import IssueWriter
from simulator.company.names import COMPANY
from simulator.company.plan import Plan, Tracker
from simulator.jira.site import Site

_ZONES = {Tracker.CLOUD: "America/Sao_Paulo", Tracker.DATACENTER: "Europe/Berlin"}


def to_jira(plan: Plan, tracker: Tracker) -> Site:
    """The site of one Jira tracker. Sets `external_id` and `key` of its items, and `accounts` of its people."""
    flavour = "cloud" if tracker is Tracker.CLOUD else "datacenter"
    site = Site(flavour=flavour, name=f"{COMPANY} ({flavour})", time_zone=_ZONES[tracker])
    frame = Frame(plan, tracker, site)
    add_boards(frame)
    site.fields = field_documents(tracker)
    site.priorities, site.resolutions = list(frame.priority.values()), list(frame.resolution.values())
    site.link_types = link_types(frame.base)
    writer = IssueWriter(plan, frame)
    for item in writer.items:
        site.issues[item.external_id] = writer.issue(item)
    writer.link()
    for item, _, _ in plan.moved:
        if item.project.tracker is tracker:
            site.old_keys[writer.former[item][0]] = item.external_id
    return site
