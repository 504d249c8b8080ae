"""The audit trail, and things that are deleted but kept for their history."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"
branch_labels: Final = None
depends_on: Final = None

_KEPT_WHEN_DELETED: Final = ("gpus", "providers", "offers")


def upgrade() -> None:
    op.create_table(
        "audit_trail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("thing_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_trail"),
    )
    op.create_index("ix_audit_trail_kind_thing_id", "audit_trail", ["kind", "thing_id"])
    for table in _KEPT_WHEN_DELETED:
        op.add_column(table, sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    # Without the column they would be back, so they go for good; offers first, which point at the others.
    for table in reversed(_KEPT_WHEN_DELETED):
        op.execute(sa.delete(sa.table(table)).where(sa.column("deleted_at").is_not(None)))
        op.drop_column(table, "deleted_at")
    op.drop_table("audit_trail")
