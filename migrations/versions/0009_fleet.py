"""Machines of one's own: nodes, reservations, what those hold on nodes, and the keys of requests sent twice."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0009"
down_revision: Final = "0008"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    _make_nodes()
    _make_reservations()
    op.create_table(
        "idempotency_keys",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("asked_sha256", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def downgrade() -> None:
    for table in ("idempotency_keys", "allocations", "reservations", "nodes"):
        op.drop_table(table)


def _make_nodes() -> None:
    op.create_table(
        "nodes",
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("gpu_id", sa.String(), nullable=False),
        sa.Column("gpu_count", sa.Integer(), nullable=False),
        sa.Column("usd_per_hour", sa.Numeric(12, 6), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("node", name="pk_nodes"),
        sa.ForeignKeyConstraint(["gpu_id"], ["gpus.gpu_id"], name="fk_nodes_gpu_id_gpus"),
        sa.CheckConstraint("gpu_count >= 1", name="ck_nodes_gpu_count_is_positive"),
        sa.CheckConstraint("usd_per_hour >= 0", name="ck_nodes_usd_per_hour_is_not_negative"),
    )
    op.create_index("ix_nodes_gpu_id", "nodes", ["gpu_id"])


def _make_reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("reservation_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("reservation_id", name="pk_reservations"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_reservations_starts_before_it_ends"),
    )
    op.create_index("ix_reservations_ends_at", "reservations", ["ends_at"])
    op.create_table(
        "allocations",
        sa.Column("reservation_id", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("gpu_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reservation_id", "node", name="pk_allocations"),
        sa.ForeignKeyConstraint(
            ["reservation_id"],
            ["reservations.reservation_id"],
            name="fk_allocations_reservation_id_reservations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["node"], ["nodes.node"], name="fk_allocations_node_nodes"),
        sa.CheckConstraint("gpu_count >= 1", name="ck_allocations_gpu_count_is_positive"),
    )
    op.create_index("ix_allocations_node", "allocations", ["node"])
