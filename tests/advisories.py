"""Whether a published advisory names one of the pinned requirements: `python -m tests.advisories FILE...`.

pip-audit asks; its own exit code will not do, for it also passes what it could not ask about. Here nothing passes in
silence. The exit codes: 0 asked about everything, and nothing found, or nobody to ask and STRICT not set; 1 something
found, or the question went wrong; 3 nobody to ask, and STRICT set.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum

import msgspec

SERVICE = "https://api.osv.dev/v1/query"
ANOTHER_SERVICE = "SIGHTLINE_ADVISORIES"
"""Names another address that answers as OSV does, for a network with a mirror of it."""
PATIENCE_S = 10
_AWAY = re.compile(r"^requests\.exceptions\.(\w+)|Tried to connect|ConnectionError", re.MULTILINE)


class Verdict(IntEnum):
    """How the asking ended, as an exit code."""

    CLEAN = 0
    FOUND = 1
    NOT_ASKED = 3


class Advisory(msgspec.Struct):
    """One advisory, and the versions without its fault."""

    id: str
    fix_versions: list[str]


class Pinned(msgspec.Struct):
    """One requirement as pip-audit tells of it. `skip_reason`: it was not asked about."""

    name: str
    version: str = ""
    vulns: list[Advisory] = []
    skip_reason: str = ""


class Told(msgspec.Struct):
    """What pip-audit writes."""

    dependencies: list[Pinned]


def ask(files: Sequence[str], service: str) -> subprocess.CompletedProcess[str]:
    """Have pip-audit ask about what the files pin, as they stand: nothing is installed or resolved."""
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--require-hashes"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", str(PATIENCE_S)]
    command += ["--vulnerability-service", "osv", "--osv-url", service]
    command += [part for file in files for part in ("--requirement", file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def judge(done: subprocess.CompletedProcess[str]) -> tuple[Verdict, list[str]]:
    """The verdict, and the lines that say why."""
    if not done.stdout.strip():
        away = _AWAY.search(done.stderr)
        if away:
            return Verdict.NOT_ASKED, [f"advisories: NOT ASKED FOR, the service does not answer ({away[1] or away[0]})"]
        return Verdict.FOUND, ["advisories: asking went wrong", *done.stderr.strip().splitlines()[-3:]]
    pinned = msgspec.json.decode(done.stdout, type=Told).dependencies
    found = [
        f"{each.name} {each.version}: {it.id}, mended in {', '.join(it.fix_versions) or 'no version yet'}"
        for each in pinned
        for it in each.vulns
    ]
    if found or not pinned:
        return Verdict.FOUND, [f"advisories: {len(found)} for {len(pinned)} requirements", *found]
    unasked = [each.name for each in pinned if each.skip_reason]
    if unasked:
        named = ", ".join(unasked[:3])
        return Verdict.NOT_ASKED, [f"advisories: NOT ASKED FOR {len(unasked)} of {len(pinned)} requirements ({named})"]
    return Verdict.CLEAN, [f"advisories: none for {len(pinned)} requirements"]


def main(files: Sequence[str], environment: Mapping[str, str]) -> int:
    """Ask, say how it ended, and return the exit code."""
    verdict, lines = judge(ask(files, environment.get(ANOTHER_SERVICE, SERVICE)))
    strict = bool(environment.get("STRICT"))
    if verdict is Verdict.NOT_ASKED:
        lines = [f"{lines[0]}. {'STRICT is set, so this fails' if strict else 'Ask again where there is a network'}."]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if verdict is Verdict.NOT_ASKED and not strict else int(verdict)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
