"""Dovecot from the system's packages, started with a configuration of our own on free loopback ports."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support.mail import ADDRESS, PASSWORD, free_port, make_certificate, until

BINARY = shutil.which("dovecot") or next((p for p in ("/usr/sbin/dovecot",) if Path(p).exists()), "")
MISSING = "Dovecot is not installed (apt-get install dovecot-imapd)"

_CONFIG = """
protocols = imap
base_dir = {run}
state_dir = {run}/state
log_path = {root}/log
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_dh =
mail_location = maildir:{root}/mail/%u
mail_fsync = never
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {root}/passwd
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
namespace inbox {{
  inbox = yes
  mailbox "Gesendete Post" {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """Start it, use `port` (clear text and STARTTLS) or `tls_port` with `certificate` as authority, stop it."""

    sent_folder = "Gesendete Post"

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="dv-"))  # short: its sockets' paths are limited
        self.port, self.tls_port = free_port(), free_port()
        self.certificate, key = make_certificate(self.root)
        self._process: subprocess.Popen[bytes] | None = None
        self._write(key)

    def _write(self, key: Path) -> None:
        mine = pwd.getpwuid(os.getuid())
        is_root = mine.pw_uid == 0
        worker = pwd.getpwnam("dovecot") if is_root else mine
        login = "dovenull" if is_root else mine.pw_name
        (self.root / "mail").mkdir()
        self.root.chmod(0o755)
        if is_root:
            os.chown(self.root / "mail", worker.pw_uid, worker.pw_gid)
        (self.root / "passwd").write_text(f"{ADDRESS}:{PASSWORD}\n")
        self._config = self.root / "conf"
        self._config.write_text(
            _CONFIG.format(
                root=self.root,
                run=self.root / "run",
                internal=worker.pw_name,
                internal_group=grp.getgrgid(worker.pw_gid).gr_name,
                login=login,
                certificate=self.certificate,
                key=key,
                uid=worker.pw_uid,
                gid=worker.pw_gid,
                port=self.port,
                tls_port=self.tls_port,
            )
        )

    def start(self) -> None:
        self._process = subprocess.Popen(
            [BINARY, "-F", "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if not until(self._answers, 10):
            raise RuntimeError(f"Dovecot did not start: {self._log()}")

    def _answers(self) -> bool:
        try:
            client = imaplib.IMAP4("127.0.0.1", self.port, timeout=2)
            client.login(ADDRESS, PASSWORD)
            client.logout()
        except (OSError, imaplib.IMAP4.error):
            return False
        return True

    def _log(self) -> str:
        log = self.root / "log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else "no log"

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
        shutil.rmtree(self.root, ignore_errors=True)
