"""what remains of a case"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('personal_erased',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('erase_id', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('print', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'id'),
    sqlite_with_rowid=False
    )
    op.create_table('playbook_fact',
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('monotonic_ns', sa.Integer(), nullable=False),
    sa.Column('record_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('conversation_id', 'field'),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('playbook_fact', schema=None) as batch_op:
        batch_op.create_index('playbook_fact_unsealed', ['at'], unique=False, sqlite_where=sa.text("record_id = ''"))
    # by hand
    # end by hand
