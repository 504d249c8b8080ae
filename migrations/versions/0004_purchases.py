"""Prices of purchases: what the GPUs of an offer cost once, instead of a price an hour."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"
branch_labels: Final = None
depends_on: Final = None

_CHECKS_OF_PURCHASES: Final = {
    "ck_prices_purchase_usd_is_positive": "purchase_usd > 0",
    "ck_prices_rental_or_purchase": "(usd_per_hour IS NULL) <> (purchase_usd IS NULL)",
}


def upgrade() -> None:
    with op.batch_alter_table("prices", copy_from=_prices(with_purchases=False)) as prices:
        prices.alter_column("usd_per_hour", existing_type=sa.Numeric(12, 6), nullable=True)
        prices.add_column(sa.Column("purchase_usd", sa.Numeric(12, 2), nullable=True))
        for name, condition in _CHECKS_OF_PURCHASES.items():
            prices.create_check_constraint(op.f(name), condition)


def downgrade() -> None:
    _remove_purchases()
    with op.batch_alter_table("prices", copy_from=_prices(with_purchases=True)) as prices:
        for name in _CHECKS_OF_PURCHASES:
            prices.drop_constraint(op.f(name), type_="check")
        prices.drop_column("purchase_usd")
        prices.alter_column("usd_per_hour", existing_type=sa.Numeric(12, 6), nullable=False)


def _remove_purchases() -> None:
    # Without a price an hour an offer cannot stay; its prices go with it.
    op.execute("DELETE FROM offers WHERE offer_id IN (SELECT offer_id FROM prices WHERE purchase_usd IS NOT NULL)")
    op.execute("DELETE FROM providers WHERE kind = 'retail' AND name NOT IN (SELECT provider FROM offers)")


def _prices(*, with_purchases: bool) -> sa.Table:
    """Return the table as it stands; SQLite changes one by copying it, and a copy by what it tells loses the checks."""
    table = sa.Table(
        "prices",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("usd_per_hour", sa.Numeric(12, 6), nullable=with_purchases),
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
        sa.CheckConstraint("usd_per_hour > 0", name=op.f("ck_prices_ck_prices_usd_per_hour_is_positive")),
        sa.Index("ix_prices_offer_id", "offer_id"),
        sa.Index(
            "uq_prices_offer_id_current",
            "offer_id",
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        ),
    )
    if with_purchases:
        table.append_column(sa.Column("purchase_usd", sa.Numeric(12, 2), nullable=True))
        for name, condition in _CHECKS_OF_PURCHASES.items():
            table.append_constraint(sa.CheckConstraint(condition, name=op.f(name)))
    return table
