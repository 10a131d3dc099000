"""How often a key may call: a bucket of tokens that fills up steadily."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from attrs import field, frozen, validators

__all__ = ["Allowance", "RateLimit", "RateLimits"]

_MOST_BUCKETS = 100_000


@frozen(kw_only=True)
class RateLimit:
    """So many calls in so many seconds, all at once if need be."""

    calls: int = field(default=3000, validator=validators.ge(1))
    seconds: int = field(default=60, validator=validators.ge(1))


@frozen(kw_only=True)
class Allowance:
    """What a caller may still do, and the headers that say so.

    The headers are those of draft-ietf-httpapi-ratelimit-headers.
    """

    limit: RateLimit
    left: int
    full_in: int
    """Seconds until nothing counts any more."""
    wait: int
    """Seconds until the next call; 0 if this one may pass."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of any answer to a caller with a key."""
        told = {
            "RateLimit-Policy": f'"key";q={self.limit.calls};w={self.limit.seconds}',
            "RateLimit": f'"key";r={self.left};t={self.full_in}',
        }
        return told | ({"Retry-After": str(self.wait)} if self.wait else {})


class RateLimits:
    """The buckets of one process."""

    def __init__(self, limit: RateLimit, now: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._now = now
        self._lock = Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """By key: how many tokens there were, and when."""

    def take(self, key: str) -> Allowance:
        """Count a call of a key."""
        limit, now = self._limit, self._now()
        pace = limit.calls / limit.seconds
        with self._lock:
            tokens, then = self._buckets.pop(key, (float(limit.calls), now))
            tokens = min(limit.calls, tokens + (now - then) * pace)
            passes = tokens >= 1
            tokens -= passes
            self._buckets[key] = (tokens, now)
            if len(self._buckets) > _MOST_BUCKETS:
                self._buckets.popitem(last=False)
        return Allowance(
            limit=limit,
            left=math.floor(tokens),
            full_in=math.ceil((limit.calls - tokens) / pace),
            wait=0 if passes else max(1, math.ceil((1 - tokens) / pace)),
        )
