"""Who looks at the pages: a cookie that the host has signed, and what proves a form to be its own."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from attrs import frozen

__all__ = ["LIFETIME", "Session", "Sessions"]

LIFETIME = timedelta(hours=12)
_PURPOSE = b"closient-export: sessions of the pages, 1"
_TEXT = re.compile(r"([0-9A-Za-z]{0,64})\.([0-9]{1,12})\.([0-9A-Za-z_-]{22})\.([0-9A-Za-z_-]{43})")


@frozen(kw_only=True)
class Session:
    """What the cookie says. It is good until then, unless its key is revoked."""

    key_id: str
    """Of the API key that somebody signed in with; empty before."""
    until: int
    """In seconds since 1970."""
    nonce: str
    """Tells it from every other session."""

    @property
    def content(self) -> str:
        """What is signed."""
        return f"{self.key_id}.{self.until}.{self.nonce}"


class Sessions:
    """Begins sessions and recognises them; nothing is kept of them but the cookie."""

    def __init__(self, host_secrets: Mapping[str, bytes], clock: Callable[[], datetime]) -> None:
        (secret,) = host_secrets.values()
        # Of its own, so that no signature made for something else is good here.
        self._secret = hmac.digest(secret, _PURPOSE, hashlib.sha256)
        self._clock = clock

    def begin(self, key_id: str = "") -> Session:
        """A new session."""
        until = int((self._clock() + LIFETIME).timestamp())
        return Session(key_id=key_id, until=until, nonce=secrets.token_urlsafe(16))

    def write(self, session: Session) -> str:
        """The text of its cookie."""
        return f"{session.content}.{self._signature('cookie', session)}"

    def read(self, text: str) -> Session | None:
        """The session of a cookie, unless it is over or not from here."""
        found = _TEXT.fullmatch(text)
        if found is None:
            return None
        session = Session(key_id=found[1], until=int(found[2]), nonce=found[3])
        genuine = hmac.compare_digest(self._signature("cookie", session), found[4])
        return session if genuine and self._clock().timestamp() < session.until else None

    def token(self, session: Session) -> str:
        """What the forms of the session's pages carry, and no other site can know."""
        return self._signature("form", session)

    def proves(self, session: Session, token: str) -> bool:
        """Whether a form comes from a page of this session."""
        return hmac.compare_digest(self.token(session).encode(), token.encode("utf-8", "replace"))

    def _signature(self, use: str, session: Session) -> str:
        text = f"{use}\0{session.content}".encode()
        digest = hmac.digest(self._secret, text, hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
