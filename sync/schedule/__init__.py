"""Who syncs when: due times, what people ask for, and the threads that take it up."""
