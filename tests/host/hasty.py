"""The command line with small parts and leases of a few seconds: ``hasty.py SECONDS serve …``.

What a killed worker held is then taken over within seconds, rather than minutes.
"""

import sys
from datetime import timedelta
from functools import partial

from closient_export import host
from closient_export.cli import run
from closient_export.service import Settings

if __name__ == "__main__":
    lease = timedelta(seconds=float(sys.argv.pop(1)))
    settings = partial(host.HostSettings, exports=Settings(part_size=200, lease=lease))
    setattr(host, "HostSettings", settings)  # noqa: B010 - a name of a class is not for this
    run()
