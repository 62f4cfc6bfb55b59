"""Give each issue that was referred before there were referrals its row: it waits for an answer as the others do

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Where the matter went stood in the note of each opinion; when its letter left is not known any more.
    op.execute(
        sa.text(
            "INSERT INTO referral (office_id, group_id, level, body, created_at) "
            "SELECT o.office_id, o.group_id, CASE WHEN g.level = 'xa' THEN 'tinh' ELSE g.level END, "
            "COALESCE(MAX(o.decision_note), 'cấp trên'), MIN(COALESCE(o.decided_at, o.submitted_at)) "
            "FROM opinion o JOIN opinion_group g ON g.id = o.group_id "
            "WHERE o.state = 'referred' AND NOT EXISTS (SELECT 1 FROM referral r WHERE r.group_id = o.group_id) "
            "GROUP BY o.office_id, o.group_id, g.level"
        )
    )


def downgrade() -> None:
    """Nothing to take back: the rows go with their table."""
