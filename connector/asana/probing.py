"""Who we are on Asana, what answers, and what this account and plan cannot give."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from connector.asana.catalogue import Catalogue, Workspace
from connector.asana.documents import Ref
from connector.asana.session import Session, decoded
from connector.errors import BadAddressError, FeatureAbsentError, SkipError
from connector.protocol import Gap, Probe

FIRST_DAY = "2000-01-01"
"""Time entries of a workspace are only told from a day on; nobody tracked time in Asana before this one."""

FEATURES: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("Custom fields", "/workspaces/{gid}/custom_fields", {}, "Status and priority come from sections only"),
    ("Portfolios", "/portfolios", {"workspace": "{gid}"}, "Group the projects by hand"),
    ("Goals", "/goals", {"workspace": "{gid}"}, "Enter the objectives by hand"),
    (
        "Time tracking",
        "/time_tracking_entries",
        {"workspace": "{gid}", "entered_on_start_date": FIRST_DAY},
        "Effort is known from estimates only",
    ),
    ("Allocations", "/allocations", {"workspace": "{gid}"}, "Enter the bookings by hand"),
)


class _Member(msgspec.Struct):
    is_guest: bool | None = None
    workspace: Ref | None = None


def probe(session: Session, catalogue: Catalogue, host: str) -> Probe:
    """Asana tells no version and no time zone of an account: "1.0" is the API's, UTC stands for the zone."""
    me = _me(session)
    workspaces = catalogue.workspaces()
    return Probe(
        tracker="asana",
        flavour="asana",
        version="1.0",
        address=host,
        account_id=me.gid or "",
        account_name=me.name or me.email or "",
        time_zone="UTC",
        projects=len(catalogue.projects()),
        gaps=tuple(_gaps(session, catalogue, workspaces)),
    )


def _me(session: Session) -> Ref:
    path = "/users/me"
    try:
        return decoded(session.one(path, ("name", "email")), Ref, path)
    except SkipError as error:
        status = error.status
    what = "What answers at this address is not Asana's API"
    raise BadAddressError(what, remedy="Check the address", method="GET", path=path, status=status)


def _gaps(session: Session, catalogue: Catalogue, workspaces: tuple[Workspace, ...]) -> Iterator[Gap]:
    for workspace in workspaces:
        yield from _absent_features(session, workspace)
        if not workspace.is_organization:
            yield Gap(f"Teams of {workspace.name}", "A workspace that is no organisation has none", "None is needed")
    for name in _guest_of(session):
        yield Gap(
            f"Most of {name}",
            "The account is a guest there and sees only what is shared with it",
            "Use the account of a member",
        )
    archived = sum(bool(place.archived) for place in catalogue.projects().values())
    if archived and not catalogue.scoped:
        yield Gap(
            "Projects in work only",
            f"{archived} of the projects are archived and followed as well",
            "Name the projects to follow in the scope to leave them out",
        )


def _absent_features(session: Session, workspace: Workspace) -> Iterator[Gap]:
    for name, path, params, instead in FEATURES:
        asked = {key: value.format(gid=workspace.gid) for key, value in params.items()}
        try:
            session.page(path.format(gid=workspace.gid), asked, (), limit="1")
        except FeatureAbsentError:
            yield Gap(f"{name} of {workspace.name}", "The plan does not include them", f"{instead}, or change the plan")
        except SkipError as error:
            yield Gap(f"{name} of {workspace.name}", error.what, f"{instead}, or give the account access")
        else:
            if name == "Portfolios":
                yield Gap(
                    f"Portfolios of other owners in {workspace.name}",
                    "Unless the account is a service account, Asana lists only portfolios the account owns",
                    "Make the account the owner of a portfolio that holds the others, or use a service account",
                )


def _guest_of(session: Session) -> list[str]:
    """The workspaces the account is a guest of; none where Asana does not tell memberships."""
    path = "/users/me/workspace_memberships"
    try:
        slices = session.all(path, {}, ("is_guest", "workspace.name"))
    except SkipError:
        return []
    members = [decoded(raw, _Member, path) for raw in slices]
    return [(member.workspace.name if member.workspace else "") or "it" for member in members if member.is_guest]
