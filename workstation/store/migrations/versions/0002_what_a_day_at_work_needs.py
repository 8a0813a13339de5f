"""what a day at work needs"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('assignment_rule',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('query', sa.String(), nullable=False),
    sa.Column('members', sa.String(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('since', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('conversation_assigned',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('rule', sa.String(), nullable=False),
    sa.Column('member_id', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sqlite_with_rowid=False
    )
    op.create_table('conversation_merge',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('into_id', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('gave', sa.String(), server_default='', nullable=False),
    sa.Column('said', sa.String(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('conversation_merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conversation_merge_into_id'), ['into_id'], unique=False)

    op.create_table('conversation_tag',
    sa.Column('tag', sa.String(), nullable=False),
    sa.Column('sort_key', sa.Integer(), nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('tag', 'sort_key', 'id'),
    sqlite_with_rowid=False
    )
    op.create_table('customer_identity',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('name_key', sa.String(), nullable=False),
    sa.Column('first_name', sa.String(), nullable=False),
    sa.Column('last_name', sa.String(), nullable=False),
    sa.Column('last_at', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('customer_identity', schema=None) as batch_op:
        batch_op.create_index('customer_identity_name', ['name_key', 'id'], unique=False)
        batch_op.create_index('customer_identity_value', ['value'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_identity_first_name'), ['first_name'], unique=False)
        batch_op.create_index(batch_op.f('ix_customer_identity_last_name'), ['last_name'], unique=False)

    op.create_table('customer_link',
    sa.Column('a', sa.String(), nullable=False),
    sa.Column('b', sa.String(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('reasons', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('a', 'b')
    )
    with op.batch_alter_table('customer_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_customer_link_b'), ['b'], unique=False)

    op.create_table('mail_server',
    sa.Column('host', sa.String(), nullable=False),
    sa.Column('port', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('seen_at', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('host', 'port')
    )
    op.create_table('mailbox_reader',
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('member_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('account_id', 'member_id'),
    sqlite_with_rowid=False
    )
    op.create_table('member',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('message_extra',
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('message_id', 'source')
    )
    op.create_table('message_place',
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('place'),
    sa.UniqueConstraint('seq')
    )
    op.create_table('message_split',
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('into_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('message_id')
    )
    with op.batch_alter_table('message_split', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_split_into_id'), ['into_id'], unique=False)

    op.create_table('queue_span',
    sa.Column('queue', sa.String(), nullable=False),
    sa.Column('span', sa.Integer(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('queue', 'span'),
    sqlite_with_rowid=False
    )
    op.create_table('saved_view',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('title_key', sa.String(), nullable=False),
    sa.Column('query', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('title_key')
    )
    op.create_table('triage',
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('last_at', sa.Integer(), nullable=False),
    sa.Column('version', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('conversation_id')
    )
    op.create_table('triage_correction',
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('conversation_id', 'kind')
    )
    with op.batch_alter_table('triage_correction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_triage_correction_at'), ['at'], unique=False)

    op.create_table('conversation_twin',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('conversation_twin', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conversation_twin_conversation_id'), ['conversation_id'], unique=False)

    op.create_table('mail_bad_place',
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('folder', sa.String(), nullable=False),
    sa.Column('uid', sa.Integer(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'folder', 'uid')
    )
    op.create_table('mail_place',
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('folder', sa.String(), nullable=False),
    sa.Column('uid', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('seen', sa.Boolean(), nullable=False),
    sa.Column('answered', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'folder', 'uid')
    )
    with op.batch_alter_table('mail_place', schema=None) as batch_op:
        batch_op.create_index('mail_place_answered', ['message_id'], unique=False, sqlite_where=sa.text('answered = 1'))
        batch_op.create_index('mail_place_unseen', ['message_id'], unique=False, sqlite_where=sa.text('seen = 0'))

    op.create_table('message_home',
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('home', sa.String(), nullable=False),
    sa.Column('base', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('message_id')
    )
    with op.batch_alter_table('message_home', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_home_base'), ['base'], unique=False)

    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('resolved_upto', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('shared', sa.Boolean(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('assignee', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('tags', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('muted', sa.Boolean(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('review', sa.Boolean(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('urgency', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('risk', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('customer_id', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('merged_into', sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('warn_at', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('seen_seq', sa.Integer(), server_default='0', nullable=False))
        batch_op.drop_index(batch_op.f('conversation_delivery'))
        batch_op.drop_index(batch_op.f('conversation_due'))
        batch_op.drop_index(batch_op.f('conversation_queue'))
        batch_op.drop_index(batch_op.f('conversation_all'))
        batch_op.create_index('conversation_all', ['sort_key', 'id', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("merged_into = '' AND last_at > 0"))
        batch_op.drop_index(batch_op.f('conversation_channel'))
        batch_op.create_index('conversation_channel', ['channel', 'sort_key', 'id', 'state', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("state = 'open' AND merged_into = '' AND last_at > 0"))
        batch_op.drop_index(batch_op.f('conversation_store'))
        batch_op.create_index('conversation_store', ['store', 'sort_key', 'id', 'state', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("state = 'open' AND merged_into = '' AND last_at > 0"))
        batch_op.create_index('conversation_assignee', ['assignee', 'sort_key', 'id', 'state', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("state = 'open' AND merged_into = '' AND last_at > 0"))
        batch_op.create_index('conversation_customer', ['customer_id', 'last_at', 'id'], unique=False)
        batch_op.create_index('conversation_failed', ['sort_key', 'id', 'delivery', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("delivery IN ('failed', 'unknown') AND merged_into = '' AND last_at > 0"))
        batch_op.create_index('conversation_language', ['language', 'sort_key', 'id', 'state', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("state = 'open' AND merged_into = '' AND last_at > 0"))
        batch_op.create_index('conversation_list', ['state', 'sort_key', 'id', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("merged_into = '' AND last_at > 0"))
        batch_op.create_index('conversation_merged', ['merged_into'], unique=False, sqlite_where=sa.text("merged_into != ''"))
        batch_op.create_index('conversation_review', ['sort_key', 'id', 'review', 'risk', 'state', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("(review = 1 OR risk <> '') AND state = 'open' AND merged_into = '' AND last_at > 0"))
        batch_op.create_index('conversation_tags', ['tags', 'state', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("tags != ''"))
        batch_op.create_index('conversation_warn', ['sort_key', 'id', 'warn_at', 'muted', 'state', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("warn_at IS NOT NULL AND muted = 0 AND state = 'open' AND merged_into = '' AND last_at > 0"))
        batch_op.create_index('conversation_warn_at', ['warn_at', 'sort_key', 'id', 'muted', 'state', 'merged_into', 'last_at'], unique=False, sqlite_where=sa.text("warn_at IS NOT NULL AND muted = 0 AND state = 'open' AND merged_into = '' AND last_at > 0"))

    with op.batch_alter_table('mail_folder', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since_at', sa.Integer(), server_default='0', nullable=False))

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.add_column(sa.Column('notes', sa.String(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('slight', sa.Boolean(), server_default='0', nullable=False))
        batch_op.drop_index(batch_op.f('message_time'))
        batch_op.create_index('message_line', ['conversation_id', 'at', 'seq', 'direction', 'automatic', 'delivery', 'outgoing_id', 'slight'], unique=False)
        batch_op.create_index('message_untold', ['at'], unique=False, sqlite_where=sa.text("language = '' AND direction != 'note'"))
        batch_op.create_index('message_without_key', ['message_id'], unique=False, sqlite_where=sa.text("content_key = ''"))

    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.add_column(sa.Column('dismissed_at', sa.Integer(), nullable=True))

    with op.batch_alter_table('outgoing', schema=None) as batch_op:
        batch_op.add_column(sa.Column('not_before', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('bounced', sa.String(), server_default='', nullable=False))
    # by hand
    # The hub was told of all that was queued with its body before; what no hub was told of is read from the messages.
    hub = "EXISTS (SELECT 1 FROM meta WHERE name = 'hub_url' AND value != '')"
    op.execute(f"UPDATE conversation SET shared = 1 WHERE {hub}")  # noqa: S608
    op.execute("INSERT INTO meta(name, value) SELECT 'offered_message', CAST(coalesce(max(seq), 0) AS TEXT) "
               f"FROM message WHERE {hub}")
    op.execute("DELETE FROM outbox WHERE collection IN ('conversation', 'message') AND refused = '' "
               f"AND NOT {hub}")
    # Each queue's size: what is there is counted once, then the triggers keep it.
    from workstation.store import assigned, tally
    for statement in (*tally.FILL, *tally.TRIGGERS, assigned.BY_HAND):
        op.execute(statement)
    # The first schema's index answers under another name while the new one is filled in the background.
    from workstation.store.search import upgrade as search_index
    search_index.run(op.get_bind())
    # end by hand
