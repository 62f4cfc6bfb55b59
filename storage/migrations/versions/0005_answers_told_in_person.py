"""Let an answer be one told in person, and keep why an interim one is interim

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("cause", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_column("cause")
        batch_op.drop_column("told_by")
