"""The routes of the simulated Asana, one module per subject, each with its `routes`."""
