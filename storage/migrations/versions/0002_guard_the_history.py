"""Guard the history: no row of `act` can be changed or removed

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MESSAGE = "the history is append-only"


def upgrade() -> None:
    op.execute(sa.text("INSERT INTO history_head (id, length, last_hash) VALUES (1, 0, '')"))
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER act_no_{verb.lower()} BEFORE {verb} ON act "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
    elif dialect == "postgresql":
        op.execute(
            "CREATE FUNCTION act_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER act_append_only BEFORE UPDATE OR DELETE ON act "
            "FOR EACH ROW EXECUTE FUNCTION act_append_only()"
        )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        op.execute("DROP TRIGGER act_no_update")
        op.execute("DROP TRIGGER act_no_delete")
    elif dialect == "postgresql":
        op.execute("DROP TRIGGER act_append_only ON act")
        op.execute("DROP FUNCTION act_append_only()")
    op.execute(sa.text("DELETE FROM history_head"))
