"""Every bound on what a stranger's mail may cost, in one place. Beyond a bound nothing is lost: the raw mail is kept
whole, what lies beyond is an attachment or only in the source, and a sentence in `IncomingMail.problems` says so.
"""

from __future__ import annotations

# The mail as a whole.
MAX_MAIL = 64 * 1024 * 1024     # bytes that are read from a file: 50 MB of mail with room for its encoding
MAX_PARTS = 500
MAX_DEPTH = 50                  # multiparts inside each other; the next one is attached unread
MAX_SCANNED = 512 * 1024 * 1024  # bytes searched for boundaries over all levels together
MAX_NEAR_MISSES = 10_000        # lines of one multipart that begin like its boundary and are none
MAX_BOUNDARY = 200              # RFC 2046, 5.1.1 allows 70
MAX_SENTENCES = 12              # of problems, and of notes; more are counted

# Its header.
MAX_HEADER_BLOCK = 256 * 1024   # bytes of one header block that are looked at
MAX_HEADERS = 1_000
MAX_VALUE = 32 * 1024           # characters of one field
MAX_REFERENCES = 100
MAX_ADDRESSES = 500             # of one field
MAX_PARAMETERS = 200            # of one field
MAX_SUBJECT = 998               # RFC 5322, 2.1.1: the longest line there may be
MAX_DISPLAY_NAME = 200

# Its text.
MAX_TEXT = 1_000_000            # characters of text kept for reading
MAX_TEXT_BYTES = 8_000_000      # of one text part that are decoded at all
MAX_HTML = 2 * 1024 * 1024      # characters that are cleaned
MAX_TAGS = 40_000               # unclosed formatting is quadratic in the HTML standard's own algorithm
MAX_OPEN = 1_000                # tags open inside each other
MAX_BRACKETS = 120_000          # "<", whether they begin a tag or not, and as many "&"
MAX_DATA_IMAGE = 256 * 1024     # characters of a picture written out in the HTML
MAX_LINKS = 500                 # compared with what they say
MAX_PICTURES = 5_000            # counted as not loaded

# What came with it.
MAX_FILE_NAME_BYTES = 180       # file systems allow 255; room is left for a number or a folder's prefix
MAX_CALENDAR = 256 * 1024       # bytes of an invitation that are read
MAX_REPORT = 64 * 1024          # bytes of a delivery report that are read
MAX_TNEF_FILES = 100
MAX_ZIP_DIRECTORY = 4 * 1024 * 1024  # bytes of an archive's list of contents
MAX_ZIP_ENTRIES = 20_000
BURST = 1024**3                 # an archive that unpacks to more is warned of,
BURST_RATIO = 200               # and one that grows so many times
BURST_FLOOR = 100 * 1024**2     # to at least this
