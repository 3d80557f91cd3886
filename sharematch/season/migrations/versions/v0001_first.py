"""Documents and the log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "documents",
        sa.Column("hash", sa.String(71), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "log",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("round", sa.String(200), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column(
            "document", sa.String(71), sa.ForeignKey("documents.hash"), nullable=True
        ),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.String(71), nullable=False, unique=True),
        sa.Column("hash", sa.String(71), nullable=False, unique=True),
    )
    op.create_index("ix_log_round", "log", ["round"])


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("log")
    op.drop_table("documents")
