"""Scale-out: a queue in PostgreSQL that any number of workers share. Imported only where there are workers."""
