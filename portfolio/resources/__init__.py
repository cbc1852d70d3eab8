"""Resources: what persons can do, what they are to do, and where the two do not meet."""
