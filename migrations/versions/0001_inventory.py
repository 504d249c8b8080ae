"""The inventory's tables: GPUs, providers, offers, prices, and the revision that every change raises."""

import uuid
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None
branch_labels: Final = None
depends_on: Final = None

_DOUBLE: Final[sa.Double[float]] = sa.Double()


def upgrade() -> None:
    _make_revision()
    _make_gpus()
    _make_offers()
    _make_prices()


def downgrade() -> None:
    for table in ("prices", "offers", "providers", "gpus", "inventory_revision"):
        op.drop_table(table)


def _make_revision() -> None:
    table = op.create_table(
        "inventory_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("inventory_id", sa.String(), nullable=False),
        sa.Column("seeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_revision"),
        sa.CheckConstraint("id = 1", name="ck_inventory_revision_single_row"),
    )
    op.bulk_insert(table, [{"id": 1, "revision": 0, "inventory_id": uuid.uuid4().hex}])


def _make_gpus() -> None:
    op.create_table(
        "gpus",
        sa.Column("gpu_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("architecture", sa.String(), nullable=False),
        sa.Column("gpu_class", sa.String(), nullable=False),
        sa.Column("visible_memory_gib", _DOUBLE, nullable=False),
        sa.Column("visible_memory_basis", sa.String(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("families", sa.JSON(), nullable=False),
        sa.Column("compute_capability_major", sa.Integer(), nullable=True),
        sa.Column("compute_capability_minor", sa.Integer(), nullable=True),
        sa.Column("gfx_target", sa.String(), nullable=True),
        sa.Column("memory_gb", _DOUBLE, nullable=True),
        sa.Column("memory_bandwidth_gb_per_s", _DOUBLE, nullable=True),
        sa.Column("fp16_dense_tflops", _DOUBLE, nullable=True),
        sa.Column("fp8_dense_tflops", _DOUBLE, nullable=True),
        sa.Column("int8_dense_tflops", _DOUBLE, nullable=True),
        sa.Column("fp4_dense_tflops", _DOUBLE, nullable=True),
        sa.Column("compute_confidence", sa.String(), nullable=True),
        sa.Column("compute_basis", sa.String(), nullable=True),
        sa.Column("tdp_watts", _DOUBLE, nullable=True),
        sa.Column("nvlink_gb_per_s", _DOUBLE, nullable=True),
        sa.Column("pcie", sa.String(), nullable=True),
        sa.Column("form_factor", sa.String(), nullable=True),
        sa.Column("launch_msrp_usd", _DOUBLE, nullable=True),
        sa.Column("release_year", sa.Integer(), nullable=True),
        sa.Column("conflicts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("gpu_id", name="pk_gpus"),
    )


def _make_offers() -> None:
    op.create_table(
        "providers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_providers"),
    )
    op.create_table(
        "offers",
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("instance_type", sa.String(), nullable=False),
        sa.Column("gpu_id", sa.String(), nullable=False),
        sa.Column("gpu_count", sa.Integer(), nullable=False),
        sa.Column("pricing", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("continent", sa.String(), nullable=False),
        sa.Column("vcpus", _DOUBLE, nullable=True),
        sa.Column("ram_gb", _DOUBLE, nullable=True),
        sa.Column("host_billed_separately", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("offer_id", name="pk_offers"),
        sa.ForeignKeyConstraint(["provider"], ["providers.name"], name="fk_offers_provider_providers"),
        sa.ForeignKeyConstraint(["gpu_id"], ["gpus.gpu_id"], name="fk_offers_gpu_id_gpus"),
        sa.CheckConstraint("gpu_count >= 1", name="ck_offers_gpu_count_is_positive"),
    )
    op.create_index("ix_offers_provider", "offers", ["provider"])
    op.create_index("ix_offers_gpu_id", "offers", ["gpu_id"])


def _make_prices() -> None:
    op.create_table(
        "prices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("usd_per_hour", sa.Numeric(12, 6), nullable=False),
        sa.Column("price_kind", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("as_of_basis", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_prices"),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.offer_id"], name="fk_prices_offer_id_offers", ondelete="CASCADE"
        ),
        sa.CheckConstraint("usd_per_hour > 0", name="ck_prices_usd_per_hour_is_positive"),
    )
    op.create_index("ix_prices_offer_id", "prices", ["offer_id"])
    op.create_index(
        "uq_prices_offer_id_current",
        "prices",
        ["offer_id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
