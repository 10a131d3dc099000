"""The reference host: both exports over HTTP, on SQLite or PostgreSQL; needs the extra ``http``.

`create_app` makes the ASGI app of a `Host`; the commands ``serve`` and ``worker`` run it.
"""

from closient_export.host.app import create_app
from closient_export.host.hosting import Host
from closient_export.host.keys import ApiKey, ApiKeys, Permission
from closient_export.host.rate_limits import RateLimit
from closient_export.host.settings import HostLimits, HostSettings, S3Bucket
from closient_export.host.worker import Worker

__all__ = [
    "ApiKey",
    "ApiKeys",
    "Host",
    "HostLimits",
    "HostSettings",
    "Permission",
    "RateLimit",
    "S3Bucket",
    "Worker",
    "create_app",
]
