"""what evidence needs"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('erasure_heard',
    sa.Column('record_id', sa.String(), nullable=False),
    sa.Column('erase_id', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('record_id')
    )
    with op.batch_alter_table('erasure_heard', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_erasure_heard_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_erasure_heard_erase_id'), ['erase_id'], unique=False)

    op.create_table('erasure_plan',
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('due_at', sa.Integer(), nullable=False),
    sa.Column('runs_at', sa.Integer(), nullable=False),
    sa.Column('planned_at', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('case_id')
    )
    op.create_table('evidence_allowed',
    sa.Column('content_sha256', sa.String(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('monotonic_ns', sa.Integer(), nullable=False),
    sa.Column('allowed', sa.String(), nullable=False),
    sa.Column('details', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('content_sha256')
    )
    op.create_table('evidence_authority',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('roots', sa.LargeBinary(), nullable=False),
    sa.Column('simulated', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.Integer(), nullable=False),
    sa.Column('removed_at', sa.Integer(), nullable=True),
    sa.Column('failed_at', sa.Integer(), nullable=True),
    sa.Column('failure', sa.String(), nullable=False),
    sa.Column('seal', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('evidence_checkpoint',
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=False),
    sa.Column('after', sa.Integer(), nullable=False),
    sa.Column('proof', sa.String(), nullable=False),
    sa.Column('token', sa.LargeBinary(), nullable=False),
    sa.Column('roots', sa.LargeBinary(), nullable=False),
    sa.Column('seal', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('origin', 'size')
    )
    op.create_table('evidence_claim',
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('desk', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('case_id')
    )
    op.create_table('evidence_claim_text',
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('desk', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'desk', 'reason', 'field')
    )
    op.create_table('evidence_erased',
    sa.Column('record_id', sa.String(), nullable=False),
    sa.Column('erase_id', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('file', sa.Boolean(), nullable=False),
    sa.Column('fields', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('record_id', 'erase_id')
    )
    op.create_table('evidence_exhibit',
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('record_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('caption', sa.String(), nullable=False),
    sa.Column('slot', sa.String(), nullable=False),
    sa.Column('included', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('translation', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'record_id')
    )
    op.create_table('evidence_inclusion',
    sa.Column('record_hash', sa.String(), nullable=False),
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('leaf', sa.Integer(), nullable=False),
    sa.Column('proof', sa.String(), nullable=False),
    sa.Column('seal', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('record_hash', 'origin')
    )
    op.create_table('evidence_log',
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('since', sa.Integer(), nullable=False),
    sa.Column('seal', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('origin')
    )
    op.create_table('evidence_log_break',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('note', sa.LargeBinary(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('accepted_at', sa.Integer(), nullable=True),
    sa.Column('seal', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('evidence_log_break', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_log_break_origin'), ['origin'], unique=False)

    op.create_table('evidence_text',
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('lines', sa.String(), nullable=False),
    sa.Column('unread', sa.Integer(), nullable=False),
    sa.Column('engine', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('source')
    )
    with op.batch_alter_table('evidence_text', schema=None) as batch_op:
        batch_op.create_index('evidence_text_open', ['state'], unique=False, sqlite_where=sa.text("state IN ('waiting', 'failed')"))
        batch_op.create_index(batch_op.f('ix_evidence_text_sha256'), ['sha256'], unique=False)

    op.create_table('evidence_token',
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('authority_id', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('accuracy', sa.Integer(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.Column('chain', sa.String(), nullable=False),
    sa.Column('seal', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('digest', 'authority_id')
    )
    op.create_table('source_answer_asked',
    sa.Column('answer_id', sa.String(), nullable=False),
    sa.Column('asked', sa.String(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['source_answer.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('answer_id')
    )
    # by hand
    # end by hand
