"""Of every table of a home: what in it is a buyer's, and so goes when a case, an order or a customer is erased.

`ROW`: the whole row goes. Otherwise `goes` names the columns that are emptied; all others of the row stay, because
counts, threads, clocks and proofs rest on them. A table that nobody put here fails a test, and so does a column of
letters or bytes in a table of which columns go.
"""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """`goes`: "*" for the whole row, else columns. `stays`: columns of letters or bytes that stay. `why`: of either."""

    goes: str
    stays: str = ""
    why: str = ""


ROW = "*"
BUYERS: dict[str, Table] = {
    "message": Table(
        "author_email author_name recipients cc reply_to subject text quoted problems notes delivery_sentence original "
        "original_language",
        "id conversation_id direction language message_id content_key delivery outgoing_id",
        "Of a Message-ID that is made of a buyer's address nothing stays. Our own name stays on what we wrote."),
    "conversation": Table(
        "subject customer_name customer_address snippet customer_id",
        "id account_id channel state language market store issue delivery assignee tags risk merged_into",
        "Tags are the seller's own words."),
    "mail_body": Table(ROW), "attachment": Table(ROW), "message_extra": Table(ROW), "message_translation": Table(ROW),
    "thread_reference": Table(ROW, "", "Names that hold an alias or an address; other Message-IDs join later mails."),
    "draft": Table(ROW), "draft_history": Table(ROW), "draft_file": Table(ROW),
    "outgoing": Table(
        "recipients draft raw receipt sentence bounced",
        "id conversation_id account_id message_id in_reply_to sender state",
        "Of a reply that never left the whole row goes."),
    "customer_identity": Table(ROW, "", "Unless another case is theirs."),
    "customer_link": Table(ROW, "", "With either of its identities."),
    "buyer_address": Table(ROW), "order_mention": Table(ROW),
    "sales_order": Table(
        "buyer_name buyer_email buyer_key",
        "id platform store order_id match_key currency country status tracking_number tracking_key carrier service"),
    "refund": Table("reason", "order_id refund_id currency"),
    "source_answer": Table("body", "id sha256 source content_type", "Its hash tells a file that is imported again."),
    "source_attempt": Table("sentence", "subject source outcome"),
    "tracking_event": Table("text place", "tracking_number state"),
    "blob": Table(ROW, "", "The keys of files of messages, drafts and records."),
    "triage_correction": Table("words", "conversation_id kind value"),
    "playbook_fact": Table(ROW, "", "Why a step was left out may be in a buyer's words. Its record has its own."),
    "evidence_private": Table(ROW, "", "But who made a record, and the reasons of erasures and holds."),
    "evidence_thumbnail": Table(ROW), "evidence_text": Table(ROW), "evidence_claim_text": Table(ROW),
    "evidence_allowed": Table(ROW),
    "evidence_exhibit": Table("caption translation", "case_id record_id slot language"),
    "outbox": Table(ROW, "", "What waits to tell of erased messages; how a conversation began loses its buyer."),
    "sync_body": Table(ROW, "", "Bodies of erased conversations, and of what became of their replies."),
    "sync_parked": Table(ROW, "", "Of erased messages and conversations."),
    "erasure_plan": Table(ROW, "", "When it ran."),
}

_NAMES = "Ids, positions and states only."
_OURS = "The seller's own words and settings."
_PROOF = "Hashes, signatures and times: what stays provable."
NOBODYS: dict[str, str] = {
    "account": _OURS, "assignment_rule": _OURS, "saved_view": _OURS, "member": _OURS, "secret": _OURS,
    "mail_server": _OURS, "mailbox_reader": _OURS, "evidence_claim": _OURS,
    "evidence_authority": _OURS,
    "meta": "Facts of the home; what an import could not use names files and lines.",
    "conversation_assigned": _NAMES, "conversation_merge": _NAMES, "conversation_tag": _NAMES,
    "conversation_twin": _NAMES, "mail_bad_place": _NAMES, "mail_folder": _NAMES, "mail_place": _NAMES,
    "message_home": _NAMES, "message_place": _NAMES, "message_split": _NAMES, "queue_span": _NAMES, "triage": _NAMES,
    "order_fact": _NAMES, "order_link": _NAMES, "parcel": _NAMES, "sales_order_line": "Articles and prices.",
    "source_answer_asked": "Whom a source was asked at, without the question.",
    "sync_conflict": "States and tags that lost.", "sync_entity": _PROOF,
    "erasure_heard": _NAMES, "evidence_erased": _PROOF, "personal_erased": _PROOF,
    "evidence_record": _PROOF, "evidence_key": _PROOF, "evidence_token": _PROOF, "evidence_log": _PROOF,
    "evidence_checkpoint": _PROOF, "evidence_inclusion": _PROOF, "evidence_log_break": _PROOF,
}
"""Tables in which nothing is a buyer's, and why."""

HUB: dict[str, str] = {
    "entity": "Bodies of messages, of how conversations began and of what became of replies lose their words; wrapped "
              "keys go; of records the signed statement stays.",
    "receipt": "A conflict's receipt loses the body it held.",
    "erased_blob": _PROOF, "stored_blob": "Goes with an erased file.", "upload": "Goes with an erased file.",
    "change": _NAMES, "device": _OURS, "device_key": _OURS, "device_mark": _OURS, "device_member": _OURS,
    "evidence_place": _PROOF, "hub_meta": _OURS, "invite": _OURS, "invite_member": _OURS, "log_checkpoint": _PROOF,
    "log_leaf": _PROOF, "log_node": _PROOF, "presence": "Lapses in seconds.",
}
"""And of the hub's."""
