"""Every route, every role, one's own scope and another's: what happens stands in one table, and nowhere else.

A new route without a line here fails. The table is written by hand from the matrix of permissions, so that a mistake in
the program's own table does not make both agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from portfolio.access.grants import usual
from portfolio.access.roles import EVERYTHING, SCOPES, Grant, Role, Scope, ScopeType
from portfolio.access.viewer import Viewer, permits_of, shared
from portfolio.audit.entry import SYSTEM
from portfolio.figures.rollup import roll_up
from portfolio.model.landing import RunRequest
from portfolio.model.people import Allocation, Calendar
from portfolio.model.structure import Objective
from portfolio.store.engine import writing
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import TOKEN, Signed, Visitor
from tests.webapp.programs import Program, program
from webapp.access import api_permits
from webapp.accounts.users import SERVICE, add_account

Open = Callable[[], AbstractContextManager[Rows]]
ROLES = dict(zip("LGPXRUA", Role, strict=True))
"""PMO Lead, proGram manager, Project manager, eXecutive, Resource manager, aUditor, Admin."""
ALL = "LGPXRUA"
PROJECTS = "LGPXRU"
FIGURES = "LGPXU"
SEES_PERSONS = "LGPRU"
SEES_EVERYBODY = "LRU"
EDITS_CAPACITY = "LR"
SKILL_ASKED = {"do": "ask", "role": "Lead", "skill": "Go", "level": "3"}
WORKING_TIME = {"do": "hours", "minutes_per_day": "450", "overhead_percent": "20"}
NORTH = {"name": "North", "hours": "8 8 8 8 8"}
LOOKS_AT_SYNC = "LUA"
LOOKS_AT_AUDIT_LOG = "LUA"
RUNS_SYNC = "A"
SEES_MAPPING = "LUA"
APPROVES_MAPPING = "L"
KIND_RULE = {"profile": "p", "section": "kind", "draft": "987", "revision": "1"}
NO_DRAFT = {"draft": "987", "revision": "1"}
DECIDES_SYNC = "LA"
UNCHANGED = {"seen": "1", "do": "save"}
LOOKS_AT_USERS = "LUA"
EDITS_USERS = "A"
ENTERS_DATA = "LP"
KEEP = {"decision": "keep", "missing": "412"}
NO_BASELINE = {"do": "reject", "version": "9"}
WEEK = {"project_id": 1, "role": "Tester", "start": "2026-03-02", "end": "2026-03-06", "confirmed": True}
BOOKED, ASKED = WEEK | {"percent": 50}, WEEK | {"hours": 8}
AIM = {"code": "A", "title": "Aim", "period": "2026-Q4"}
SERVED = {"project_id": 1, "seen": "x", "strength": 1}
NOT_SEEN, UNSEEN = {"seen": "x"}, {"seen": 0}
GROUP = {"group": "g", "role": "auditor", "scope": "all"}


@dataclass(frozen=True)
class Line:
    """A route: who may open it, at which address, with what form. `{own}` stands for a project.

    Where there is a project in the address, a role held over another one finds nothing. `everywhere`: the role must be
    held over everything. `answers` is what the form gets that went through the door: 422 where there is nothing to do.
    """

    roles: str
    path: str
    everywhere: bool = False
    form: Mapping[str, Any] = field(default_factory=dict)
    answers: int = 302


PUBLIC = {
    "static",
    "bootstrap.static",
    "htmx.static",
    "health.healthz",
    "health.readyz",
    "metrics.metrics",
    "account.sign_in",
    "account.code",
    "doors.door",
    "outside.start",
    "outside.back",
    "outside.leave",
    "outside.through_proxy",
    "outside.signed_out",
}
ENDS_SESSION = {"account.sign_out"}

LINES: Mapping[tuple[str, str], Line] = {
    ("account.account", "GET"): Line(ALL, "/account"),
    ("second_factor.show", "GET"): Line(ALL, "/account/second-factor"),
    ("second_factor.begin", "POST"): Line(ALL, "/account/second-factor/begin"),
    ("second_factor.confirm", "POST"): Line(ALL, "/account/second-factor/confirm"),
    ("second_factor.turn_off", "POST"): Line(ALL, "/account/second-factor/off"),
    ("calendar_files.own", "GET"): Line(ALL, "/account/calendar.ics"),
    ("looks.own", "GET"): Line(ALL, "/account/looks"),
    ("account.password", "GET"): Line(ALL, "/password"),
    ("account.password", "POST"): Line(ALL, "/password"),
    ("portfolio.portfolio", "GET"): Line(PROJECTS, "/?view=list"),
    ("portfolio.portfolio_csv", "GET"): Line(PROJECTS, "/portfolio.csv"),
    ("portfolio.portfolio_xlsx", "GET"): Line(PROJECTS, "/portfolio.xlsx"),
    ("calendar_files.milestones", "GET"): Line(PROJECTS, "/projects/{own}/milestones.ics"),
    ("timeline.timeline", "GET"): Line(PROJECTS, "/portfolio/timeline"),
    ("timeline.timeline_csv", "GET"): Line(PROJECTS, "/portfolio/timeline.csv"),
    ("timeline.timeline_xlsx", "GET"): Line(PROJECTS, "/portfolio/timeline.xlsx"),
    ("resources.resources", "GET"): Line(PROJECTS, "/resources"),
    ("resources.resources_csv", "GET"): Line(PROJECTS, "/resources.csv"),
    ("resources.resources_xlsx", "GET"): Line(PROJECTS, "/resources.xlsx"),
    ("resources.person", "GET"): Line("LGPRU", "/resources/people/1"),
    ("scenarios.scenarios", "GET"): Line("LGPRU", "/resources/scenarios"),
    ("scenarios.scenario", "GET"): Line("LGPRU", "/resources/scenarios/1"),
    ("scenarios.compare", "GET"): Line("LGPRU", "/resources/scenarios/compare?id=1"),
    ("scenarios.start", "GET"): Line("LGPRU", "/resources/scenarios/start"),
    ("scenarios.to_do_csv", "GET"): Line("LGPRU", "/resources/scenarios/1/to-do.csv"),
    ("scenarios.to_do_xlsx", "GET"): Line("LGPRU", "/resources/scenarios/1/to-do.xlsx"),
    ("scenario_changes.make", "POST"): Line("LGPRU", "/resources/scenarios"),
    ("scenario_changes.change", "POST"): Line("LGPRU", "/resources/scenarios/987", form={"do": "share"}),
    ("scenario_changes.remove", "POST"): Line("LGPRU", "/resources/scenarios/987/remove"),
    ("staffing.staffing", "GET"): Line("LGPRU", "/resources/by-project"),
    ("staffing.staffing_csv", "GET"): Line("LGPRU", "/resources/by-project.csv"),
    ("staffing.staffing_xlsx", "GET"): Line("LGPRU", "/resources/by-project.xlsx"),
    ("accuracy.accuracy", "GET"): Line(PROJECTS, "/resources/actual"),
    ("accuracy.accuracy_csv", "GET"): Line(PROJECTS, "/resources/actual.csv"),
    ("accuracy.accuracy_xlsx", "GET"): Line(PROJECTS, "/resources/actual.xlsx"),
    ("bench.bench", "GET"): Line("LGPRU", "/resources/bench"),
    ("bench.bench_csv", "GET"): Line("LGPRU", "/resources/bench.csv"),
    ("bench.bench_xlsx", "GET"): Line("LGPRU", "/resources/bench.xlsx"),
    ("overload.overload", "GET"): Line("LGPRU", "/resources/conflicts"),
    ("overload.overload_csv", "GET"): Line("LGPRU", "/resources/conflicts.csv"),
    ("overload.overload_xlsx", "GET"): Line("LGPRU", "/resources/conflicts.xlsx"),
    ("key_people.key_people", "GET"): Line(PROJECTS, "/resources/key-people"),
    ("key_people.key_people_csv", "GET"): Line(PROJECTS, "/resources/key-people.csv"),
    ("key_people.key_people_xlsx", "GET"): Line(PROJECTS, "/resources/key-people.xlsx"),
    ("demand.demand", "GET"): Line(PROJECTS, "/resources/demand"),
    ("demand.drawn", "GET"): Line(PROJECTS, "/resources/demand.svg"),
    ("demand.demand_csv", "GET"): Line(PROJECTS, "/resources/demand.csv"),
    ("demand.demand_xlsx", "GET"): Line(PROJECTS, "/resources/demand.xlsx"),
    ("objectives.objectives", "GET"): Line(PROJECTS, "/objectives"),
    ("objectives.objective", "GET"): Line(PROJECTS, "/objectives/1"),
    ("objectives.new", "GET"): Line("L", "/objectives/new", True),
    ("objectives.add", "POST"): Line("L", "/objectives/new", True),
    ("objectives.decide", "POST"): Line("L", "/objectives/1", True, {"do": "retire", "seen": "x"}),
    ("objectives.link", "POST"): Line("LG", "/objectives/1/links", form={"do": "withdraw", "project": "1"}),
    ("objective_files.files", "GET"): Line(PROJECTS, "/objectives/links"),
    ("objective_files.csv", "GET"): Line(PROJECTS, "/objectives/links.csv"),
    ("objective_files.xlsx", "GET"): Line(PROJECTS, "/objectives/links.xlsx"),
    ("objective_files.take_in", "POST"): Line("LG", "/objectives/links"),
    ("bookings.bookings", "GET"): Line("LGPRU", "/resources/bookings"),
    ("bookings.bookings_csv", "GET"): Line("LGPRU", "/resources/bookings.csv"),
    ("bookings.bookings_xlsx", "GET"): Line("LGPRU", "/resources/bookings.xlsx"),
    ("bookings.booking", "GET"): Line("LGPRU", "/resources/bookings/{booking}"),
    ("bookings.new", "GET"): Line("LR", "/resources/bookings/new"),
    ("bookings.add", "POST"): Line("LR", "/resources/bookings/new"),
    ("bookings.decide", "POST"): Line("LR", "/resources/bookings/{booking}", form={"do": "remove"}),
    ("calendars.calendars", "GET"): Line(SEES_PERSONS, "/resources/calendars"),
    ("calendars.make", "POST"): Line(EDITS_CAPACITY, "/resources/calendars", True, NORTH),
    ("calendars.calendar", "GET"): Line(SEES_PERSONS, "/resources/calendars/1"),
    ("calendars.change", "POST"): Line(EDITS_CAPACITY, "/resources/calendars/1", True, NORTH | {"do": "name"}),
    ("time_off.time_off", "GET"): Line(SEES_EVERYBODY, "/resources/time-off", True),
    ("time_off.change", "POST"): Line(EDITS_CAPACITY, "/resources/time-off", True, {"do": "remove", "id": "9"}),
    ("skills.skills", "GET"): Line(SEES_PERSONS, "/resources/skills"),
    ("skills.change", "POST"): Line(EDITS_CAPACITY, "/resources/skills", True, SKILL_ASKED),
    ("capacity_files.files", "GET"): Line(SEES_EVERYBODY, "/resources/files", True),
    ("capacity_files.take_in", "POST"): Line(EDITS_CAPACITY, "/resources/files", True, {"kind": "time-off"}, 422),
    ("capacity_files.csv", "GET"): Line(SEES_EVERYBODY, "/resources/files/time-off.csv", True),
    ("capacity_files.xlsx", "GET"): Line(SEES_EVERYBODY, "/resources/files/time-off.xlsx", True),
    ("requests.requests", "GET"): Line("LGPRU", "/resources/requests"),
    ("requests.requests_csv", "GET"): Line("LGPRU", "/resources/requests.csv"),
    ("requests.requests_xlsx", "GET"): Line("LGPRU", "/resources/requests.xlsx"),
    ("requests.request", "GET"): Line("LGPRU", "/resources/requests/{request}"),
    ("requests.new", "GET"): Line("LPR", "/resources/requests/new"),
    ("requests.ask", "POST"): Line("LPR", "/resources/requests/new"),
    ("requests.decide", "POST"): Line("LPR", "/resources/requests/{request}", form={"do": "accept"}),
    ("watermelon.watermelon", "GET"): Line(FIGURES, "/watermelon"),
    ("watermelon.watermelon_csv", "GET"): Line(FIGURES, "/watermelon.csv"),
    ("watermelon.watermelon_xlsx", "GET"): Line(FIGURES, "/watermelon.xlsx"),
    ("quality.quality", "GET"): Line(FIGURES, "/data-quality"),
    ("quality.quality_csv", "GET"): Line(FIGURES, "/data-quality.csv"),
    ("quality.quality_xlsx", "GET"): Line(FIGURES, "/data-quality.xlsx"),
    ("project.project", "GET"): Line(PROJECTS, "/projects/{own}"),
    ("charts.of_project", "GET"): Line(PROJECTS, "/projects/{own}/progress"),
    ("charts.drawn", "GET"): Line(PROJECTS, "/projects/{own}/charts/milestones.svg"),
    ("program.program", "GET"): Line(PROJECTS, "/programs/1"),
    ("program.milestones", "GET"): Line(PROJECTS, "/programs/1/milestones.svg"),
    ("explain.project", "GET"): Line("LGPXU", "/projects/{own}/kpis/SCH-09"),
    ("explain.program", "GET"): Line("LGPXU", "/programs/1/kpis/SCH-09"),
    ("explain.portfolio", "GET"): Line("LGPXU", "/portfolios/1/kpis/SCH-09"),
    ("explain.everything", "GET"): Line("LXU", "/all/kpis/SCH-09", True),
    ("project_data.edit", "GET"): Line(ENTERS_DATA, "/projects/{own}/data"),
    ("project_data.edit", "POST"): Line(ENTERS_DATA, "/projects/{own}/data", form={"client": "Acme"}),
    ("project_report.write", "GET"): Line(ENTERS_DATA, "/projects/{own}/report"),
    ("project_report.write", "POST"): Line(ENTERS_DATA, "/projects/{own}/report", form={"rag": "red"}),
    ("baselines.baselines", "GET"): Line(FIGURES, "/projects/{own}/baselines"),
    ("baselines.take", "POST"): Line("LGPX", "/projects/{own}/baselines", form={"reason": "agreed"}, answers=422),
    ("baselines.decide", "POST"): Line(
        "LGX", "/projects/{own}/baselines/decision", form={"do": "reject", "version": "9"}, answers=422
    ),
    ("conflicts.conflicts", "GET"): Line(LOOKS_AT_SYNC, "/mapping/conflicts", True),
    ("conflicts.conflicts_csv", "GET"): Line(LOOKS_AT_SYNC, "/mapping/conflicts.csv", True),
    ("conflicts.conflicts_xlsx", "GET"): Line(LOOKS_AT_SYNC, "/mapping/conflicts.xlsx", True),
    ("conflicts.decide", "POST"): Line(DECIDES_SYNC, "/mapping/conflicts", True, {"decision": "told"}),
    ("all_data.table", "GET"): Line(LOOKS_AT_SYNC, "/mapping/projects-data", True),
    ("all_data.save", "POST"): Line(DECIDES_SYNC, "/mapping/projects-data", True),
    ("all_data.take_in", "POST"): Line(DECIDES_SYNC, "/mapping/projects-data/import", True, {"rows": "code"}),
    ("all_data.export_csv", "GET"): Line(LOOKS_AT_SYNC, "/mapping/projects-data/export.csv", True),
    ("all_data.export_xlsx", "GET"): Line(LOOKS_AT_SYNC, "/mapping/projects-data/export.xlsx", True),
    ("items.items", "GET"): Line(PROJECTS, "/projects/{own}/items"),
    ("items.items_csv", "GET"): Line(PROJECTS, "/projects/{own}/items.csv"),
    ("items.items_xlsx", "GET"): Line(PROJECTS, "/projects/{own}/items.xlsx"),
    ("dictionary.dictionary", "GET"): Line(PROJECTS, "/dictionary"),
    ("governance_matrix.matrix", "GET"): Line("LGPXU", "/governance"),
    ("governance_matrix.matrix_csv", "GET"): Line("LGPXU", "/governance.csv"),
    ("governance_matrix.matrix_xlsx", "GET"): Line("LGPXU", "/governance.xlsx"),
    ("governance_rules.rules", "GET"): Line(ALL, "/governance/rules"),
    ("governance_rules.rule", "GET"): Line(ALL, "/governance/rules/TIM-R02"),
    ("governance_rules.change", "POST"): Line("L", "/governance/rules/TIM-R02", True, {"do": "try", "params": "{}"}),
    ("project_rules.result", "GET"): Line("LGPXU", "/projects/{own}/rules/TIM-R02"),
    ("project_rules.change", "POST"): Line(
        "LGPX", "/projects/{own}/rules/TIM-R02", form={"do": "request"}, answers=422
    ),
    ("governance_kpis.kpis", "GET"): Line(PROJECTS, "/governance/kpis"),
    ("governance_kpis.kpi", "GET"): Line(PROJECTS, "/governance/kpis/SCH-01"),
    ("governance_kpis.change", "POST"): Line("L", "/governance/kpis/SCH-01", True, UNCHANGED | {"scope": "global"}),
    ("governance_own.own_kpis", "GET"): Line(PROJECTS, "/governance/own-kpis"),
    ("governance_own.new", "GET"): Line("L", "/governance/own-kpis/new", True),
    ("governance_own.add", "POST"): Line("L", "/governance/own-kpis/new", True, UNCHANGED),
    ("governance_own.own_kpi", "GET"): Line("L", "/governance/own-kpis/OWN-01", True),
    ("governance_own.change", "POST"): Line("L", "/governance/own-kpis/OWN-01", True, UNCHANGED),
    ("governance_versions.versions", "GET"): Line(PROJECTS, "/governance/versions"),
    ("governance_versions.restore", "POST"): Line(
        "L", "/governance/versions/restore", True, UNCHANGED | {"number": "9"}
    ),
    ("audit.log", "GET"): Line(LOOKS_AT_AUDIT_LOG, "/settings/audit", True),
    ("audit.log_csv", "GET"): Line(LOOKS_AT_AUDIT_LOG, "/settings/audit.csv", True),
    ("audit.log_xlsx", "GET"): Line(LOOKS_AT_AUDIT_LOG, "/settings/audit.xlsx", True),
    ("audit.check", "GET"): Line(LOOKS_AT_AUDIT_LOG, "/settings/audit/check", True),
    ("connections.connections", "GET"): Line(LOOKS_AT_SYNC, "/connections", True),
    ("setup.new", "GET"): Line(RUNS_SYNC, "/connections/new", True),
    ("setup.new", "POST"): Line(RUNS_SYNC, "/connections/new", True),
    ("setup.setup", "GET"): Line(LOOKS_AT_SYNC, "/connections/1/setup", True),
    ("setup.follow", "POST"): Line(RUNS_SYNC, "/connections/1/setup/follow", True),
    ("setup.again", "POST"): Line(RUNS_SYNC, "/connections/1/setup/again", True),
    ("setup.map_values", "POST"): Line(DECIDES_SYNC, "/connections/1/setup/map", True),
    ("setup.approve", "POST"): Line("L", "/connections/1/setup/approve", True),
    ("setup.finish", "POST"): Line(RUNS_SYNC, "/connections/1/setup/finish", True),
    ("connections.switch", "POST"): Line(RUNS_SYNC, "/connections/1/switch", True, {"to": "on"}),
    ("schedules.schedules", "GET"): Line(LOOKS_AT_SYNC, "/connections/1/schedule", True),
    ("schedules.change", "POST"): Line(RUNS_SYNC, "/connections/1/schedule", True, {"do": "save"}),
    ("runs.runs", "GET"): Line(LOOKS_AT_SYNC, "/runs", True),
    ("runs.run", "GET"): Line(LOOKS_AT_SYNC, "/runs/1", True),
    ("runs.start", "POST"): Line(RUNS_SYNC, "/connections/1/runs", True, {"mode": "full"}),
    ("runs.stop", "POST"): Line(RUNS_SYNC, "/runs/2/stop", True),
    ("absences.absences", "GET"): Line(LOOKS_AT_SYNC, "/absences", True),
    ("absences.absences_csv", "GET"): Line(LOOKS_AT_SYNC, "/absences.csv", True),
    ("absences.absences_xlsx", "GET"): Line(LOOKS_AT_SYNC, "/absences.xlsx", True),
    ("absences.decide", "POST"): Line(DECIDES_SYNC, "/connections/1/hold", True, KEEP),
    ("quarantine.quarantine", "GET"): Line(LOOKS_AT_SYNC, "/quarantine", True),
    ("quarantine.record", "GET"): Line(DECIDES_SYNC, "/quarantine/1", True),
    ("quarantine.try_again", "POST"): Line(DECIDES_SYNC, "/connections/1/quarantine", True, {"held": "1"}),
    ("mapping.overview", "GET"): Line(SEES_MAPPING, "/mapping", True),
    ("mapping.decide", "POST"): Line(DECIDES_SYNC, "/mapping", True, {"do": "accept"}),
    ("mapping_profiles.profiles", "GET"): Line(SEES_MAPPING, "/mapping/profiles", True),
    ("mapping_profiles.change", "POST"): Line(DECIDES_SYNC, "/mapping/profiles", True, KIND_RULE),
    ("mapping_profiles.use", "POST"): Line(DECIDES_SYNC, "/mapping/profiles/use", True, {"connection": "none of it"}),
    ("mapping_connections.connection", "GET"): Line(SEES_MAPPING, "/mapping/connections/1", True),
    ("mapping_connections.change", "POST"): Line(DECIDES_SYNC, "/mapping/connections/1", True, NO_DRAFT),
    ("mapping_connections.sample", "POST"): Line(DECIDES_SYNC, "/mapping/connections/1/sample", True),
    ("mapping_projects.projects", "GET"): Line("LGPUA", "/mapping/projects"),
    ("mapping_projects.project", "GET"): Line("LGPUA", "/mapping/projects/{own}"),
    ("mapping_items.items", "GET"): Line("LGPUA", "/mapping/items"),
    ("mapping_items.items_csv", "GET"): Line("LGPUA", "/mapping/items.csv"),
    ("mapping_items.items_xlsx", "GET"): Line("LGPUA", "/mapping/items.xlsx"),
    ("mapping_projects.change", "POST"): Line(DECIDES_SYNC, "/mapping/projects", True, {"do": "save"} | NO_DRAFT),
    ("mapping_versions.versions", "GET"): Line(SEES_MAPPING, "/mapping/versions", True),
    ("mapping_versions.export", "GET"): Line(SEES_MAPPING, "/mapping/mapping.toml", True),
    ("mapping_versions.take_in", "POST"): Line(DECIDES_SYNC, "/mapping/import", True, NO_DRAFT),
    ("mapping_versions.preview", "POST"): Line(DECIDES_SYNC, "/mapping/versions/preview", True, NO_DRAFT),
    ("mapping_versions.stop", "POST"): Line(DECIDES_SYNC, "/mapping/versions/preview/stop", True),
    ("mapping_versions.discard", "POST"): Line(DECIDES_SYNC, "/mapping/versions/discard", True, NO_DRAFT),
    ("mapping_versions.approve", "POST"): Line(APPROVES_MAPPING, "/mapping/versions/approve", True, NO_DRAFT),
    ("mapping_versions.rollback", "POST"): Line(APPROVES_MAPPING, "/mapping/versions/rollback", True, {"number": "9"}),
    ("groups.groups", "GET"): Line(LOOKS_AT_USERS, "/settings/groups", True),
    ("groups.add", "POST"): Line(EDITS_USERS, "/settings/groups", True, GROUP),
    ("groups.remove", "POST"): Line(EDITS_USERS, "/settings/groups/1/remove", True),
    ("tokens.own", "GET"): Line(ALL, "/account/tokens"),
    ("tokens.make", "POST"): Line(ALL, "/account/tokens"),
    ("tokens.revoke", "POST"): Line(ALL, "/account/tokens/1/revoke"),
    ("settings.settings", "GET"): Line(LOOKS_AT_USERS, "/settings", True),
    ("settings.group", "GET"): Line(LOOKS_AT_USERS, "/settings/privacy", True),
    ("settings.change", "POST"): Line(EDITS_USERS, "/settings/retention", True),
    ("working_time.working_time", "GET"): Line(LOOKS_AT_USERS, "/settings/working-time", True),
    ("working_time.change", "POST"): Line(EDITS_USERS, "/settings/working-time", True, WORKING_TIME),
    ("who.people", "GET"): Line(SEES_MAPPING, "/people", True),
    ("who.person", "GET"): Line(SEES_MAPPING, "/people/1", True),
    ("who.change", "POST"): Line(DECIDES_SYNC, "/people/1", True, {"name": "Mia"}),
    ("who.split", "POST"): Line(DECIDES_SYNC, "/people/1/split", True),
    ("who.merge", "POST"): Line(DECIDES_SYNC, "/people/1/merge", True),
    ("who_decisions.suggestions", "GET"): Line(SEES_MAPPING, "/people/suggestions", True),
    ("who_decisions.decide", "POST"): Line(DECIDES_SYNC, "/people/suggestions", True, {"do": "accept"}),
    ("who_decisions.log", "GET"): Line(SEES_MAPPING, "/people/decisions", True),
    ("who_decisions.undo", "POST"): Line(DECIDES_SYNC, "/people/decisions/1/undo", True),
    ("who_table.table", "GET"): Line(SEES_MAPPING, "/people/table", True),
    ("who_table.take_in", "POST"): Line(DECIDES_SYNC, "/people/table", True),
    ("who_table.export_csv", "GET"): Line(DECIDES_SYNC, "/people/table/people.csv", True),
    ("people.people", "GET"): Line(EDITS_USERS, "/settings/people?q=a", True),
    ("people.person", "GET"): Line(EDITS_USERS, "/settings/people/1", True),
    ("people.person_json", "GET"): Line(EDITS_USERS, "/settings/people/1.json", True),
    ("people.erase", "POST"): Line(EDITS_USERS, "/settings/people/1/erase", True),
    ("users.users", "GET"): Line(LOOKS_AT_USERS, "/settings/users", True),
    ("users.user", "GET"): Line(LOOKS_AT_USERS, "/settings/users/{service}", True),
    ("users.roles", "GET"): Line(ALL, "/settings/roles"),
    ("users.new", "GET"): Line(EDITS_USERS, "/settings/users/new", True),
    ("users.new", "POST"): Line(EDITS_USERS, "/settings/users/new", True),
    ("users.change", "POST"): Line(EDITS_USERS, "/settings/users/{service}", True, {"do": "on"}),
    ("users.sign_out", "POST"): Line(EDITS_USERS, "/settings/users/{service}/sessions", True),
    ("users.password", "POST"): Line(EDITS_USERS, "/settings/users/{service}/password", True),
    ("all_tokens.all_tokens", "GET"): Line(LOOKS_AT_USERS, "/settings/tokens", True),
    ("all_tokens.revoke", "POST"): Line(EDITS_USERS, "/settings/tokens/1/revoke", True),
    ("all_tokens.add_account", "POST"): Line(EDITS_USERS, "/settings/services", True, {"name": "", "role": "admin"}),
    ("all_tokens.account", "GET"): Line(EDITS_USERS, "/settings/services/{service}", True),
    ("all_tokens.make", "POST"): Line(EDITS_USERS, "/settings/services/{service}/tokens", True),
}

OPERATIONS: Mapping[tuple[str, str], Line] = {
    ("api.me.me", "GET"): Line(ALL, "/me"),
    ("api.portfolio.portfolio", "GET"): Line(PROJECTS, "/portfolio"),
    ("api.projects.projects", "GET"): Line(PROJECTS, "/projects"),
    ("api.projects.project", "GET"): Line(PROJECTS, "/projects/{own}"),
    ("api.items.items", "GET"): Line(PROJECTS, "/projects/{own}/items"),
    ("api.kpis.kpis", "GET"): Line(PROJECTS, "/kpis"),
    ("api.load.load", "GET"): Line(PROJECTS, "/load"),
    ("api.explained.project", "GET"): Line("LGPXU", "/projects/{own}/kpis/SCH-09"),
    ("api.explained.program", "GET"): Line("LGPXU", "/programs/1/kpis/SCH-09"),
    ("api.explained.portfolio", "GET"): Line("LGPXU", "/portfolios/1/kpis/SCH-09"),
    ("api.explained.everything", "GET"): Line("LXU", "/all/kpis/SCH-09", True),
    ("api.scenarios.scenarios", "GET"): Line("LGPRU", "/scenarios"),
    ("api.scenarios.scenario", "GET"): Line("LGPRU", "/scenarios/1"),
    ("api.objectives.objectives", "GET"): Line(PROJECTS, "/objectives"),
    ("api.objectives.objective", "GET"): Line(PROJECTS, "/objectives/1"),
    ("api.objectives.add", "POST"): Line("L", "/objectives", True, AIM, 201),
    ("api.objectives.decide", "POST"): Line("L", "/objectives/1", True, NOT_SEEN | {"do": "retire"}, 400),
    ("api.objectives.link", "POST"): Line("LG", "/objectives/1/links", form=SERVED, answers=400),
    ("api.bookings.bookings", "GET"): Line("LGPRU", "/bookings"),
    ("api.bookings.add", "POST"): Line("LR", "/bookings", form=BOOKED, answers=201),
    ("api.requests.requests", "GET"): Line("LGPRU", "/requests"),
    ("api.bookings.decide", "POST"): Line("LR", "/bookings/{booking}", form=NOT_SEEN | {"do": "remove"}, answers=400),
    ("api.requests.request", "GET"): Line("LGPRU", "/requests/{request}"),
    ("api.requests.decide", "POST"): Line("LPR", "/requests/{request}", form=UNSEEN | {"do": "accept"}, answers=400),
    ("api.requests.ask", "POST"): Line("LPR", "/requests", form=ASKED, answers=201),
    ("api.connections.connections", "GET"): Line(LOOKS_AT_SYNC, "/connections", True),
    ("api.runs.start", "POST"): Line(RUNS_SYNC, "/connections/1/runs", True, {"mode": "full"}, 202),
    ("api.runs.run", "GET"): Line(LOOKS_AT_SYNC, "/runs/1", True),
    ("api.audit.audit", "GET"): Line(LOOKS_AT_SYNC, "/audit", True),
}
"""The same for programs, under /api/v1."""


@pytest.fixture
def places(rows: Open, engine: Engine, clock: Clock) -> dict[str, int]:
    """Two projects, led by two persons, and a row of each kind whose id is 1."""
    with rows() as add:
        jira = add.connection()
        mia, ned = add.person("Mia"), add.person("Ned")
        add.add(Calendar, name="North")
        own = add.project(
            "Own", jira, manager_id=mia, sponsor_id=mia, program_id=add.program("P", add.portfolio("F"), mia)
        )
        other = add.project("Other", jira, manager_id=ned, sponsor_id=ned, program_id=add.program("Q", None, ned))
        add.item(own, jira, created=clock().date(), assignee_id=mia)
        add.stream(add.run(jira, clock()), "items", created=1)
        add.held(jira, "unreadable", b"{}", clock())
        add.absence(jira, "77", clock())
        add.hold(jira, 412, 900, clock())
        add.run(jira, clock(), "running")
        add.own_kpi("Late", "w", clock())
        roll_up(add.db, as_of=clock().date(), now=clock())
        span = {"start": clock().date(), "end": clock().date()}
        add.add(Objective, title="Grow")
        booking = add.add(Allocation, person_id=mia, project_id=own, percent=10, **span)
        request = add.request(own, clock())
        add.row(RunRequest, connection_id=jira, mode="full", asked_by="ada", asked_at=clock())
    with writing(engine) as connection:
        service = add_account(connection, "robot", usual(Role.ADMIN), clock(), SYSTEM, known=SERVICE)
        Rows(connection).scenario(service, "If", clock(), shared=True)
    return {"mia": mia, "own": own, "other": other, "service": service, "booking": booking, "request": request}


def test_every_route_stands_in_the_table(app: Flask) -> None:
    routes = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
        if rule.endpoint not in PUBLIC | ENDS_SESSION
    }
    assert routes == set(LINES) | set(OPERATIONS)


def status(visitor: Visitor, method: str, line: Line, path: str) -> int:
    if method == "GET":
        return visitor.get(path).status_code
    return visitor.post(path, token_from="/password", **line.form).status_code


@pytest.mark.parametrize("letter", ALL)
def test_a_role_opens_what_the_table_says(signed: Signed, places: dict[str, int], letter: str) -> None:
    role = ROLES[letter]
    usually = signed("usual", usual(role), places["mia"])
    over = [Scope(ScopeType.PROJECT, places["own"]) if role is not Role.ADMIN else EVERYTHING]
    narrow = signed("narrow", frozenset(Grant(role, scope) for scope in over), None)
    scoped = role is not Role.ADMIN
    sees_all = ScopeType.ALL in SCOPES[role]
    for (endpoint, method), line in LINES.items():
        own, other = (line.path.format(**places | {"own": places[place]}) for place in ("own", "other"))
        may = letter in line.roles
        reached = {200, 302, 404, 422, 401}
        # A PMO lead may look at an empty hold, decided by the one before: what matters here is the door.
        found = status(usually, method, line, own)
        if endpoint == "portfolio.portfolio" and not may:
            assert found == 302, endpoint  # sent on to where the role begins
        elif may:
            assert found in (reached if method == "POST" else {200}), (endpoint, role, found)
        else:
            assert found == 403, (endpoint, role, found)
        if other != own:
            # What a form changes of one's own project is answered with the page it leads to.
            opened = 200 if method == "GET" else line.answers
            assert status(usually, method, line, other) == (403 if not may else opened if sees_all else 404), endpoint
        if scoped:
            expected = 403 if line.everywhere or not may else 200
            if method == "GET":
                assert status(narrow, method, line, own) == expected, (endpoint, role)
                if other != own:
                    assert status(narrow, method, line, other) == (404 if may else 403), (endpoint, role)
            elif line.everywhere:
                assert status(narrow, method, line, own) == 403, (endpoint, role)


def asked(robot: Program, method: str, line: Line, path: str) -> int:
    return robot.ask(path, method, json=line.form if line.form else None).status_code


@pytest.mark.parametrize("letter", ALL)
def test_a_program_of_a_role_gets_what_the_table_says(
    app: Flask, engine: Engine, clock: Clock, places: dict[str, int], letter: str
) -> None:
    role = ROLES[letter]
    over = EVERYTHING if ScopeType.ALL in SCOPES[role] else Scope(ScopeType.PROJECT, places["own"])
    permits = map(str, shared(api_permits(), Viewer(0, None, usual(role))))
    robot = program(app, engine, clock(), *permits, grants=frozenset({Grant(role, over)}))
    idle = program(app, engine, clock(), *other_permits(role), grants=frozenset({Grant(role, over)}))
    for line in OPERATIONS.values():
        method = "POST" if line.form else "GET"
        own, other = (line.path.format(**places | {"own": places[place]}) for place in ("own", "other"))
        may = letter in line.roles
        found = asked(robot, method, line, own)
        assert found == ((line.answers if line.form else 200) if may else 403), (line, role, found)
        if other != own:
            expected = 403 if not may else 200 if over == EVERYTHING else 404
            assert asked(robot, method, line, other) == expected, (line, role)
        if line.roles != ALL:
            assert asked(idle, method, line, own) == 403, (line, role)  # the role may, the token does not permit it


def other_permits(role: Role) -> list[str]:
    """A permit of the role that opens nothing in the API."""
    return [str(min(permits_of(Viewer(0, None, usual(role))) - api_permits()))]


def test_an_id_out_of_sight_is_answered_like_one_that_is_not(signed: Signed, places: dict[str, int]) -> None:
    visitor = signed("mia", usual(Role.PROJECT_MANAGER), places["mia"])
    for part in ("", "/items", "/items.csv"):
        hidden = visitor.get(f"/projects/{places['other']}{part}")
        nothing = visitor.get(f"/projects/987654{part}")
        assert hidden.status_code == nothing.status_code == 404
        said = [TOKEN.sub("", page.text) for page in (hidden, nothing)]
        assert said[0].replace(f"/{places['other']}", "/N") == said[1].replace("/987654", "/N")


def test_executives_see_no_person_by_name(signed: Signed, rows: Open, places: dict[str, int], clock: Clock) -> None:
    with rows() as add:
        people = [add.person(f"Worker {number}") for number in range(6)]
        for person in people:
            add.item(places["own"], 1, created=clock().date(), assignee_id=person)
    executive = signed("exec", usual(Role.EXECUTIVE), None)
    page = executive.text(f"/projects/{places['own']}")
    assert "Worker" not in page
    assert "Your role sees people as groups of five and more" in page
    items = executive.text(f"/projects/{places['own']}/items?assignee={people[0]}&sort=assignee")
    assert "7 items" in items  # the filter would tell who does what
    assert "Worker" not in items + executive.text(f"/projects/{places['own']}/items.csv")
    manager = signed("pm", usual(Role.PROJECT_MANAGER), places["mia"])
    assert "Worker 3" in manager.text(f"/projects/{places['own']}")
    assert "Worker 3" in manager.text(f"/projects/{places['own']}/items.csv")


def test_fewer_than_five_persons_are_no_group(signed: Signed, rows: Open, places: dict[str, int], clock: Clock) -> None:
    with rows() as add:
        for number in range(3):
            add.item(places["own"], 1, created=clock().date(), assignee_id=add.person(f"Worker {number}"))
    page = signed("exec", usual(Role.EXECUTIVE), None).text(f"/projects/{places['own']}")
    assert page.count("too few to show") == 4


def test_who_sees_load_only_sees_no_colour(signed: Signed, places: dict[str, int]) -> None:
    page = signed("res", usual(Role.RESOURCE_MANAGER), None).text(f"/projects/{places['own']}")
    assert "not shown to your role" in page
    assert "Overall, computed" not in page
    listed = signed("res2", usual(Role.RESOURCE_MANAGER), None).text("/?view=list")
    assert "Its figures are not shown to your role" in listed
    assert "your role does not show their figures and colours" in listed
    assert "can be judged yet" not in listed


def test_who_is_given_nothing_is_told_so(signed: Signed, places: dict[str, int]) -> None:
    page = signed("new", usual(Role.PROJECT_MANAGER), None).text("/")
    assert "No project is in your sight" in page
    assert "Own" not in page
