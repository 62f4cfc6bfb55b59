"""Keep due dates, the steps of a conference, who speaks, referrals and reports

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('obligation',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('duty', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('conference_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('regulation', sa.String(), nullable=False),
    sa.Column('regulation_version', sa.String(), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('holder', sa.String(), nullable=False),
    sa.Column('agency', sa.String(), nullable=True),
    sa.Column('trigger_on', sa.Date(), nullable=True),
    sa.Column('trigger_assumed', sa.Boolean(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('extended_to', sa.Date(), nullable=True),
    sa.Column('met_on', sa.Date(), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conference_id'], ['conference.id'], ),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('office_id', 'subject', 'subject_id', 'duty', 'regulation', 'rule')
    )
    with op.batch_alter_table('obligation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_obligation_conference_id'), ['conference_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_obligation_due_on'), ['due_on'], unique=False)
        batch_op.create_index('ix_obligation_open', ['office_id', 'met_on', 'cancelled_at', 'due_on'], unique=False)

    op.create_table('calendar_amendment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('citation', sa.String(), nullable=False),
    sa.Column('proposed', sa.Boolean(), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('calendar_amendment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_calendar_amendment_day'), ['day'], unique=False)
        batch_op.create_index(batch_op.f('ix_calendar_amendment_office_id'), ['office_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_calendar_amendment_staff_id'), ['staff_id'], unique=False)

    op.create_table('complained_official',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('opinion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('post', sa.String(), nullable=False),
    sa.Column('matter', sa.Text(), nullable=False),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], ),
    sa.ForeignKeyConstraint(['opinion_id'], ['opinion.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('complained_official', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_complained_official_office_id'), ['office_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_complained_official_opinion_id'), ['opinion_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_complained_official_staff_id'), ['staff_id'], unique=False)

    op.create_table('conference_step',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conference_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=False),
    sa.Column('document_number', sa.String(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('void_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('void_why', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['conference_id'], ['conference.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('conference_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conference_step_conference_id'), ['conference_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_conference_step_staff_id'), ['staff_id'], unique=False)

    op.create_table('duty_contact',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('holder', sa.String(), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('head_staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['head_staff_id'], ['staff.id'], ),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('office_id', 'holder')
    )
    with op.batch_alter_table('duty_contact', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_duty_contact_head_staff_id'), ['head_staff_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_duty_contact_office_id'), ['office_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_duty_contact_staff_id'), ['staff_id'], unique=False)

    op.create_table('report',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('period_from', sa.Date(), nullable=False),
    sa.Column('period_to', sa.Date(), nullable=False),
    sa.Column('conference_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('document_number', sa.String(), nullable=False),
    sa.Column('sent_on', sa.Date(), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conference_id'], ['conference.id'], ),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_report_conference_id'), ['conference_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_office_id'), ['office_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_staff_id'), ['staff_id'], unique=False)

    op.create_table('speaking_registration',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('conference_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('citizen_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('channel_identity_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('opinion_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('residential_group_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name', sa.String(), nullable=True),
    sa.Column('matter', sa.Text(), nullable=False),
    sa.Column('eligible_declared', sa.Boolean(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('decline_reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['channel_identity_id'], ['channel_identity.id'], ),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizen.id'], ),
    sa.ForeignKeyConstraint(['conference_id'], ['conference.id'], ),
    sa.ForeignKeyConstraint(['opinion_id'], ['opinion.id'], ),
    sa.ForeignKeyConstraint(['residential_group_id'], ['residential_group.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('speaking_registration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_speaking_registration_channel_identity_id'), ['channel_identity_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_speaking_registration_citizen_id'), ['citizen_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_speaking_registration_conference_id'), ['conference_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_speaking_registration_opinion_id'), ['opinion_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_speaking_registration_residential_group_id'), ['residential_group_id'], unique=False)

    op.create_table('extension',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('obligation_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=True),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('document_number', sa.String(), nullable=True),
    sa.Column('answer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], ),
    sa.ForeignKeyConstraint(['obligation_id'], ['obligation.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_extension_answer_id'), ['answer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_extension_obligation_id'), ['obligation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_extension_staff_id'), ['staff_id'], unique=False)

    op.create_table('referral',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('office_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('group_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('conference_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('document_number', sa.String(), nullable=True),
    sa.Column('sent_on', sa.Date(), nullable=True),
    sa.Column('report_on', sa.Date(), nullable=True),
    sa.Column('answered_on', sa.Date(), nullable=True),
    sa.Column('answer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], ),
    sa.ForeignKeyConstraint(['conference_id'], ['conference.id'], ),
    sa.ForeignKeyConstraint(['group_id'], ['opinion_group.id'], ),
    sa.ForeignKeyConstraint(['office_id'], ['office.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('referral', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_referral_answer_id'), ['answer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_referral_conference_id'), ['conference_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_referral_group_id'), ['group_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_referral_office_id'), ['office_id'], unique=False)

    op.add_column('assignment', sa.Column('document_number', sa.String(), nullable=True))
    op.add_column('assignment', sa.Column('received_on', sa.Date(), nullable=True))

    op.add_column('conference', sa.Column('regulation_version', sa.String(), nullable=True))
    op.add_column('conference', sa.Column('form', sa.String(), nullable=False, server_default='in_person'))
    op.add_column('conference', sa.Column('topic', sa.Text(), nullable=True))
    op.add_column('conference', sa.Column('officials', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('conference', sa.Column('invited', sa.Integer(), nullable=True))
    op.add_column('conference', sa.Column('stopped_why', sa.Text(), nullable=True))
    op.add_column('conference', sa.Column('closed_on', sa.Date(), nullable=True))
    op.add_column('conference', sa.Column('retain_until', sa.Date(), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('conference', schema=None) as batch_op:
        batch_op.drop_column('retain_until')
        batch_op.drop_column('closed_on')
        batch_op.drop_column('stopped_why')
        batch_op.drop_column('invited')
        batch_op.drop_column('officials')
        batch_op.drop_column('topic')
        batch_op.drop_column('form')
        batch_op.drop_column('regulation_version')

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_column('received_on')
        batch_op.drop_column('document_number')

    with op.batch_alter_table('referral', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_referral_office_id'))
        batch_op.drop_index(batch_op.f('ix_referral_group_id'))
        batch_op.drop_index(batch_op.f('ix_referral_conference_id'))
        batch_op.drop_index(batch_op.f('ix_referral_answer_id'))

    op.drop_table('referral')
    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_extension_staff_id'))
        batch_op.drop_index(batch_op.f('ix_extension_obligation_id'))
        batch_op.drop_index(batch_op.f('ix_extension_answer_id'))

    op.drop_table('extension')
    with op.batch_alter_table('speaking_registration', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_speaking_registration_residential_group_id'))
        batch_op.drop_index(batch_op.f('ix_speaking_registration_opinion_id'))
        batch_op.drop_index(batch_op.f('ix_speaking_registration_conference_id'))
        batch_op.drop_index(batch_op.f('ix_speaking_registration_citizen_id'))
        batch_op.drop_index(batch_op.f('ix_speaking_registration_channel_identity_id'))

    op.drop_table('speaking_registration')
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_report_staff_id'))
        batch_op.drop_index(batch_op.f('ix_report_office_id'))
        batch_op.drop_index(batch_op.f('ix_report_conference_id'))

    op.drop_table('report')
    with op.batch_alter_table('duty_contact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_duty_contact_staff_id'))
        batch_op.drop_index(batch_op.f('ix_duty_contact_office_id'))
        batch_op.drop_index(batch_op.f('ix_duty_contact_head_staff_id'))

    op.drop_table('duty_contact')
    with op.batch_alter_table('conference_step', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_conference_step_staff_id'))
        batch_op.drop_index(batch_op.f('ix_conference_step_conference_id'))

    op.drop_table('conference_step')
    with op.batch_alter_table('complained_official', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_complained_official_staff_id'))
        batch_op.drop_index(batch_op.f('ix_complained_official_opinion_id'))
        batch_op.drop_index(batch_op.f('ix_complained_official_office_id'))

    op.drop_table('complained_official')
    with op.batch_alter_table('calendar_amendment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_calendar_amendment_staff_id'))
        batch_op.drop_index(batch_op.f('ix_calendar_amendment_office_id'))
        batch_op.drop_index(batch_op.f('ix_calendar_amendment_day'))

    op.drop_table('calendar_amendment')
    with op.batch_alter_table('obligation', schema=None) as batch_op:
        batch_op.drop_index('ix_obligation_open')
        batch_op.drop_index(batch_op.f('ix_obligation_due_on'))
        batch_op.drop_index(batch_op.f('ix_obligation_conference_id'))

    op.drop_table('obligation')
