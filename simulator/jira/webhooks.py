"""Webhooks as an administrator manages them from outside. A webhook's secret is taken and never shown."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from simulator.jira.service import Service, body_of
from simulator.jira.site import Document
from simulator.jira.words import refuse
from simulator.web import Api, answer

_ROOT = "/rest/webhooks/1.0/webhook"
_ADMINISTER = "You do not have permission to perform this operation."
_TAKEN = ("name", "url", "events", "filters", "excludeBody", "enabled", "secret")


def register(api: Api, jira: Service) -> None:
    site = jira.site

    @api.route("GET", _ROOT)
    def listed(request: Request) -> list[Document]:
        jira.require("ADMINISTER", _ADMINISTER)
        return [_shown(jira, request, ident) for ident in site.webhooks]

    @api.route("POST", _ROOT)
    def made(request: Request) -> Response:
        jira.require("ADMINISTER", _ADMINISTER)
        ident = site.new_id()
        site.webhooks[ident] = _given(body_of(request), {"enabled": True, "excludeBody": False, "filters": {}})
        return answer(_shown(jira, request, ident), 201)

    @api.route("GET", _ROOT + "/<ident>")
    def one(request: Request, ident: str) -> Document:
        jira.require("ADMINISTER", _ADMINISTER)
        return _shown(jira, request, ident)

    @api.route("PUT", _ROOT + "/<ident>")
    def changed(request: Request, ident: str) -> Document:
        jira.require("ADMINISTER", _ADMINISTER)
        site.webhooks[ident] = _given(body_of(request), _known(jira, ident))
        return _shown(jira, request, ident)

    @api.route("DELETE", _ROOT + "/<ident>")
    def removed(_request: Request, ident: str) -> Response:
        jira.require("ADMINISTER", _ADMINISTER)
        _known(jira, ident)
        del site.webhooks[ident]
        return answer(None, 204)


def _known(jira: Service, ident: str) -> Document:
    if ident not in jira.site.webhooks:
        raise refuse(404, f"Webhook with id '{ident}' does not exist.")
    return jira.site.webhooks[ident]


def _given(body: Document, before: Document) -> Document:
    after = before | {name: body[name] for name in _TAKEN if name in body}
    if not after.get("name"):
        raise refuse(400, "The name of the webhook must not be empty.")
    if not str(after.get("url", "")).startswith(("http://", "https://")):
        raise refuse(400, "The URL of the webhook is not valid.")
    if not isinstance(after.get("events", []), list):
        raise refuse(400, "The events of the webhook are not a list.")
    return after


def _shown(jira: Service, request: Request, ident: str) -> Document:
    webhook = _known(jira, ident)
    shown = {name: value for name, value in webhook.items() if name != "secret"}
    return {**shown, "isSigned": bool(webhook.get("secret")), "self": f"{jira.base(request)}{_ROOT}/{ident}"}
