"""The predicates rules are made of: each compiles what a rule asks to one SQL that counts, and that lists the evidence.

A new module here is found by itself (`catalogue`).
"""
