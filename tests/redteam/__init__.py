"""Attacks on the grader, end to end, each of which must fail; see `harness` for what that means and how to add one."""
