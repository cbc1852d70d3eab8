"""The roles a user can have."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a user is to the PMO."""

    ADMIN = "admin"
    PMO_LEAD = "pmo_lead"
    PROGRAM_MANAGER = "program_manager"
    PROJECT_MANAGER = "project_manager"
    EXECUTIVE = "executive"
    RESOURCE_MANAGER = "resource_manager"
    AUDITOR = "auditor"
