"""Jobs: plain functions that know no queue. Whoever has a thread calls them."""
