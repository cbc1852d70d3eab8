"""Asana 1.0 over a state of Asana's own documents."""
