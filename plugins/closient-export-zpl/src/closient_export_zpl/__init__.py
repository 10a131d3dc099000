"""GS1 labels in ZPL II, the language of Zebra's printers.

Commands and escapes are those of Zebra's *Programming Guide for ZPL II*.
"""

from closient_export_zpl.config import ZplConfig
from closient_export_zpl.renderer import ZplRenderer

__all__ = ["ZplConfig", "ZplRenderer"]
