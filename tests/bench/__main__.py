"""python -m tests.bench NAME [--json]: one benchmark beside a peer or a raw limit, both in the same run.

No test asserts a time; the ratios go into CHANGELOG.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

BENCHES = ("startup", "capture", "upload", "ingest", "idle", "triage", "conversation", "search", "memory", "inbox",
           "verify", "tamper")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", choices=BENCHES)
    parser.add_argument("--json", action="store_true", help="the figures as JSON on stdout")
    parser.add_argument("--runs", type=int, help="how often each side is measured (15, upload 1); idle: minutes (10)")
    parser.add_argument("--mails", type=int, help="ingest: how many mails (20,000)")
    parser.add_argument("--messages", type=int, help="how many messages the generated store has")
    parser.add_argument("--conversations", "--rows", type=int, help="startup, memory, inbox: how many in the store")
    parser.add_argument("--keep", type=Path, help="a folder for the generated store, used again when it is there")
    parser.add_argument("--from", dest="origin", choices=("dovecot", "maildir"), help="ingest: where mail is")
    parser.add_argument("--workers", type=int, choices=(1, 2), help="ingest: 1 one process, 2 two parsers beside it")
    chosen = parser.parse_args()
    bench = importlib.import_module(f"tests.bench.{chosen.name}")
    names = ("origin", "workers", "keep", "conversations")
    more = {name: getattr(chosen, name) for name in names if getattr(chosen, name)}
    figures = bench.measure(chosen.messages or chosen.mails or chosen.runs or getattr(bench, "RUNS", 15), **more)
    if chosen.json:
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    else:
        for name, value in figures.items():
            sys.stdout.write(f"{name}: {value}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
