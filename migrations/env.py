"""Run the migrations on the connection that `service.inventory.migrate` hands over, in its one transaction."""

from typing import Final

from alembic import context
from sqlalchemy import Connection, text

from service.inventory.tables import Table

# Any number, the same in every release: who holds it migrates.
_ADVISORY_LOCK: Final = 7_214_331_095
# How long a second program waits for the first one's migrations, and how long one may stand before others' locks.
_WAIT: Final = "60s"
_LOCK_TIMEOUT: Final = "4s"
_STATEMENT_TIMEOUT: Final = "300s"


def _migrate() -> None:
    connection = context.config.attributes.get("connection")
    if not isinstance(connection, Connection):
        raise TypeError("These migrations run by `r1plan db upgrade`, which hands a connection over.")
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{_STATEMENT_TIMEOUT}'"))
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        compare_type=True,
        # SQLite changes a table by copying it.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_migrate()
