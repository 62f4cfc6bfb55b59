"""Zalo, the delivery ladder, answer pages, links between channels

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def _add_reference(table: str, column: str, target: str) -> None:
    """A column that names a row of `target`. SQLite takes the reference with the column only; anything else would
    rebuild the table."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER REFERENCES {target} (id)")
    else:
        op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_foreign_key(None, table, target, [column], ["id"])


def upgrade() -> None:
    op.create_table('channel_usage',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('sent', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('channel', 'account', 'month')
    )
    op.create_table('zalo_grant',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('oa_id', sa.String(), nullable=True),
    sa.Column('oa_name', sa.String(), nullable=True),
    sa.Column('oa_type', sa.Integer(), nullable=True),
    sa.Column('package', sa.String(), nullable=True),
    sa.Column('access_token', sa.Text(), nullable=True),
    sa.Column('refresh_token', sa.Text(), nullable=True),
    sa.Column('previous_refresh_token', sa.Text(), nullable=True),
    sa.Column('obtained_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refreshing_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('doubtful_token_hash', sa.String(), nullable=True),
    sa.Column('problem', sa.String(), nullable=True),
    sa.Column('problem_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('send_path', sa.String(), nullable=True),
    sa.Column('pending_state', sa.String(), nullable=True),
    sa.Column('pending_verifier', sa.String(), nullable=True),
    sa.Column('pending_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('account')
    )
    op.create_table('answer_file',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('answer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('mime', sa.String(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('added_by_staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['added_by_staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('answer_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_file_added_by_staff_id'), ['added_by_staff_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_answer_file_answer_id'), ['answer_id'], unique=False)

    op.create_table('answer_link',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('secret_hash', sa.String(), nullable=False),
    sa.Column('answer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('opinion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], ),
    sa.ForeignKeyConstraint(['opinion_id'], ['opinion.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('secret_hash')
    )
    with op.batch_alter_table('answer_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_link_answer_id'), ['answer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_answer_link_opinion_id'), ['opinion_id'], unique=False)

    op.create_table('link_code',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('code_hash', sa.String(), nullable=False),
    sa.Column('citizen_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('opinion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizen.id'], ),
    sa.ForeignKeyConstraint(['opinion_id'], ['opinion.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('code_hash')
    )
    with op.batch_alter_table('link_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_link_code_citizen_id'), ['citizen_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_link_code_opinion_id'), ['opinion_id'], unique=False)

    op.create_table('delivery_attempt',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('delivery_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel_identity_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('rung', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('detail', sa.String(), nullable=True),
    sa.Column('external_id', sa.String(), nullable=True),
    sa.Column('price_vnd', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['channel_identity_id'], ['channel_identity.id'], ),
    sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('delivery_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_attempt_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_attempt_channel_identity_id'), ['channel_identity_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_attempt_delivery_id'), ['delivery_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_attempt_external_id'), ['external_id'], unique=False)

    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sha256', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('stored_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('fetch_problem', sa.String(), nullable=True))

    _add_reference('citizen', 'merged_into_id', 'citizen')
    with op.batch_alter_table('citizen', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_citizen_merged_into_id'), ['merged_into_id'], unique=False)

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rung', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('passed', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('step_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('printed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_delivery_step', ['state', 'step_at'], unique=False)

    _add_reference('opinion', 'entered_by_staff_id', 'staff')
    with op.batch_alter_table('opinion', schema=None) as batch_op:
        batch_op.add_column(sa.Column('source_ref', sa.String(), nullable=True))
        batch_op.create_index(batch_op.f('ix_opinion_entered_by_staff_id'), ['entered_by_staff_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_opinion_source_ref'), ['source_ref'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('opinion', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_opinion_source_ref'))
        batch_op.drop_index(batch_op.f('ix_opinion_entered_by_staff_id'))
        batch_op.drop_column('source_ref')
        batch_op.drop_column('entered_by_staff_id')

    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index('ix_delivery_step')
        batch_op.drop_column('printed_at')
        batch_op.drop_column('seen_at')
        batch_op.drop_column('delivered_at')
        batch_op.drop_column('expires_at')
        batch_op.drop_column('step_at')
        batch_op.drop_column('passed')
        batch_op.drop_column('rung')

    with op.batch_alter_table('citizen', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_citizen_merged_into_id'))
        batch_op.drop_column('merged_into_id')

    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_column('fetch_problem')
        batch_op.drop_column('stored_at')
        batch_op.drop_column('sha256')

    with op.batch_alter_table('delivery_attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_delivery_attempt_external_id'))
        batch_op.drop_index(batch_op.f('ix_delivery_attempt_delivery_id'))
        batch_op.drop_index(batch_op.f('ix_delivery_attempt_channel_identity_id'))
        batch_op.drop_index(batch_op.f('ix_delivery_attempt_at'))

    op.drop_table('delivery_attempt')
    with op.batch_alter_table('link_code', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_link_code_opinion_id'))
        batch_op.drop_index(batch_op.f('ix_link_code_citizen_id'))

    op.drop_table('link_code')
    with op.batch_alter_table('answer_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_link_opinion_id'))
        batch_op.drop_index(batch_op.f('ix_answer_link_answer_id'))

    op.drop_table('answer_link')
    with op.batch_alter_table('answer_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_answer_file_answer_id'))
        batch_op.drop_index(batch_op.f('ix_answer_file_added_by_staff_id'))

    op.drop_table('answer_file')
    op.drop_table('zalo_grant')
    op.drop_table('channel_usage')
