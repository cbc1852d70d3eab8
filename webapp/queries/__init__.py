"""The read models of the pages: set-based queries in, frozen values out. They show what is stored."""
