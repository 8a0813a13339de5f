"""the first schema"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('settings', sa.String(), nullable=False),
    sa.Column('created_at', sa.Integer(), nullable=False),
    sa.Column('last_sync_at', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('address')
    )
    op.create_table('blob',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('upstream', sa.Boolean(), nullable=False),
    sa.Column('secured_at', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('blob', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_blob_address'), ['address'], unique=False)

    op.create_table('buyer_address',
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('conversation_id', 'address')
    )
    with op.batch_alter_table('buyer_address', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_buyer_address_address'), ['address'], unique=False)

    op.create_table('conversation',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('customer_name', sa.String(), nullable=False),
    sa.Column('customer_address', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('market', sa.String(), nullable=False),
    sa.Column('store', sa.String(), nullable=False),
    sa.Column('snippet', sa.String(), nullable=False),
    sa.Column('unread', sa.Boolean(), nullable=False),
    sa.Column('unanswered_since', sa.Integer(), nullable=True),
    sa.Column('dismissed_at', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.Integer(), nullable=True),
    sa.Column('clock_ms', sa.Integer(), nullable=False),
    sa.Column('snoozed_until', sa.Integer(), nullable=True),
    sa.Column('last_at', sa.Integer(), nullable=False),
    sa.Column('issue', sa.String(), nullable=False),
    sa.Column('delivery', sa.String(), nullable=False),
    sa.Column('sort_key', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('conversation', schema=None) as batch_op:
        batch_op.create_index('conversation_all', ['sort_key', 'id'], unique=False)
        batch_op.create_index('conversation_channel', ['channel', 'state', 'sort_key', 'id'], unique=False)
        batch_op.create_index('conversation_delivery', ['delivery'], unique=False)
        batch_op.create_index('conversation_due', ['state', 'due_at'], unique=False)
        batch_op.create_index('conversation_queue', ['state', 'sort_key', 'id'], unique=False)
        batch_op.create_index('conversation_store', ['store', 'state', 'sort_key', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_conversation_customer_address'), ['customer_address'], unique=False)

    op.create_table('draft',
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('mode', sa.String(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.Integer(), nullable=False),
    sa.Column('content', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('conversation_id', 'mode')
    )
    op.create_table('draft_file',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('mime', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('record_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('draft_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_draft_file_conversation_id'), ['conversation_id'], unique=False)

    op.create_table('draft_history',
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('mode', sa.String(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('saved_at', sa.Integer(), nullable=False),
    sa.Column('content', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('conversation_id', 'mode', 'revision')
    )
    op.create_table('evidence_key',
    sa.Column('key_id', sa.String(), nullable=False),
    sa.Column('public', sa.LargeBinary(), nullable=False),
    sa.Column('since', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key_id')
    )
    op.create_table('evidence_private',
    sa.Column('record_id', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('salt', sa.LargeBinary(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('record_id', 'name')
    )
    op.create_table('evidence_record',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('record_hash', sa.String(), nullable=False),
    sa.Column('blob_id', sa.String(), nullable=False),
    sa.Column('envelope', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('sequence')
    )
    with op.batch_alter_table('evidence_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_record_case_id'), ['case_id'], unique=False)

    op.create_table('evidence_thumbnail',
    sa.Column('record_id', sa.String(), nullable=False),
    sa.Column('png', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('record_id')
    )
    op.create_table('message_translation',
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('source_language', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('engine', sa.String(), nullable=False),
    sa.Column('pivot', sa.String(), nullable=False),
    sa.Column('survived', sa.String(), nullable=False),
    sa.Column('lost', sa.String(), nullable=False),
    sa.Column('source_hash', sa.String(), nullable=False),
    sa.Column('made_at', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('message_id', 'language')
    )
    op.create_table('meta',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('order_mention',
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('match_key', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('platform', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('conversation_id', 'match_key')
    )
    with op.batch_alter_table('order_mention', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_mention_match_key'), ['match_key'], unique=False)

    op.create_table('outbox',
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.String(), nullable=False),
    sa.Column('collection', sa.String(), nullable=False),
    sa.Column('entity_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('request_hash', sa.String(), nullable=False),
    sa.Column('created_at', sa.Integer(), nullable=False),
    sa.Column('refused', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('seq'),
    sa.UniqueConstraint('event_id')
    )
    op.create_table('outgoing',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('in_reply_to', sa.String(), nullable=False),
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('recipients', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('release_at', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.Integer(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('sentence', sa.String(), nullable=False),
    sa.Column('draft', sa.String(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.Column('receipt', sa.String(), nullable=False),
    sa.Column('sent_at', sa.Integer(), nullable=True),
    sa.Column('copied', sa.Boolean(), nullable=False),
    sa.Column('recorded', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('message_id')
    )
    with op.batch_alter_table('outgoing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outgoing_conversation_id'), ['conversation_id'], unique=False)
        batch_op.create_index('outgoing_due', ['state', 'release_at'], unique=False)

    op.create_table('sales_order',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('platform', sa.String(), nullable=False),
    sa.Column('store', sa.String(), nullable=False),
    sa.Column('order_id', sa.String(), nullable=False),
    sa.Column('match_key', sa.String(), nullable=False),
    sa.Column('buyer_name', sa.String(), nullable=False),
    sa.Column('buyer_email', sa.String(), nullable=False),
    sa.Column('buyer_key', sa.String(), nullable=False),
    sa.Column('placed_at', sa.Integer(), nullable=True),
    sa.Column('total_minor', sa.Integer(), nullable=True),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('country', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('shipped_at', sa.Integer(), nullable=True),
    sa.Column('promised_at', sa.Integer(), nullable=True),
    sa.Column('delivered_at', sa.Integer(), nullable=True),
    sa.Column('tracking_number', sa.String(), nullable=False),
    sa.Column('tracking_key', sa.String(), nullable=False),
    sa.Column('carrier', sa.String(), nullable=False),
    sa.Column('service', sa.String(), nullable=False),
    sa.Column('refunds_known', sa.Boolean(), nullable=False),
    sa.Column('shipping_known', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('platform', 'store', 'order_id')
    )
    with op.batch_alter_table('sales_order', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sales_order_buyer_key'), ['buyer_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_sales_order_match_key'), ['match_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_sales_order_tracking_key'), ['tracking_key'], unique=False)

    op.create_table('secret',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('value', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('source_answer',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('content_type', sa.String(), nullable=False),
    sa.Column('first_at', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('source_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_source_answer_sha256'), ['sha256'], unique=False)

    op.create_table('source_attempt',
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('sentence', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('subject')
    )
    op.create_table('sync_body',
    sa.Column('collection', sa.String(), nullable=False),
    sa.Column('entity_id', sa.String(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('collection', 'entity_id')
    )
    op.create_table('sync_conflict',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('collection', sa.String(), nullable=False),
    sa.Column('entity_id', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('kept', sa.String(), nullable=False),
    sa.Column('lost', sa.String(), nullable=False),
    sa.Column('device_id', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('sync_conflict', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sync_conflict_entity_id'), ['entity_id'], unique=False)

    op.create_table('sync_entity',
    sa.Column('collection', sa.String(), nullable=False),
    sa.Column('entity_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('body_hash', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('collection', 'entity_id')
    )
    op.create_table('sync_parked',
    sa.Column('collection', sa.String(), nullable=False),
    sa.Column('entity_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('collection', 'entity_id')
    )
    op.create_table('mail_folder',
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('folder', sa.String(), nullable=False),
    sa.Column('uid_validity', sa.Integer(), nullable=False),
    sa.Column('last_uid', sa.Integer(), nullable=False),
    sa.Column('mod_sequence', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('account_id', 'folder')
    )
    op.create_table('message',
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('direction', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('author_email', sa.String(), nullable=False),
    sa.Column('author_name', sa.String(), nullable=False),
    sa.Column('recipients', sa.String(), nullable=False),
    sa.Column('cc', sa.String(), nullable=False),
    sa.Column('reply_to', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('quoted', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('content_key', sa.String(), nullable=False),
    sa.Column('automatic', sa.Boolean(), nullable=False),
    sa.Column('problems', sa.String(), nullable=False),
    sa.Column('delivery', sa.String(), nullable=False),
    sa.Column('delivery_sentence', sa.String(), nullable=False),
    sa.Column('outgoing_id', sa.String(), nullable=False),
    sa.Column('original', sa.String(), nullable=False),
    sa.Column('original_language', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.PrimaryKeyConstraint('seq'),
    sa.UniqueConstraint('id')
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_content_key'), ['content_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_message_id'), ['message_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_outgoing_id'), ['outgoing_id'], unique=False)
        batch_op.create_index('message_time', ['conversation_id', 'at', 'seq'], unique=False)

    op.create_table('order_fact',
    sa.Column('order_id', sa.String(), nullable=False),
    sa.Column('part', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('fetched_at', sa.Integer(), nullable=False),
    sa.Column('answer_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['source_answer.id'], ),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('order_id', 'part')
    )
    op.create_table('order_link',
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.Column('order_id', sa.String(), nullable=False),
    sa.Column('why', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('conversation_id', 'order_id')
    )
    with op.batch_alter_table('order_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_order_link_order_id'), ['order_id'], unique=False)

    op.create_table('parcel',
    sa.Column('tracking_number', sa.String(), nullable=False),
    sa.Column('carrier', sa.String(), nullable=False),
    sa.Column('service', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('delivered_at', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('fetched_at', sa.Integer(), nullable=False),
    sa.Column('answer_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['source_answer.id'], ),
    sa.PrimaryKeyConstraint('tracking_number')
    )
    op.create_table('refund',
    sa.Column('order_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('refund_id', sa.String(), nullable=False),
    sa.Column('minor', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('order_id', 'position')
    )
    op.create_table('sales_order_line',
    sa.Column('order_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('sku', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('price_minor', sa.Integer(), nullable=True),
    sa.Column('currency', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['sales_order.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('order_id', 'position')
    )
    op.create_table('thread_reference',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('account_id', sa.String(), nullable=False),
    sa.Column('conversation_id', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('name', 'account_id')
    )
    op.create_table('attachment',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('mime', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('inline', sa.Boolean(), nullable=False),
    sa.Column('content_id', sa.String(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachment_message_id'), ['message_id'], unique=False)

    op.create_table('mail_body',
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=True),
    sa.Column('html', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('message_id')
    )
    op.create_table('tracking_event',
    sa.Column('tracking_number', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['tracking_number'], ['parcel.tracking_number'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tracking_number', 'position')
    )
    op.execute(
        "CREATE VIRTUAL TABLE message_index USING fts5(subject, body, people, ids, content='', contentless_delete=1, "
        "tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    )
