"""Where problems come from: each module asks one part of the product what failed and does what a person chose.

Nothing is stored twice: a reply's problem is its row, a refused event's the outbox. Only what has no place of its own
(the bad rows of an import) is kept, in `notes`.
"""
