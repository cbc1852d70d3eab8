"""The environment variables SIGHTLINE_*: which there are, and what to say of one that is none of them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from cli.exits import CommandError

PREFIX = "SIGHTLINE_"
# Read elsewhere than in the settings; the last two by the tests of the product.
OTHERS = (
    "SIGHTLINE_CONFIG",
    "SIGHTLINE_KEYS",
    "SIGHTLINE_OIDC_CLIENT_SECRET",
    "SIGHTLINE_TRACEBACK",
    "SIGHTLINE_PASSWORD",
    "SIGHTLINE_ADMIN_PASSWORD",
    "SIGHTLINE_REALDATA",
    "SIGHTLINE_BROWSER_REQUIRED",
)
# A token's variable has the name its owner gave it. The rest is what Kubernetes sets for a service called sightline.
_ELSEWHERE = re.compile(r"SIGHTLINE_(.+_TOKEN|SERVICE_(HOST|PORT(_.+)?)|PORT_\d+_.+)")


def variable_of(place: Iterable[str]) -> str:
    """The variable that gives a setting its value: ("server", "port") is SIGHTLINE_SERVER__PORT."""
    return PREFIX + "__".join(place).upper()


def require_known(environ: Mapping[str, str], settings: Iterable[str]) -> None:
    """Raise `CommandError` for a variable that looks like ours and is not; `settings` are the settings' variables."""
    known = {*settings, *OTHERS}
    for given in sorted(environ):
        name = given.upper()
        if not name.startswith(PREFIX) or name in known or _ELSEWHERE.fullmatch(name):
            continue
        if name == "SIGHTLINE_PORT" and "://" in environ[given]:
            continue  # Kubernetes again
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        hint = f"Did you mean {near[0]}?" if near else "See config.example.toml for the settings there are."
        raise CommandError(f"unknown environment variable {given}. {hint}")
