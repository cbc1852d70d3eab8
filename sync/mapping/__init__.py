"""What records mean to the PMO: pure functions of a record and a profile. Nothing here reads or writes a database."""
