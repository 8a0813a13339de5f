"""Words for channels, situations and rows of the list, and which row belongs to which queue."""

from __future__ import annotations

from ui.widgets import timetext
from workstation.domain.states import Channel, ConversationState, Delivery
from workstation.inbox.listing import ConversationRow, Queue
from workstation.kernel.i18n import N_, _

CHANNELS = {
    Channel.EMAIL: N_("E-mail"), Channel.AMAZON: "Amazon", Channel.EBAY: "eBay", Channel.SHOPEE: "Shopee",
    Channel.LAZADA: "Lazada", Channel.TIKTOK: "TikTok Shop", Channel.SHOPIFY: "Shopify", Channel.WHATSAPP: "WhatsApp",
    Channel.LINE: "LINE", Channel.MESSENGER: "Messenger", Channel.INSTAGRAM: "Instagram", Channel.PHONE: N_("Phone"),
}
ISSUES = {
    "late": N_("late"), "lost": N_("lost"), "customs": N_("customs hold"), "customs_hold": N_("customs hold"),
    "refused": N_("refused"), "damaged": N_("damaged"), "defective": N_("defective"), "wrong_item": N_("wrong item"),
    "missing_item": N_("missing item"), "return": N_("return"), "exchange": N_("exchange"),
    "refund_status": N_("refund status"), "refund": N_("refund status"), "address_change": N_("address change"),
    "cancellation": N_("cancellation"), "product_question": N_("product question"),
    "negative_review": N_("negative review"), "dispute": N_("dispute"), "wrong": N_("wrong item"),
    "missing": N_("missing item"), "address": N_("address change"), "cancel": N_("cancellation"),
    "question": N_("product question"), "review": N_("negative review"),
}
# A delivery that deserves a mark in the list, and which.
DELIVERY_MARKS = {
    Delivery.HELD: "pending", Delivery.QUEUED: "pending", Delivery.SENDING: "pending", Delivery.UNKNOWN: "unknown",
    Delivery.FAILED: "failed",
}
_DELIVERIES = {
    Delivery.HELD: N_("not sent yet"), Delivery.QUEUED: N_("waiting to be sent"), Delivery.SENDING: N_("being sent"),
    Delivery.UNKNOWN: N_("outcome unknown"), Delivery.FAILED: N_("not sent"),
}
RISKS = {
    "chargeback": N_("chargeback"), "legal": N_("legal"), "safety": N_("safety"), "review": N_("bad review"),
    "fraud": N_("fraud"),
}
URGENCIES = {1: N_("soon"), 2: N_("urgent")}
_QUEUE_ICONS = {
    "mine": "user", "unassigned": "user-none", "review": "eye", "breaching": "clock",
    "unanswered": "mail", "open": "inbox", "failed": "alert", "snoozed": "snooze",
    "resolved": "resolve", "all": "list",
}


def channel_name(channel: str) -> str:
    """"Amazon"; the word itself for a channel we do not know."""
    return _(CHANNELS[Channel(channel)]) if channel in set(Channel) else channel


def issue_name(issue: str) -> str:
    return _(ISSUES[issue]) if issue in ISSUES else issue.replace("_", " ")


def delivery_word(delivery: Delivery) -> str:
    """What keeps the newest reply, "" when nothing does."""
    return _(_DELIVERIES[delivery]) if delivery in _DELIVERIES else ""


def queue_title(queue: Queue) -> str:
    """The queue's name as a person reads it."""
    group, _sep, name = queue.key.partition(":")
    return channel_name(name) if group == "channel" and name else queue.title


def who(row: ConversationRow) -> str:
    """The buyer's name; in words when the mail names nobody."""
    return row.who or _("Unknown sender")


def risk_word(risk: str) -> str:
    """"chargeback", in words; "" without a risk, the word itself for one that is not known here."""
    return _(RISKS[risk]) if risk in RISKS else risk


def urgency_word(urgency: int) -> str:
    return _(URGENCIES[urgency]) if urgency in URGENCIES else ""


def initials(name: str) -> str:
    """Up to two letters for a name: first and last word's, or the last two characters of a Chinese or Japanese one."""
    parts = name.split()
    if len(parts) > 1:
        return (parts[0][:1] + parts[-1][:1]).upper()
    word = parts[0] if parts else ""
    return word[-2:] if word and ord(word[0]) >= 0x2E80 else word[:2].upper()


def marks(row: ConversationRow) -> tuple[str, ...]:
    """What stands out of a row beside its clock, in words: risk, urgency, a second look asked for, muted."""
    return tuple(word for word in (
        risk_word(row.risk), urgency_word(row.urgency), _("second look asked for") if row.review else "",
        _("muted") if row.muted else "",
    ) if word)


def hints(row: ConversationRow, now: int) -> str:
    """The tooltip of a row: its marks in words, all its tags, when it was last heard of."""
    lines = [who(row), row.subject, ", ".join(marks(row))]
    lines += [_("Tags: {tags}").format(tags=", ".join(row.tags))] if row.tags else []
    lines += [timetext.when(row.last_at, now)]
    return "\n".join(line for line in lines if line)


_NOTHING = {
    "open": N_("Nobody is waiting for an answer."), "all": N_("There is no conversation yet."),
    "mine": N_("No conversation is assigned to you."), "unassigned": N_("Every open conversation has somebody."),
    "breaching": N_("No clock is about to break."), "review": N_("Nobody asked for a second look."),
    "unanswered": N_("Every buyer has an answer."), "failed": N_("Every reply was sent."),
    "snoozed": N_("Nothing is waiting here for a later time."), "resolved": N_("Nothing is resolved yet."),
    "view": N_("Nothing matches this view now."), "tag": N_("No open conversation has this tag."),
    "lang": N_("No open conversation is in this language."),
}


def nothing_in(queue: str) -> str:
    """Why a queue is empty, in a sentence."""
    found = _NOTHING.get(queue) or _NOTHING.get(queue.partition(":")[0])
    return _(found) if found else _("Nothing is waiting here.")


def queue_icon(queue: Queue) -> str:
    return _QUEUE_ICONS.get(queue.key, "store" if queue.group == "stores" else "")


def chips(row: ConversationRow) -> tuple[str, ...]:
    """The quiet third line: issue, language, channel."""
    return tuple(word for word in (issue_name(row.issue), row.language, channel_name(row.channel)) if word)


def time_words(row: ConversationRow, now: int) -> str:
    """What the right end of the first line says: time left, until when it sleeps, or when it was last heard of."""
    if row.state is ConversationState.SNOOZED and row.snoozed_until:
        return _("until {when}").format(when=timetext.soon(row.snoozed_until, now))
    if row.due_at is not None:
        return timetext.time_left(row.due_at, now)
    return timetext.when(row.last_at, now)


def urgency(row: ConversationRow, now: int) -> str:
    """"fail" in the last tenth of the clock and after it, "warn" in the last quarter, "" before and without one."""
    if row.due_at is None or row.state is not ConversationState.OPEN:
        return ""
    left = row.due_at - now
    if left * 10 <= row.clock_ms:
        return "fail"
    return "warn" if left * 4 <= row.clock_ms else ""


def spoken(row: ConversationRow, now: int) -> str:
    """The row as a screen reader says it, and as a test draws it."""
    parts = [who(row)]
    parts += [_("unread")] if row.unread else []
    parts += [_("unanswered")] if row.unanswered else []
    parts += [_("{time} left").format(time=time_words(row, now))] if _clock_runs(row, now) else [time_words(row, now)]
    parts += [row.subject, *chips(row), *row.tags, *marks(row)]
    delivery = delivery_word(row.delivery)
    return ", ".join(part for part in [*parts, delivery] if part)


def belongs(row: ConversationRow, queue: str, now: int, me: str = "") -> bool:
    """Whether a row is in a queue, by the same rules as the core's queries. Of a saved view it cannot be said."""
    group, _sep, name = queue.partition(":")
    is_open = row.state is ConversationState.OPEN
    if group == "tag" and name:
        return is_open and name in row.tags
    if group in _GROUP_FIELDS and name:
        return is_open and getattr(row, _GROUP_FIELDS[group]) == name
    rules = {
        "mine": is_open and bool(me) and row.assignee == me, "unassigned": is_open and not row.assignee,
        "review": is_open and (row.review or bool(row.risk)),
        "all": True, "snoozed": row.state is ConversationState.SNOOZED,
        "resolved": row.state is ConversationState.RESOLVED,
        "failed": row.delivery in (Delivery.FAILED, Delivery.UNKNOWN),
        "unanswered": is_open and row.due_at is not None,
        "breaching": is_open and row.due_at is not None and not row.muted and row.due_at - row.clock_ms // 4 <= now,
    }
    return rules.get(queue, is_open)


_GROUP_FIELDS = {"channel": "channel", "store": "store", "lang": "language", "assignee": "assignee"}


def _clock_runs(row: ConversationRow, now: int) -> bool:
    return row.state is ConversationState.OPEN and row.due_at is not None and row.due_at >= now
