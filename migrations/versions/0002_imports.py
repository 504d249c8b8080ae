"""Imports of catalogues: what was imported, which offers a catalogue keeps, and the GPU names in doubt."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"
branch_labels: Final = None
depends_on: Final = None

_DOUBLE: Final[sa.Double[float]] = sa.Double()
_COUNTS: Final = (
    "rows_read",
    "left_out",
    "refused",
    "unresolved",
    "added",
    "changed",
    "confirmed",
    "unchanged",
    "vanished",
)


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("catalogue", sa.String(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("checksum_sha256", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("as_of_basis", sa.String(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_catalogue", "imports", ["catalogue"])
    op.create_table(
        "catalogue_offers",
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("catalogue", sa.String(), nullable=False),
        sa.Column("vanished_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("offer_id", name="pk_catalogue_offers"),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.offer_id"], name="fk_catalogue_offers_offer_id_offers", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_catalogue_offers_catalogue", "catalogue_offers", ["catalogue"])
    op.create_table(
        "gpu_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("catalogue", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("machine", sa.String(), nullable=False),
        sa.Column("memory_gib", _DOUBLE, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("first_line", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gpu_id", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_gpu_review"),
        sa.UniqueConstraint(
            "catalogue", "name", "machine", "memory_gib", name="uq_gpu_review_catalogue_name_machine_memory_gib"
        ),
        sa.ForeignKeyConstraint(["gpu_id"], ["gpus.gpu_id"], name="fk_gpu_review_gpu_id_gpus", ondelete="SET NULL"),
    )


def downgrade() -> None:
    for table in ("gpu_review", "catalogue_offers", "imports"):
        op.drop_table(table)
