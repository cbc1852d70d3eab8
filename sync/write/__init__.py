"""Puts mapped values into the store, inside the transaction of the page they came with."""
