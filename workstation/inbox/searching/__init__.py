"""Searching conversations.

    conditions   a query as the WHERE of conversations: for views, queues and the filters of a search
    plan         what of a query the index is asked, and what the conversations are
    hits         the hits of a plan, newest or best first
    narrow       the hits of a queue whose messages are known
    members      which messages a narrow queue has, kept at hand
    snippets     what matched, with marks around it
    pages        a page of the list from all of these
    desk         the collaborator of the inbox: pages within their time, an index that heals
    rebuilding   the job that fills an index anew
"""

from __future__ import annotations

from workstation.inbox.searching.conditions import condition

__all__ = ["condition"]
