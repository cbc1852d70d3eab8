"""Who may open what: one table of every route with what it needs, and the guard that holds it.

A route that does not stand in the table is closed: it answers 500 in the open rather than anything in silence. Which
rows an open page shows is decided by the queries (`portfolio.access.rows`), never here and never in a template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.access.matrix import Capability, Right
from portfolio.access.viewer import Permit, Viewer
from webapp import signin


class Open(StrEnum):
    """A route that asks for no right. to_owing: to users, those who owe a second factor included."""

    TO_ANYBODY = "to_anybody"
    TO_USERS = "to_users"
    TO_OWING = "to_owing"


@dataclass(frozen=True)
class Needs:
    """A route that asks for one of the rights in a capability; `everywhere` where it is not about single projects."""

    capability: Capability
    rights: tuple[Right, ...] = (Right.VIEW,)
    everywhere: bool = False

    def met_by(self, viewer: Viewer) -> bool:
        ask = viewer.may_everywhere if self.everywhere else viewer.may
        return ask(self.capability, *self.rights)


SEE_PROJECTS = Needs(Capability.KPIS, (Right.VIEW, Right.LOAD))
SEE_FIGURES = Needs(Capability.KPIS)
SEE_ALL_FIGURES = Needs(Capability.KPIS, everywhere=True)
# Whose load, and whether by name, the queries say.
SEE_LOAD = Needs(Capability.ALLOCATIONS, (Right.VIEW, Right.GROUPED))
SEE_PERSONS = Needs(Capability.ALLOCATIONS)
# Who may ask for people or decide on it at all; for which project and which side, the pages ask.
ASK_FOR_PEOPLE = Needs(Capability.ALLOCATIONS, (Right.PROPOSE, Right.EDIT))
EDIT_BOOKINGS = Needs(Capability.ALLOCATIONS, (Right.EDIT,))
SEE_CAPACITY = SEE_PERSONS
SEE_ALL_CAPACITY = Needs(Capability.ALLOCATIONS, everywhere=True)
EDIT_CAPACITY = Needs(Capability.ALLOCATIONS, (Right.EDIT,), everywhere=True)
SEE_OBJECTIVES = Needs(Capability.OBJECTIVES)
# Of which projects, the pages ask.
LINK_OBJECTIVES = Needs(Capability.OBJECTIVES, (Right.EDIT,))
DECIDE_OBJECTIVES = Needs(Capability.OBJECTIVES, (Right.APPROVE,), everywhere=True)
SEE_RULES = Needs(Capability.GOVERNANCE)
EDIT_RULES = Needs(Capability.GOVERNANCE, (Right.EDIT,), everywhere=True)
# Who may ask for a waiver or decide one at all; whether for this project, the page asks.
ASK_WAIVERS = Needs(Capability.WAIVERS, (Right.PROPOSE, Right.APPROVE))
SEE_DEFINITIONS = Needs(Capability.DEFINITIONS)
EDIT_DEFINITIONS = Needs(Capability.DEFINITIONS, (Right.EDIT,), everywhere=True)
SEE_SYNC = Needs(Capability.SYNC, everywhere=True)
RUN_SYNC = Needs(Capability.SYNC, (Right.EDIT,), everywhere=True)
# What a tracker sent may hold anything that was ever typed there; what is retired leaves every figure.
DECIDE_SYNC = Needs(Capability.MAPPINGS, (Right.EDIT,), everywhere=True)
SEE_MAPPING = Needs(Capability.MAPPINGS, everywhere=True)
# Which projects' mapping, the queries say.
SEE_OWN_MAPPING = Needs(Capability.MAPPINGS)
EDIT_MAPPING = DECIDE_SYNC
# Who may enter anything of a project at all; which fields, is asked for the project (`portfolio.overlay.rights`).
ENTER_DATA = Needs(Capability.BILLING, (Right.EDIT,))
APPROVE_MAPPING = Needs(Capability.MAPPINGS, (Right.APPROVE,), everywhere=True)
SEE_USERS = Needs(Capability.USERS, everywhere=True)
EDIT_USERS = Needs(Capability.USERS, (Right.EDIT,), everywhere=True)
SEE_AUDIT_LOG = Needs(Capability.AUDIT_LOG, everywhere=True)

ROUTES: Mapping[str, Open | Needs] = {
    "static": Open.TO_ANYBODY,
    "bootstrap.static": Open.TO_ANYBODY,
    "htmx.static": Open.TO_ANYBODY,
    "health.healthz": Open.TO_ANYBODY,
    "health.readyz": Open.TO_ANYBODY,
    "metrics.metrics": Open.TO_ANYBODY,
    "account.sign_in": Open.TO_ANYBODY,
    "account.code": Open.TO_ANYBODY,
    "outside.start": Open.TO_ANYBODY,
    "outside.back": Open.TO_ANYBODY,
    "outside.leave": Open.TO_ANYBODY,
    "outside.through_proxy": Open.TO_ANYBODY,
    "outside.signed_out": Open.TO_ANYBODY,
    "doors.door": Open.TO_ANYBODY,
    "account.sign_out": Open.TO_OWING,
    "account.account": Open.TO_USERS,
    "account.password": Open.TO_USERS,
    # Of oneself; whoever is no person of the trackers finds nothing.
    "looks.own": Open.TO_USERS,
    "calendar_files.own": Open.TO_USERS,
    "second_factor.show": Open.TO_OWING,
    "second_factor.begin": Open.TO_OWING,
    "second_factor.confirm": Open.TO_OWING,
    "second_factor.turn_off": Open.TO_USERS,
    "portfolio.portfolio": SEE_PROJECTS,
    "portfolio.portfolio_csv": SEE_PROJECTS,
    "portfolio.portfolio_xlsx": SEE_PROJECTS,
    "calendar_files.milestones": SEE_PROJECTS,
    "timeline.timeline": SEE_PROJECTS,
    "timeline.timeline_csv": SEE_PROJECTS,
    "timeline.timeline_xlsx": SEE_PROJECTS,
    "resources.resources": SEE_LOAD,
    "resources.resources_csv": SEE_LOAD,
    "resources.resources_xlsx": SEE_LOAD,
    "resources.person": SEE_PERSONS,
    "scenarios.scenarios": SEE_PERSONS,
    "scenarios.scenario": SEE_PERSONS,
    "scenarios.compare": SEE_PERSONS,
    "scenarios.start": SEE_PERSONS,
    "scenarios.to_do_csv": SEE_PERSONS,
    "scenarios.to_do_xlsx": SEE_PERSONS,
    # Of one's own; whether it is, the page asks.
    "scenario_changes.make": SEE_PERSONS,
    "scenario_changes.change": SEE_PERSONS,
    "scenario_changes.remove": SEE_PERSONS,
    "staffing.staffing": SEE_PERSONS,
    "staffing.staffing_csv": SEE_PERSONS,
    "staffing.staffing_xlsx": SEE_PERSONS,
    "accuracy.accuracy": SEE_LOAD,
    "accuracy.accuracy_csv": SEE_LOAD,
    "accuracy.accuracy_xlsx": SEE_LOAD,
    "bench.bench": SEE_PERSONS,
    "bench.bench_csv": SEE_PERSONS,
    "bench.bench_xlsx": SEE_PERSONS,
    "overload.overload": SEE_PERSONS,
    "overload.overload_csv": SEE_PERSONS,
    "overload.overload_xlsx": SEE_PERSONS,
    "key_people.key_people": SEE_PROJECTS,
    "key_people.key_people_csv": SEE_PROJECTS,
    "key_people.key_people_xlsx": SEE_PROJECTS,
    "demand.demand": SEE_LOAD,
    "demand.drawn": SEE_LOAD,
    "demand.demand_csv": SEE_LOAD,
    "demand.demand_xlsx": SEE_LOAD,
    "bookings.bookings": SEE_PERSONS,
    "bookings.bookings_csv": SEE_PERSONS,
    "bookings.bookings_xlsx": SEE_PERSONS,
    "bookings.booking": SEE_PERSONS,
    "bookings.new": EDIT_BOOKINGS,
    "bookings.add": EDIT_BOOKINGS,
    "bookings.decide": EDIT_BOOKINGS,
    "calendars.calendars": SEE_CAPACITY,
    "calendars.make": EDIT_CAPACITY,
    "calendars.calendar": SEE_CAPACITY,
    "calendars.change": EDIT_CAPACITY,
    "time_off.time_off": SEE_ALL_CAPACITY,
    "time_off.change": EDIT_CAPACITY,
    "skills.skills": SEE_CAPACITY,
    "skills.change": EDIT_CAPACITY,
    "capacity_files.files": SEE_ALL_CAPACITY,
    "capacity_files.take_in": EDIT_CAPACITY,
    "capacity_files.csv": SEE_ALL_CAPACITY,
    "capacity_files.xlsx": SEE_ALL_CAPACITY,
    "requests.requests": SEE_PERSONS,
    "requests.requests_csv": SEE_PERSONS,
    "requests.requests_xlsx": SEE_PERSONS,
    "requests.request": SEE_PERSONS,
    "requests.new": ASK_FOR_PEOPLE,
    "requests.ask": ASK_FOR_PEOPLE,
    "requests.decide": ASK_FOR_PEOPLE,
    "objectives.objectives": SEE_OBJECTIVES,
    "objectives.objective": SEE_OBJECTIVES,
    "objectives.new": DECIDE_OBJECTIVES,
    "objectives.add": DECIDE_OBJECTIVES,
    "objectives.decide": DECIDE_OBJECTIVES,
    "objectives.link": LINK_OBJECTIVES,
    "objective_files.files": SEE_OBJECTIVES,
    "objective_files.csv": SEE_OBJECTIVES,
    "objective_files.xlsx": SEE_OBJECTIVES,
    "objective_files.take_in": LINK_OBJECTIVES,
    "watermelon.watermelon": SEE_FIGURES,
    "watermelon.watermelon_csv": SEE_FIGURES,
    "watermelon.watermelon_xlsx": SEE_FIGURES,
    "quality.quality": SEE_FIGURES,
    "quality.quality_csv": SEE_FIGURES,
    "quality.quality_xlsx": SEE_FIGURES,
    "project.project": SEE_PROJECTS,
    "charts.of_project": SEE_PROJECTS,
    "charts.drawn": SEE_PROJECTS,
    "program.program": SEE_PROJECTS,
    "program.milestones": SEE_PROJECTS,
    "explain.project": SEE_FIGURES,
    "explain.program": SEE_FIGURES,
    "explain.portfolio": SEE_FIGURES,
    "explain.everything": SEE_ALL_FIGURES,
    "project_data.edit": ENTER_DATA,
    "project_report.write": ENTER_DATA,
    "baselines.baselines": Needs(Capability.BASELINES),
    "baselines.take": Needs(Capability.BASELINES, (Right.PROPOSE, Right.EDIT, Right.APPROVE)),
    "baselines.decide": Needs(Capability.BASELINES, (Right.APPROVE,)),
    "conflicts.conflicts": SEE_MAPPING,
    "conflicts.conflicts_csv": SEE_MAPPING,
    "conflicts.conflicts_xlsx": SEE_MAPPING,
    "conflicts.decide": EDIT_MAPPING,
    "all_data.table": SEE_MAPPING,
    "all_data.save": EDIT_MAPPING,
    "all_data.take_in": EDIT_MAPPING,
    "all_data.export_csv": SEE_MAPPING,
    "all_data.export_xlsx": SEE_MAPPING,
    "items.items": SEE_PROJECTS,
    "items.items_csv": SEE_PROJECTS,
    "items.items_xlsx": SEE_PROJECTS,
    "dictionary.dictionary": SEE_DEFINITIONS,
    "governance_matrix.matrix": SEE_FIGURES,
    "governance_matrix.matrix_csv": SEE_FIGURES,
    "governance_matrix.matrix_xlsx": SEE_FIGURES,
    "governance_rules.rules": SEE_RULES,
    "governance_rules.rule": SEE_RULES,
    "governance_rules.change": EDIT_RULES,
    "project_rules.result": SEE_FIGURES,
    "project_rules.change": ASK_WAIVERS,
    "governance_kpis.kpis": SEE_DEFINITIONS,
    "governance_kpis.kpi": SEE_DEFINITIONS,
    "governance_kpis.change": EDIT_DEFINITIONS,
    "governance_own.own_kpis": SEE_DEFINITIONS,
    "governance_own.new": EDIT_DEFINITIONS,
    "governance_own.add": EDIT_DEFINITIONS,
    "governance_own.own_kpi": EDIT_DEFINITIONS,
    "governance_own.change": EDIT_DEFINITIONS,
    "governance_versions.versions": SEE_DEFINITIONS,
    "governance_versions.restore": EDIT_DEFINITIONS,
    "who.people": SEE_MAPPING,
    "who.person": SEE_MAPPING,
    "who.change": EDIT_MAPPING,
    "who.split": EDIT_MAPPING,
    "who.merge": EDIT_MAPPING,
    "who_decisions.suggestions": SEE_MAPPING,
    "who_decisions.decide": EDIT_MAPPING,
    "who_decisions.log": SEE_MAPPING,
    "who_decisions.undo": EDIT_MAPPING,
    "who_table.table": SEE_MAPPING,
    "who_table.take_in": EDIT_MAPPING,
    "who_table.export_csv": EDIT_MAPPING,
    "people.people": EDIT_USERS,
    "people.person": EDIT_USERS,
    "people.person_json": EDIT_USERS,
    "people.erase": EDIT_USERS,
    "audit.log": SEE_AUDIT_LOG,
    "audit.log_csv": SEE_AUDIT_LOG,
    "audit.log_xlsx": SEE_AUDIT_LOG,
    "audit.check": SEE_AUDIT_LOG,
    "connections.connections": SEE_SYNC,
    "connections.switch": RUN_SYNC,
    "setup.new": RUN_SYNC,
    "setup.setup": SEE_SYNC,
    "setup.follow": RUN_SYNC,
    "setup.again": RUN_SYNC,
    "setup.map_values": EDIT_MAPPING,
    "setup.approve": APPROVE_MAPPING,
    "setup.finish": RUN_SYNC,
    "schedules.schedules": SEE_SYNC,
    "schedules.change": RUN_SYNC,
    "runs.runs": SEE_SYNC,
    "runs.run": SEE_SYNC,
    "runs.start": RUN_SYNC,
    "runs.stop": RUN_SYNC,
    "absences.absences": SEE_SYNC,
    "absences.absences_csv": SEE_SYNC,
    "absences.absences_xlsx": SEE_SYNC,
    "absences.decide": DECIDE_SYNC,
    "quarantine.quarantine": SEE_SYNC,
    "quarantine.record": DECIDE_SYNC,
    "quarantine.try_again": DECIDE_SYNC,
    "mapping.overview": SEE_MAPPING,
    "mapping.decide": EDIT_MAPPING,
    "mapping_profiles.profiles": SEE_MAPPING,
    "mapping_profiles.change": EDIT_MAPPING,
    "mapping_profiles.use": EDIT_MAPPING,
    "mapping_connections.connection": SEE_MAPPING,
    "mapping_connections.change": EDIT_MAPPING,
    "mapping_connections.sample": EDIT_MAPPING,
    "mapping_projects.projects": SEE_OWN_MAPPING,
    "mapping_projects.project": SEE_OWN_MAPPING,
    "mapping_projects.change": EDIT_MAPPING,
    "mapping_items.items": SEE_OWN_MAPPING,
    "mapping_items.items_csv": SEE_OWN_MAPPING,
    "mapping_items.items_xlsx": SEE_OWN_MAPPING,
    "mapping_versions.versions": SEE_MAPPING,
    "mapping_versions.export": SEE_MAPPING,
    "mapping_versions.take_in": EDIT_MAPPING,
    "mapping_versions.preview": EDIT_MAPPING,
    "mapping_versions.stop": EDIT_MAPPING,
    "mapping_versions.discard": EDIT_MAPPING,
    "mapping_versions.approve": APPROVE_MAPPING,
    "mapping_versions.rollback": APPROVE_MAPPING,
    "tokens.own": Open.TO_USERS,
    "tokens.make": Open.TO_USERS,
    "tokens.revoke": Open.TO_USERS,
    "settings.settings": SEE_USERS,
    "settings.group": SEE_USERS,
    "settings.change": EDIT_USERS,
    "working_time.working_time": SEE_USERS,
    "working_time.change": EDIT_USERS,
    "users.users": SEE_USERS,
    "users.user": SEE_USERS,
    "users.roles": Open.TO_USERS,
    "users.new": EDIT_USERS,
    "users.change": EDIT_USERS,
    "users.sign_out": EDIT_USERS,
    "users.password": EDIT_USERS,
    "all_tokens.all_tokens": SEE_USERS,
    "all_tokens.revoke": EDIT_USERS,
    "all_tokens.add_account": EDIT_USERS,
    "all_tokens.account": EDIT_USERS,
    "all_tokens.make": EDIT_USERS,
    "api.me.me": Open.TO_USERS,
    "api.portfolio.portfolio": SEE_PROJECTS,
    "api.projects.projects": SEE_PROJECTS,
    "api.projects.project": SEE_PROJECTS,
    "api.items.items": SEE_PROJECTS,
    "api.kpis.kpis": SEE_DEFINITIONS,
    "api.load.load": SEE_LOAD,
    "api.explained.project": SEE_FIGURES,
    "api.explained.program": SEE_FIGURES,
    "api.explained.portfolio": SEE_FIGURES,
    "api.explained.everything": SEE_ALL_FIGURES,
    "api.scenarios.scenarios": SEE_PERSONS,
    "api.scenarios.scenario": SEE_PERSONS,
    "api.objectives.objectives": SEE_OBJECTIVES,
    "api.objectives.objective": SEE_OBJECTIVES,
    "api.objectives.add": DECIDE_OBJECTIVES,
    "api.objectives.decide": DECIDE_OBJECTIVES,
    "api.objectives.link": LINK_OBJECTIVES,
    "api.bookings.bookings": SEE_PERSONS,
    "api.bookings.add": EDIT_BOOKINGS,
    "api.bookings.decide": EDIT_BOOKINGS,
    "api.requests.requests": SEE_PERSONS,
    "api.requests.ask": ASK_FOR_PEOPLE,
    "api.requests.request": SEE_PERSONS,
    "api.requests.decide": ASK_FOR_PEOPLE,
    "api.connections.connections": SEE_SYNC,
    "api.runs.start": RUN_SYNC,
    "api.runs.run": SEE_SYNC,
    "api.audit.audit": SEE_AUDIT_LOG,
    "groups.groups": SEE_USERS,
    "groups.add": EDIT_USERS,
    "groups.remove": EDIT_USERS,
}

NAMES = Permit(Capability.ALLOCATIONS, Right.VIEW)
"""By which the API tells who does what."""
MONEY = Permit(Capability.BILLING, Right.VIEW)
"""By which the API tells amounts of money."""


def api_permits() -> frozenset[Permit]:
    """Every permit that opens something in the API: the others are of no use to a token."""
    asked = (needs for endpoint, needs in ROUTES.items() if endpoint.startswith("api.") and isinstance(needs, Needs))
    return frozenset({NAMES, MONEY} | {Permit(needs.capability, right) for needs in asked for right in needs.rights})


HOMES = ("portfolio.portfolio", "connections.connections", "dictionary.dictionary", "account.account")
"""Where people begin: the first of these they may open."""
SET_UP = "second_factor.show"
"""Where those begin, and stay, who owe a second factor."""


def allows(viewer: Viewer, endpoint: str) -> bool:
    """Whether a signed-in viewer may open the route."""
    needs = ROUTES[endpoint]
    return needs.met_by(viewer) if isinstance(needs, Needs) else True


def home() -> str:
    """The address where the present user begins; the sign-in page for nobody."""
    user = signin.current()
    if user is None:
        return url_for("account.sign_in")
    if signin.owes_second_factor():
        return url_for(SET_UP)
    return url_for(next(endpoint for endpoint in HOMES if allows(user.viewer, endpoint)))


def _guard() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None  # no such page: the 404 page says nothing worth guarding
    if ROUTES[endpoint] is Open.TO_ANYBODY:
        return None
    user = signin.current()
    if user is None:
        return signin.ask()
    if signin.owes_second_factor() and ROUTES[endpoint] is not Open.TO_OWING:
        return signin.lead(url_for(SET_UP))
    if not allows(user.viewer, endpoint):
        if endpoint == HOMES[0]:
            return redirect(home())  # nobody asked for that page: it is where the site begins
        abort(403)
    return None


def init_app(app: Flask) -> None:
    """Guard every route, and let templates ask what the user may open."""
    app.before_request(_guard)

    def may(endpoint: str) -> bool:
        user = signin.current()
        if user is None or (signin.owes_second_factor() and ROUTES[endpoint] is not Open.TO_OWING):
            return False
        return allows(user.viewer, endpoint)

    app.jinja_env.globals["may"] = may
    app.jinja_env.globals["home"] = home
    app.jinja_env.globals["there"] = lambda endpoint: endpoint in ROUTES
