"""How much projects weigh when two want the same person."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, func, select

from portfolio.model.structure import ObjectiveProject
from portfolio.resources.capacity import Hours, Numbers


def read_weights(connection: Connection, projects: Numbers) -> Hours:
    """The weight of each project (their ids, in order): 1, and on top the strength (0 to 3) with which it serves the
    objective it serves most. Trackers tell no priority of a whole project.

    Source: practice default; conflicts are settled by the weight of objectives.
    """
    it = ObjectiveProject
    weights = np.ones(len(projects))
    for project_id, strength in connection.execute(
        select(it.project_id, func.max(it.strength)).group_by(it.project_id)
    ):
        weights[np.searchsorted(projects, project_id)] += strength
    return weights
