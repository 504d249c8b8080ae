"""Run the migrations on the connection, and in the transaction, that `service.inventory.migrate` hands over."""

from alembic import context
from sqlalchemy import Connection

from service.inventory.schema import METADATA


def _migrate() -> None:
    connection = context.config.attributes.get("connection")
    if not isinstance(connection, Connection):
        raise TypeError("These migrations run by `r1plan db upgrade`, which hands a connection over.")
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        # SQLite changes a table by copying it.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_migrate()
