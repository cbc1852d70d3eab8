"""One run of one connection: what it reads, how it is fetched, shared, fenced and ended."""
