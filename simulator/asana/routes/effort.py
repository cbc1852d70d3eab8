"""Time tracking entries, allocations and absences."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request

from simulator.asana.asking import asked_day, required
from simulator.asana.refusals import bad_request
from simulator.asana.service import Routes, Service
from simulator.asana.workspace import Document

routes = Routes()


@routes.get("/tasks/<gid>/time_tracking_entries")
def task_entries(service: Service, request: Request, gid: str) -> Any:
    service.find.need("time_tracking")
    service.find.task(gid)
    chosen = [entry for entry in service.state.time_entries.values() if _is(entry, "task", gid)]
    return service.page(request, chosen, "time_tracking_entry")


@routes.get("/time_tracking_entries")
def entries(service: Service, request: Request) -> Any:
    service.find.need("time_tracking")
    given = request.args
    first, last = asked_day(request, "entered_on_start_date"), asked_day(request, "entered_on_end_date")
    if not {"task", "attributable_to", "portfolio", "user", "workspace"} & set(given):
        raise bad_request("You must specify one of task, attributable_to, portfolio, user or workspace")
    if "workspace" in given and first is None and last is None:
        raise bad_request("workspace: entered_on_start_date or entered_on_end_date must be given as well")
    chosen = list(service.state.time_entries.values())
    if "task" in given:
        gid = service.find.task(given["task"])["gid"]
        chosen = [entry for entry in chosen if _is(entry, "task", gid)]
    if "attributable_to" in given:
        gid = service.find.project(given["attributable_to"])["gid"]
        chosen = [entry for entry in chosen if _is(entry, "attributable_to", gid)]
    if "user" in given:
        gid = service.find.user(given["user"])["gid"]
        chosen = [entry for entry in chosen if _is(entry, "created_by", gid)]
    if "portfolio" in given:
        service.find.one(service.state.portfolios, given["portfolio"], "portfolio")
        inside = set(service.state.portfolio_items.get(given["portfolio"], []))
        chosen = [entry for entry in chosen if (entry.get("attributable_to") or {}).get("gid") in inside]
    if "workspace" in given:
        service.find.workspace_document(given["workspace"])
    if first is not None:
        chosen = [entry for entry in chosen if entry["entered_on"] >= first]
    if last is not None:
        chosen = [entry for entry in chosen if entry["entered_on"] <= last]
    return service.page(request, chosen, "time_tracking_entry")


@routes.get("/time_tracking_entries/<gid>")
def entry(service: Service, request: Request, gid: str) -> Any:
    service.find.need("time_tracking")
    return service.one(
        request, service.find.one(service.state.time_entries, gid, "time_tracking_entry"), "time_tracking_entry"
    )


@routes.get("/allocations")
def allocations(service: Service, request: Request) -> Any:
    service.find.need("allocations")
    given = request.args
    if not {"parent", "assignee", "workspace"} & set(given):
        raise bad_request("You must specify one of parent, assignee or workspace")
    chosen = list(service.state.allocations.values())
    if "workspace" in given:
        service.find.workspace_document(given["workspace"])
    if "parent" in given:
        gid = service.find.project(given["parent"])["gid"]
        chosen = [allocation for allocation in chosen if _is(allocation, "parent", gid)]
    if "assignee" in given:
        chosen = [allocation for allocation in chosen if _is(allocation, "assignee", given["assignee"])]
    hidden = service.state.inaccessible
    chosen = [a for a in chosen if not hidden or (a.get("parent") or {}).get("gid") not in hidden]
    return service.page(request, chosen, "allocation")


@routes.get("/ooo_entries")
def absences(service: Service, request: Request) -> Any:
    service.find.workspace_document(required(request, "workspace"))
    who = service.find.user(required(request, "user"))["gid"]
    first, last = asked_day(request, "start_date"), asked_day(request, "end_date")
    chosen = [
        absence
        for absence in service.state.out_of_office.values()
        if _is(absence, "user", who)
        and (first is None or absence["end_date"] >= first)
        and (last is None or absence["start_date"] <= last)
    ]
    return service.page(request, chosen, "ooo_entry")


def _is(document: Document, key: str, gid: str) -> bool:
    return (document.get(key) or {}).get("gid") == gid
