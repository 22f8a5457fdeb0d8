"""What alembic runs: the migrations, on the connection and inside the transaction that the caller holds.

Neither SQLite nor PostgreSQL commits before the caller does, so an upgrade that is killed half-way never happened.
"""

from alembic import context

from autograder.gradebook.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
