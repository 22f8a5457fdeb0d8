"""Migrations of the gradebook, run by alembic (see `autograder.gradebook.schema`)."""
