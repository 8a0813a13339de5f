"""The screen as a source of evidence: who sees it in which session (`choice`), exactly or not at all.

X11 through mss speaks physical pixels: RandR gives each monitor's rectangle in them and knows no scale, so logical and
physical sizes are equal and the scale is 1 by definition, whatever factor a toolkit draws with. Wayland refuses this
road; there the desktop's portal gives one picture of all screens. Windows and macOS have their own back ends. A key for
the whole desktop (`keys_x11`, `keys_portal`, `keys_windows`) and whether the session is seen at all (`session`) belong
to the same place.
"""

from workstation.connectors.base import Capability, Metadata
from workstation.kernel.i18n import N_

METADATA = Metadata(
    name="screen", title=N_("Screen"), capabilities=(Capability.CAPTURE,),
    documentation="X Window System Protocol (GetImage), RandR 1.5, MIT-SHM 1.2, XDG Desktop Portal (Screenshot), EWMH",
)
