"""What if: operations on a copy of the plan, and what they would change. No tracker and no booking is touched."""
