"""Text in pictures, read by a machine: derived, replaceable, never evidence.

    worker    the process that reads, at the lowest priority and without a network
    process   that process as the core sees it: comes, goes, is killed
    layout    boxes of words as rows of text
    model     what was read, and what is found in it
    repo      beside the records: one row for each picture, and its words in the search
    service   what waits, one at a time, after everything else
    power     whether this computer runs on its battery
"""
