"""Who may do what, and who sees which rows: roles, the matrix of permissions, scopes, masks. Knows no web."""
