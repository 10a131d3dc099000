"""HTTP/1.1 as uvicorn speaks it, within limits on what comes before a body and after it.

Uvicorn itself limits neither how long an address, a header or a trailer is, nor how long one may
take to send them: a caller without a key could fill the memory and keep the processor busy.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["BoundedProtocol"]

_LONGEST = 1 << 16
"""Bytes of a request without any of its body among them."""
_PATIENCE = 20.0
"""Seconds from the beginning of a connection or a request to the end of its headers."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    _passed = 0
    """Bytes since something of a body has come, or another request has begun."""
    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody wants to ask something."""
        super().connection_made(transport)
        self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """They go on."""
        self._passed += len(data)
        super().data_received(data)
        if self._passed > _LONGEST and not self.transport.is_closing():
            self.logger.warning("Headers that are too long.")
            self.send_400_response(f"Expected headers of at most {_LONGEST} bytes.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._passed = 0
        if self._limit is None:
            self._wait_for_headers()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """What follows is a body, if anything."""
        self._wait_no_more()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Some of the body."""
        self._passed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request has come whole."""
        self._passed = 0
        super().on_message_complete()

    def _wait_for_headers(self) -> None:
        self._limit = self.loop.call_later(_PATIENCE, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
