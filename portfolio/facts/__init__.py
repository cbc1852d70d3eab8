"""Facts: what can be said of the items of a project on a day, each declared once.

A fact is a function of a day that returns an SQL condition (or amount) over `states.V` (the item as it was) and
`states.I` (the item itself). From that one declaration come the number for every project in one pass (`numbers`), the
items behind the number (`items.item_ids`) and its words (the docstring).
"""
