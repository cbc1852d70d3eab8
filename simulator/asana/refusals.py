"""Asana's refusals: the status and the `{"errors": [...]}` body it sends with each."""

from __future__ import annotations

from typing import Any

from simulator.web import Refusal

HELP = (
    "For more information on API status codes and how to handle them, read the docs on errors: "
    "https://developers.asana.com/docs/errors"
)


def error_body(message: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "help": HELP}]}


def bad_request(message: str) -> Refusal:
    return Refusal(400, error_body(message))


def not_authorized() -> Refusal:
    return Refusal(401, error_body("Not Authorized"))


def payment_required(feature: str) -> Refusal:
    """The plan of the workspace lacks `feature`."""
    return Refusal(402, error_body(f"The workspace's plan does not include this feature: {feature}"))


def forbidden(what: str, gid: str) -> Refusal:
    return Refusal(403, error_body(f"{what}: You do not have access to this object: {gid}"))


def unknown_object(what: str, gid: str) -> Refusal:
    """404 for a gid nobody has; 400 for what cannot be a gid at all."""
    if gid.isdigit():
        return Refusal(404, error_body(f"{what}: Unknown object: {gid}"))
    return bad_request(f"{what}: Not a recognized ID: {gid}")


def sync_expired(token: str) -> Refusal:
    """412 with the token to continue from, as on a first call."""
    message = (
        "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full "
        "dataset for this query now and use the new sync token for the next sync."
    )
    return Refusal(412, {**error_body(message), "sync": token})
