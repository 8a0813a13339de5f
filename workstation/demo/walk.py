"""The loop walked by itself, step by step, on the demo's own servers: what an agent would do, and what came of it.

Every field of the result is read from the product or from the servers after the step, never assumed.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from workstation.api import Core
from workstation.demo import script
from workstation.demo.script import MAILBOXES, Script
from workstation.demo.world import World
from workstation.domain.conversation import Delivery
from workstation.drafts.model import Draft, Mode, Outgoing
from workstation.evidence.model import AuthorityView, CaptureRequest, RecordView
from workstation.inbox.model import ConversationRow, ListQuery
from workstation.kernel.errors import CaptureRefused, ConnectError, TimedOut
from workstation.kernel.i18n import _, ngettext
from workstation.playbooks.model import State
from workstation.runtime.thread import CoreThread
from workstation.verification.model import Panel

T = TypeVar("T")
Say = Callable[[str], None]
WAIT = 60.0
DESK, REASON = "stripe", "product_not_received"


class Walk:
    """One walk through the loop. `run` returns the result as plain values for JSON."""

    def __init__(self, core: Core, thread: CoreThread, world: World, folder: Path, now: int, say: Say) -> None:
        self._core = core
        self._thread = thread
        self._world = world
        self._folder = folder
        self._now = now
        self._say = say
        self._result: dict[str, Any] = {}
        self._rows: tuple[ConversationRow, ...] = ()

    def run(self) -> dict[str, Any]:
        """Every step in the order an agent meets it. Raises a known error with its sentence when a step cannot be."""
        began = time.monotonic()
        self.connect()
        self.check()
        answered = self.translate()
        record = self.capture(answered)
        self.follow(answered)
        self.send(answered, record)
        self.offline()
        self.upstream()
        self.prove()
        self._result["seconds"] = round(time.monotonic() - began, 1)
        return self._result

    def connect(self) -> None:
        """Mail in, orders in, hub connected."""
        self._say(_("Connecting mailboxes: {n} …").format(n=len(MAILBOXES)))
        expected = sum(len(s.letters) for s in script.scripts())
        for mailbox in MAILBOXES:
            self._do(self._core.accounts.add(self._world.account(mailbox), self._world.mail.users[mailbox.address]))
        self._until(lambda: self._count_messages() >= expected, _("the mail to arrive"))
        for name, content in script.exports(self._now).items():
            path = self._folder / name
            path.write_bytes(content)
            report = self._do(self._core.orders.import_file(path))
            self._say(_("{file}: orders {new}, bad rows {bad}.").format(file=name, new=report.new, bad=len(report.bad)))
        self._do(self._world.add_authority(self._core))
        self._do(self._core.sync.connect(self._world.invite))
        self._rows = self._all_rows()
        self._result |= {"messages_in": self._count_messages(), "conversations": len(self._rows)}
        self._say(_("{messages} messages in {conversations} conversations.").format(
            messages=self._result["messages_in"], conversations=len(self._rows)))

    def check(self) -> None:
        """Ask the shop and the carrier about every conversation, all at once, and read the six checks."""
        self._say(_("Checking every conversation's order, parcel and refund …"))
        panels = self._do(self._refresh_all())
        listed = [
            {"conversation": row.id, "order": str(panel.order or ""), "id": check.id, "verdict": check.verdict,
             "source": check.source, "age_s": check.age_s(panel.at), "fact": check.fact}
            for row, panel in zip(self._rows, panels, strict=True) for check in panel.checks
        ]
        counts = Counter(check["verdict"] for check in listed)
        self._result["checks"] = listed
        self._say(_("Checks: {passed} pass, {warn} warn, {fail} fail, {unknown} unknown.").format(
            passed=counts["pass"], warn=counts["warn"], fail=counts["fail"], unknown=counts["unknown"]))

    def translate(self) -> Draft:
        """Read a Portuguese mail in English, write the answer in English, see it in Portuguese and back."""
        answered = self._scripts_with_reply()[0]
        row = self._row_of(answered)
        view = self._do(self._core.inbox.conversation(row.id))
        read = self._do(self._core.translation.read_message(view.messages[0].id))
        if read is not None:
            self._say(_("Read in English: {text}").format(text=" ".join(read.target.split())[:100]))
        draft = self._written(answered, row)
        preview = self._do(self._core.translation.preview(draft.body, draft.source_language, draft.target_language))
        done = preview.forward
        self._result["translation"] = {
            "source": done.source, "target": done.target, "back": preview.back, "engine": done.engine,
            "survived": list(done.survived), "lost": list(done.lost),
        }
        self._say(_("Answer in Portuguese: items kept {kept} of {all}.").format(
            kept=len(done.survived), all=len(done.survived) + len(done.lost)))
        return replace(
            draft, translated=done.target, translated_from=draft.body, lost=done.lost, accepted_lost=False
        )

    def capture(self, draft: Draft) -> RecordView | None:
        """Seal a picture of the screen into the case."""
        request = CaptureRequest(case_id=draft.conversation_id, purpose=_("What the agent saw before answering"))
        try:
            record = self._do(self._core.evidence.capture(request))
        except CaptureRefused as problem:
            self._say(str(problem))
            return None
        real = "" if record.real_screen else _(" (not a real screen)")
        self._say(_("Captured {width}×{height}, sealed as record {n}{note}.").format(
            width=record.width, height=record.height, n=record.sequence, note=real))
        return record

    def follow(self, draft: Draft) -> None:
        """Tick a step of the playbook the case follows; it becomes a record of the case."""
        playbooks, case_id = self._core.playbooks, draft.conversation_id
        if playbooks is None:
            return
        if self._do(playbooks.of(case_id)).playbook is None:   # what it is about is told in the background, maybe later
            self._do(playbooks.choose(case_id, "late"))
        course = self._do(playbooks.of(case_id))
        step = course.current or course.steps[0]
        self._do(playbooks.mark(case_id, step.id, State.DONE))
        self._until(lambda: bool(self._sealed(case_id, step.id)), _("the step to be sealed"))
        self._result["playbook"] = {
            "playbook": course.playbook.id if course.playbook is not None else "", "step": step.id,
            "record": self._sealed(case_id, step.id),
        }
        self._say(_("Playbook step ticked and sealed: {title}.").format(title=step.title))

    def send(self, draft: Draft, record: RecordView | None) -> None:
        """Send with the capture attached; take it back once; let it go; see it arrive on the right thread."""
        saved = self._do(self._core.drafts.save(self._with_exhibit(draft, record)))
        held = self._do(self._core.drafts.send(saved))
        back = self._do(self._core.drafts.undo_send(held.id))
        same = back.body == draft.body and back.translated == draft.translated
        self._say(_("Sent, and taken back: the draft is the same.") if same else _("The draft changed after undo."))
        outgoing = self._do(self._core.drafts.send(back))
        self._until(lambda: self._state(outgoing) is Delivery.DONE, _("the reply to leave"))
        self._until(lambda: bool(self._arrived(outgoing)), _("the reply to arrive"))
        self._result["sent"] = {
            "message_id": outgoing.message_id, "in_reply_to": outgoing.in_reply_to,
            "arrived": self._arrived(outgoing) == 1, "undone_same": same,
        }
        self._say(_("The SMTP server has it, on the thread of {id}.").format(id=outgoing.in_reply_to))

    def offline(self) -> None:
        """Pull every cable, work on, plug in again: everything arrives by itself, once."""
        self._say(_("Network cut."))
        self._world.cut()
        answered = self._scripts_with_reply()[1]
        row = self._row_of(answered)
        draft = self._written(answered, row)
        preview = self._do(self._core.translation.preview(draft.body, draft.source_language, draft.target_language))
        outgoing = self._do(self._core.drafts.send(replace(
            draft, translated=preview.forward.target, translated_from=draft.body, lost=preview.forward.lost,
            accepted_lost=bool(preview.forward.lost),
        )))
        self._do(self._core.inbox.snooze([self._rows[-1].id], self._now + 3 * 3_600_000))
        self._until(lambda: self._state(outgoing) is Delivery.QUEUED, _("the reply to be queued"))
        pending = self._do(self._core.sync.status()).pending
        queued = pending + 1
        self._say(ngettext("Offline: {n} change waits.", "Offline: {n} changes wait.", queued).format(n=queued))
        self._world.restore()
        self._say(_("Network back."))
        self._do(self._core.accounts.fetch_now())
        self._until(lambda: self._state(outgoing) is Delivery.DONE, _("the queued reply to leave"))
        self._until(lambda: self._do(self._core.sync.status()).pending == 0, _("the queued changes to reach the hub"))
        self._result["offline"] = {
            "queued": queued, "message_id": outgoing.message_id, "applied_once": self._arrived(outgoing) == 1,
        }

    def upstream(self) -> None:
        """A last full cycle, and both sides' digests."""
        self._until(lambda: not self._do(self._core.drafts.outgoing()), _("every reply to be settled"))
        report = self._synced()
        status = self._do(self._core.sync.status())
        self._result["upstream"] = {
            "records": report.records, "blobs": self._secured(), "digest_equal": report.digest_equal,
            "pending": status.pending, "refused": status.poisoned,
        }
        self._say(_("Hub: records {records}, digests equal: {equal}.").format(
            records=report.records, equal=report.digest_equal))

    def prove(self) -> None:
        """Every record verified, and a pack written that anyone can check, and one in the form of a claims desk."""
        answered = self._do(self._core.evidence.list())[0].case_id
        self._do(self._core.evidence.keep_answers(answered))
        self._until(lambda: not any(one.waiting for one in self._do(self._authorities())), _("the time stamps"))
        self._result["time_stamps"] = [
            {"authority": one.name, "simulated": one.simulated, "stamped": one.stamped}
            for one in self._do(self._authorities())]
        report = self._do(self._core.evidence.verify())
        records = [r for r in self._do(self._core.evidence.list()) if r.sha256]
        kept = [
            {"id": r.id, "kind": r.kind, "sha256": r.sha256, "real_screen": r.real_screen, "secured": r.secured}
            for r in records
        ]
        self._result["evidence"] = {
            "id": records[0].id, "case": records[0].case_id, "sha256": records[0].sha256, "verified": report.intact,
            "records": kept,
        }
        self.claim(records[0].case_id)
        pack = self._do(self._core.evidence.export(self._folder / "evidence.zip"))
        intact = self._do(self._core.evidence.verify(pack)).intact
        self._result["pack"] = {"path": str(pack), "intact": intact}
        self._say(_("Records verified: {n}; the pack {pack} verifies too.").format(n=report.records, pack=pack.name))
        for one in self._do(self._authorities()):
            self._say(_("Time stamps: {n}, by {name}. It is simulated and proves nothing.").format(
                n=one.stamped, name=one.name))
        self.read(records[0].id)

    def read(self, record_id: str) -> None:
        """Say what was read in the capture, if that is done by now: nothing waits for it."""
        told = self._do(self._core.reading.of(record_id)) if self._core.reading is not None else None
        if told is not None and told.text:
            n = len(told.text.split())
            self._say(ngettext("Read in the capture by a machine: {n} word, which a search finds.",
                               "Read in the capture by a machine: {n} words, which a search finds.", n).format(n=n))

    def claim(self, case_id: str) -> None:
        """The case in the form of one claims desk, looked at where it was written."""
        binder = self._core.binder
        if binder is None:
            return
        work = binder.compile(case_id, DESK, REASON, self._folder / f"{DESK}-form")
        report = self._thread.run(work, 5 * WAIT)
        found = {path.name: path.read_bytes() for path in (report.path / "files").glob("*")}
        told = {file.name: file.sha256 for file in report.files}
        self._result["form"] = {
            "desk": report.desk, "reason": report.reason, "path": str(report.path),
            "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in report.files],
            "left_out": [{"title": one.title, "reason": one.reason} for one in report.left_out],
            "intact": told == {name: hashlib.sha256(content).hexdigest() for name, content in found.items()},
        }
        self._say(_("The case in the form of {desk}: files {n}, {left} left out with a reason.").format(
            desk=DESK, n=len(report.files), left=len(report.left_out)))

    def _sealed(self, case_id: str, step_id: str) -> str:
        """The record of a step, "" while there is none."""
        course = self._do(self._core.playbooks.of(case_id)) if self._core.playbooks is not None else None
        return next((step.record_id for step in course.steps if step.id == step_id), "") if course is not None else ""

    async def _authorities(self) -> tuple[AuthorityView, ...]:
        return await self._core.authorities.list() if self._core.authorities is not None else ()

    # -- small helpers ------------------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.run(work, WAIT)

    def _until(self, fact: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + WAIT
        while not fact():
            if time.monotonic() > deadline:
                raise TimedOut(_("The demo waited too long for {what}.").format(what=what), _("Try again."))
            time.sleep(0.1)

    async def _refresh_all(self) -> list[Panel]:
        return await asyncio.gather(*(self._core.verification.refresh(row.id) for row in self._rows))

    def _all_rows(self) -> tuple[ConversationRow, ...]:
        return self._do(self._core.inbox.page(ListQuery(queue="all", limit=500))).rows

    def _count_messages(self) -> int:
        rows = self._all_rows()
        return sum(len(self._do(self._core.inbox.conversation(row.id)).messages) for row in rows)

    def _scripts_with_reply(self) -> list[Script]:
        return [each for each in script.scripts() if each.reply]

    def _row_of(self, wanted: Script) -> ConversationRow:
        subject = script.fill(wanted.subject, self._now, wanted.language)
        return next(row for row in self._rows if row.subject == subject)

    def _written(self, answered: Script, row: ConversationRow) -> Draft:
        draft = self._do(self._core.drafts.load(row.id, Mode.REPLY))
        return replace(draft, body=script.reply_text(answered, self._now), target_language=answered.language)

    def _with_exhibit(self, draft: Draft, record: RecordView | None) -> Draft:
        if record is None:
            return draft
        _name, mime, content = self._do(self._core.evidence.file(record.id))
        name = f"capture-{record.sequence}.png"
        attach = self._core.drafts.attach(draft.conversation_id, name, mime, content, record.id)
        return replace(draft, files=(self._do(attach),))

    def _state(self, outgoing: Outgoing) -> Delivery:
        view = self._do(self._core.inbox.conversation(outgoing.conversation_id))
        return next(m.delivery for m in view.messages if m.message_id == outgoing.message_id)

    def _arrived(self, outgoing: Outgoing) -> int:
        """How many times the SMTP server took this reply."""
        return sum(message_id == outgoing.message_id for message_id, _raw in self._world.mail.received)

    def _synced(self) -> Any:
        for _try in range(5):
            try:
                return self._do(self._core.sync.run())
            except ConnectError:
                time.sleep(0.5)
        return self._do(self._core.sync.run())

    def _secured(self) -> int:
        return sum(record.secured for record in self._do(self._core.evidence.list()))
