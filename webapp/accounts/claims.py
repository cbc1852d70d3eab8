"""What another says of somebody who signs in, read into one shape. Pure: nothing is proved or looked up here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.accounts.users import LONGEST_NAME, Known
from webapp.settings import Provider

OIDC, PROXY = "oidc", "proxy"
NUMBERED = len(" (99)")
"""Room that is left in a name to tell it from another's."""
LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Claimed:
    """Who somebody is said to be. `names` are what to call their account, the best first, at least one.

    `email` is None unless whoever says it has verified that it is theirs.
    """

    known: Known
    names: tuple[str, ...]
    email: str | None
    groups: frozenset[str]


class ClaimError(ValueError):
    """What is said names nobody."""


def of_provider(claims: Mapping[str, Any], provider: Provider) -> Claimed:
    """Read the proved claims of an OpenID provider. Raises `ClaimError` when they name no subject."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise ClaimError("the claims have no subject")
    email = claims.get("email")
    verified = claims.get("email_verified") in (True, "true")  # some providers write it as text
    return Claimed(
        known=Known(OIDC, f"{provider.issuer}|{subject}"),
        names=_names(
            claims.get(claim) for claim in (provider.name_claim, "preferred_username", "email", "name", "sub")
        ),
        email=email if isinstance(email, str) and email and email.isprintable() and verified else None,
        groups=_groups(claims.get(provider.groups_claim)),
    )


def of_proxy(name: str, groups: str) -> Claimed:
    """Read the headers of a proxy. Raises `ClaimError` for a name no account can have.

    Several headers of one name arrive as one, joined by commas: then somebody sent theirs beside the proxy's.
    """
    names = _names([name])
    if not names or "," in name:
        raise ClaimError("the header names nobody, or more than one")
    return Claimed(Known(PROXY, f"{PROXY}|{names[0]}"), names, None, _groups(groups.split(",")))


def _names(found: Iterable[object]) -> tuple[str, ...]:
    names = [text.strip() for text in found if isinstance(text, str)]
    return tuple(
        dict.fromkeys(name for name in names if 0 < len(name) <= LONGEST_NAME - NUMBERED and name.isprintable())
    )


def _groups(found: object) -> frozenset[str]:
    listed = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return frozenset(text.strip() for text in listed if isinstance(text, str) and text.strip())
