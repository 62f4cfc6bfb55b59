"""Postings of opinions and rulings of likeness

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('likeness_ruling',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('one_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('other_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('same', sa.Boolean(), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['one_id'], ['opinion.id'], ),
    sa.ForeignKeyConstraint(['other_id'], ['opinion.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('likeness_ruling', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_likeness_ruling_one_id'), ['one_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_likeness_ruling_other_id'), ['other_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_likeness_ruling_staff_id'), ['staff_id'], unique=False)

    op.create_table('opinion_posting',
    sa.Column('office_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('term', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('opinion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('office_id', 'term', 'opinion_id'),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('opinion_posting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_opinion_posting_opinion_id'), ['opinion_id'], unique=False)

    with op.batch_alter_table('opinion', schema=None) as batch_op:
        batch_op.add_column(sa.Column('indexed_version', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_opinion_indexed_version'), ['indexed_version'], unique=False)
        batch_op.create_index(batch_op.f('ix_opinion_suggested_at'), ['suggested_at'], unique=False)

    # Compared before there were postings: their keys are made when the program next looks for similar opinions. Nothing
    # may lead to a sealed one.
    op.execute("UPDATE opinion SET indexed_version = 0 WHERE signature IS NOT NULL AND NOT sealed")



def downgrade() -> None:
    with op.batch_alter_table('opinion', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_opinion_suggested_at'))
        batch_op.drop_index(batch_op.f('ix_opinion_indexed_version'))
        batch_op.drop_column('indexed_version')

    with op.batch_alter_table('opinion_posting', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_opinion_posting_opinion_id'))

    op.drop_table('opinion_posting')
    with op.batch_alter_table('likeness_ruling', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_likeness_ruling_staff_id'))
        batch_op.drop_index(batch_op.f('ix_likeness_ruling_other_id'))
        batch_op.drop_index(batch_op.f('ix_likeness_ruling_one_id'))

    op.drop_table('likeness_ruling')
