"""E-mail: IMAP in, SMTP out, archives from files. Also the way Amazon's buyer messages come and go."""

from __future__ import annotations

from workstation.connectors.base import Capability, Metadata
from workstation.kernel.i18n import N_

METADATA = Metadata(
    name="email",
    title=N_("E-mail"),
    capabilities=(Capability.MAIL,),
    documentation="RFC 3501 and RFC 9051 (IMAP), RFC 2177 (IDLE), RFC 5321 (SMTP), RFC 5322, RFC 2045 to 2049 (MIME)",
    secrets=("password",),
)
