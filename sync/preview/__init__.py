"""What a draft of the mapping would do, found out on landed records without writing anything."""
