"""Pictures of figures: a Vega-Lite specification for each, drawn on the server.

A specification is made of the same rows as the table that stands behind the picture, and of nothing else.
"""
