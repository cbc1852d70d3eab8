"""Jira Cloud, Jira Data Center and Asana as real HTTP servers, with state, faults and a made-up company.

The documents are the state: a site holds the very JSON documents its API serves, in their fullest form, and the
handlers only select, page and render them. So a generated company and a folder of recorded payloads are served by the
same code, and an edit is a change to a document plus the history entry the tracker would write.

Imports nothing of the product: a simulator that shared the connector's code would prove nothing.
"""
