"""The rules: all of them, and each with who fails it, what is set of it, and what another setting would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.figures import recolour
from portfolio.governance import store
from portfolio.governance.catalogue import POLICIES, RULES
from portfolio.governance.check import awaited
from portfolio.governance.dry_run import Would, dry_run
from portfolio.governance.errors import FaultySettingError, StaleSettingsError
from portfolio.governance.predicates.catalogue import PREDICATES
from portfolio.governance.rule_settings import OWN, InForce, rule_of, rules_in_force, wanted_rule
from portfolio.governance.rules import Rule, RuleError, read_part
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.access import allows
from webapp.kpi_form import seen_number, typed_note
from webapp.queries.rules import lines

page = Blueprint("governance_rules", __name__)
REFUSED, STALE = 422, 409
LONGEST = 20_000
NEW = {
    "code": f"{OWN}R01",
    "statement": "",
    "severity": "medium",
    "policy": "POL-14",
    "predicate": "none_older",
    "params": {"filter": {"kind": ["bug"]}, "date": "created", "n_wd": 5},
}


@page.get("/governance/rules")
def rules() -> ResponseReturnValue:
    """All rules by policy, with how many projects fail, and what data some wait for."""
    with here.reading() as connection:
        book = rules_in_force(connection)
        found = lines(connection, signin.viewer())
    failing = {code: sum(code in it.results and it.results[code].outcome == "fail" for it in found) for code in book}
    judged = {code: sum(code in it.results for it in found) for code in book}
    waits = {code: awaited(it.rule) for code, it in book.items()}
    return render_template(
        "governance_rules.html", book=book, policies=POLICIES, failing=failing, judged=judged, waits=waits
    )


@page.get("/governance/rules/<code>")
def rule(code: str) -> ResponseReturnValue:
    """One rule. `new` is where an own one begins."""
    return _page(code)


@page.post("/governance/rules/<code>")
def change(code: str) -> ResponseReturnValue:
    """Set something of a rule, or look at what that would do; or take back what is set."""
    now, act = here.now().astimezone(here.zone()), request.form.get("do", "")
    try:
        body = None if act == "reset" else _typed(code)
        own = str(body.get("code", "")) if code == "new" and body is not None else code
        if act == "try":
            with here.reading() as connection:
                would = dry_run(connection, rule_of(own, body), as_of=now.date(), now=now)
            return _page(code, body=body, would=would)
        with writing(here.engine()) as connection:
            if code == "new" and own in rules_in_force(connection):
                raise RuleError("code", f"There is a rule {own[:40]} already: give this one another code.")
            wanted = wanted_rule(own, body)
            number = recolour.decide(
                connection, wanted, seen_number(), now, signin.name(), signin.actor(), note=typed_note()
            )
            there = own in rules_in_force(connection)
    except FaultySettingError as error:
        return _page(code, error=error), REFUSED
    except StaleSettingsError as error:
        return _page(code, error=error), STALE
    flash(f"saved-{number}" if number else "same", "governance")
    return redirect(url_for("governance_rules.rule", code=own) if there else url_for("governance_rules.rules"))


def _typed(code: str) -> dict[str, Any]:
    """What the form says of the rule: of a shipped one what differs, of an own one all. Raises `RuleError`."""
    form = request.form
    given: dict[str, Any] = {
        "severity": form.get("severity", ""),
        "grace_days": _number(form.get("grace_days", "0")),
        "enabled": form.get("enabled") == "1",
    }
    if code in RULES:
        given["params"] = _json("params", form.get("params", "{}"))
        shipped = msgspec.to_builtins(RULES[code])
        plain = {"grace_days": 0, "enabled": True, "params": {}} | shipped
        return {name: value for name, value in given.items() if value != plain[name]}
    whole = _json("rule", form.get("rule", "{}"))
    if not isinstance(whole, dict):
        raise RuleError("rule", 'A rule is an object, such as {"code": "OWN-R01", ...}.')
    return whole


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        raise RuleError("grace_days", "Give a number of working days.")
    return int(text)


def _json(field: str, text: str) -> Any:
    if len(text) > LONGEST:
        raise RuleError(field, f"This is longer than {LONGEST:,} characters.")
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise RuleError(field, f"This is no JSON: {error}.") from error


def _page(
    code: str,
    *,
    body: Mapping[str, Any] | None = None,
    would: tuple[Would, ...] | None = None,
    error: Exception | None = None,
) -> str:
    with here.reading() as connection:
        book = rules_in_force(connection)
        in_force = book.get(code) or (_begun() if code == "new" and _may_change() else None)
        if in_force is None:
            abort(404)
        found = {it.id: it for it in lines(connection, signin.viewer())}
        number, course = store.number_in_force(connection), store.course(connection, code)
    shown = in_force.rule if body is None else rule_of(code if code != "new" else str(body.get("code", "")), body)
    form = request.form if request.method == "POST" else {}
    return render_template(
        "governance_rule.html",
        code=code,
        in_force=in_force,
        rule=in_force.rule,
        shown=shown,
        params=form.get("params") or _pretty(shown.params),
        whole=form.get("rule") or _pretty(NEW if code == "new" else msgspec.to_builtins(shown)),
        number=number,
        course=course,
        policy=POLICIES.get(in_force.rule.policy),
        predicate=PREDICATES.get(in_force.rule.predicate),
        waits=awaited(in_force.rule),
        lines=[it for it in found.values() if code in it.results],
        would=None if would is None else [(found[it.project_id], it) for it in would if it.project_id in found],
        error=error,
        stale=error if isinstance(error, StaleSettingsError) else None,
        may_change=_may_change(),
    )


def _begun() -> InForce:
    return InForce(read_part(NEW, Rule))


def _may_change() -> bool:
    return allows(signin.viewer(), "governance_rules.change")


def _pretty(data: object) -> str:
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()
