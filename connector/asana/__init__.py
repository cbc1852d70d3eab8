"""Asana: sign-in and sessions by the `asana` client, requests through the boundary, raw slices kept as they came.

connector.asana.connection.AsanaConnector(settings, secret)         speaks to Asana
connector.asana.reader.AsanaReader(address, fields, wanted)         reads what was landed, without Asana
"""
