"""The screen as a source of evidence, without a window of our own: X11 through mss.

X11 speaks physical pixels: RandR gives each monitor's rectangle in them and knows no scale, so logical and physical
sizes are equal and the scale is 1 by definition, whatever factor a toolkit draws with. Wayland refuses this road.
"""

from workstation.connectors.base import Capability, Metadata
from workstation.kernel.i18n import N_

METADATA = Metadata(
    name="screen", title=N_("Screen"), capabilities=(Capability.CAPTURE,),
    documentation="X Window System Protocol (GetImage), RandR 1.5, MIT-SHM 1.2",
)
