"""sightline rules: what the rules find of projects: run, listed, and why."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from cli.exits import CommandError
from cli.output import json_option, note, print_json, print_table
from cli.projects import project_of
from cli.runtime import Runtime, now

MOST = 50


@click.group("rules")
def command() -> None:
    """Rules, and what they find of projects."""


@command.command("run")
@json_option
@click.pass_obj
def run(config: str | None, as_json: bool) -> None:
    """Judge all projects by all rules, as things stand now. Every sync does it, too."""
    from collections import Counter

    from portfolio.figures.rollup import roll_up
    from portfolio.governance.results import standing
    from portfolio.store.engine import writing

    runtime = Runtime.load(config)
    here = now().astimezone(ZoneInfo(runtime.settings.time_zone))
    with writing(runtime.engine) as store:
        before = standing(store)
        roll_up(store, as_of=here.date(), now=here)
        after = standing(store)
        changed = {place[1] for place in before.keys() | after.keys() if before.get(place) != after.get(place)}
        found = Counter(row.result.outcome for row in after.values())
    if as_json:
        print_json({"as_of": here.date().isoformat(), "changed_projects": len(changed), "outcomes": dict(found)})
        return
    print_table(("outcome", "results"), sorted(found.items()), empty="There are no projects to judge yet.")
    note(f"Something changed for {len(changed)} projects.")


@command.command("list")
@json_option
@click.pass_obj
def list_(config: str | None, as_json: bool) -> None:
    """List the rules, with how many projects pass and fail."""
    from collections import Counter

    from portfolio.governance.check import awaited
    from portfolio.governance.results import standing
    from portfolio.governance.rule_settings import rules_in_force
    from portfolio.store.engine import reading

    with reading(Runtime.load(config).engine) as store:
        book = rules_in_force(store)
        counts = Counter((code, row.result.outcome) for (code, _), row in standing(store).items())
    lines = [
        {
            "code": code,
            "severity": str(it.rule.severity),
            "statement": it.rule.statement,
            "enabled": it.rule.enabled,
            "waits_for": awaited(it.rule),
            "fail": counts[code, "fail"],
            "pass": counts[code, "pass"],
            "waived": counts[code, "waived"],
        }
        for code, it in book.items()
    ]
    if as_json:
        print_json(lines)
        return
    rows = [
        (it["code"], it["severity"], it["statement"], it["fail"], it["pass"], _state(it["enabled"], it["waits_for"]))
        for it in lines
    ]
    print_table(("rule", "severity", "statement", "fail", "pass", "state"), rows, empty="")


def _state(enabled: object, waits_for: object) -> str:
    if not enabled:
        return "off"
    return f"waits for {waits_for}" if waits_for else ""


@command.command("why")
@click.argument("rule")
@click.argument("project")
@json_option
@click.pass_obj
def why(config: str | None, rule: str, project: str, as_json: bool) -> None:
    """Show what a RULE finds of a PROJECT (by its code) now: the outcome, the rows behind it, and what to do."""
    from portfolio.facts.gather import day_of
    from portfolio.governance.counting import evidence
    from portfolio.governance.predicates.declare import Check
    from portfolio.governance.rule_settings import rules_in_force
    from portfolio.governance.run import asked, findings, natures_of
    from portfolio.store.engine import reading

    runtime = Runtime.load(config)
    project_id = project_of(runtime, project)
    here = now().astimezone(ZoneInfo(runtime.settings.time_zone))
    with reading(runtime.engine) as store:
        in_force = rules_in_force(store).get(rule)
        if in_force is None:
            raise CommandError(f"there is no rule {rule!r}. `sightline rules list` shows them.")
        check = asked(in_force, day_of(store, here.date(), here))
        natures = natures_of(store, (project_id,))
        found = findings(store, {rule: in_force}, {rule: check}, natures, (project_id,))[rule, project_id]
        rows = evidence(store, check, project_id, MOST) if found.outcome == "fail" and isinstance(check, Check) else ()
    remedy = in_force.rule.remedy
    told = {name: getattr(remedy, name) for name in ("jira", "asana", "here") if getattr(remedy, name)}
    if as_json:
        shown = [it._asdict() for it in rows]
        outcome = {"rule": rule, "project": project, "outcome": found.outcome, "observed": dict(found.observed)}
        print_json(outcome | {"statement": in_force.rule.statement, "remedy": told, "evidence": shown})
        return
    note(f"{in_force.rule.statement}: {found.outcome}")
    details = [(name, value) for name, value in found.observed.items()]
    if details:
        print_table(("observed", "value"), details, empty="")
    if rows:
        print_table(("what", "title", "address", "date"), [tuple(it) for it in rows], empty="")
    for where, what in told.items() if found.outcome == "fail" else ():
        note(f"{where}: {what}")
