"""Addresses for downloads that carry their own proof, checked by the host that serves the files."""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

from attrs import Attribute, field, frozen

from closient_export.adapters.artifact_keys import checked_key
from closient_export.errors import SignatureError, shown

__all__ = ["HmacUrlSigner", "SignedFile", "checked_media_type", "content_disposition"]

_PURPOSE = b"closient-export download 1"
"""Part of what is signed, so that a signature made for anything else with the same secret fails."""
_NAMES = ("key", "owner", "filename", "type", "expires", "by", "signature")
_LONGEST_TEXT = 255
_LONGEST_QUERY = 16_384
_SHORTEST_SECRET = 32
_LAST_SECOND = 99_999_999_999
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BASE_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?")
_TOKEN = r"[A-Za-z0-9!#$&^_.+-]+"  # noqa: S105
_MEDIA_TYPE = re.compile(rf"(?=.{{1,127}}\Z){_TOKEN}/{_TOKEN}(?:; ?{_TOKEN}={_TOKEN})*")
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    '/\\\\:*?"<>|'  # what file systems keep for themselves
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"  # what turns or hides text, ends lines
    "\ud800-\udfff]"  # halves of characters
)
_UNQUOTABLE = re.compile(r"[^ -~]|[\"%\\]")
_INVALID = "the address was not signed here, was changed, or has expired"


def content_disposition(filename: str) -> str:
    r"""The header that makes a browser save what it gets, under a name (RFC 6266, RFC 8187).

    Nothing in the name can end the header or leave the folder: what is no part of a plain file
    name becomes an underscore. Readers that know only ASCII get a name in ASCII.

    >>> content_disposition("Étiquettes 2027.zip")
    'attachment; filename="_tiquettes 2027.zip"; filename*=UTF-8\'\'%C3%89tiquettes%202027.zip'
    >>> content_disposition("../x\r\nSet-Cookie: a=1")
    'attachment; filename="_x__Set-Cookie_ a=1"; filename*=UTF-8\'\'_x__Set-Cookie_%20a%3D1'
    """
    name = _UNWANTED.sub("_", filename).strip(". ")
    if not name:
        return "attachment"
    plain = _UNQUOTABLE.sub("_", name)
    encoded = quote(name, safe="!#$&+-.^_`|~")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def checked_media_type(media_type: str) -> str:
    """The same media type.

    Raises:
        ValueError: it is none, such as one that would end its header.
    """
    if _MEDIA_TYPE.fullmatch(media_type):
        return media_type
    raise ValueError(f"expected a media type such as application/zip, got {shown(media_type)}")


@frozen(kw_only=True)
class SignedFile:
    """What an address gives access to."""

    key: str
    """Of an artifact store."""
    owner: str
    filename: str
    media_type: str
    expires_at: datetime
    """In UTC, in whole seconds."""

    @property
    def job_id(self) -> str:
        """Of the job that has made it, as `closient_export.service` names artifacts."""
        return self.key.split("/")[1]

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer: a download, kept in no cache, whose type nobody guesses."""
        return {
            "Content-Type": self.media_type,
            "Content-Disposition": content_disposition(self.filename),
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        }


def _check_base_url(_: object, __: "Attribute[str]", value: str) -> None:
    if not _BASE_URL.fullmatch(value):
        wanted = "https:// with a host and a path, without user, query or fragment"
        raise ValueError(f"base_url: expected {wanted}, got {shown(value)}")


def _check_keys(_: object, __: "Attribute[Any]", value: Mapping[str, Any]) -> None:
    for key_id, secret in value.items():
        if not _KEY_ID.fullmatch(key_id):
            raise ValueError(f"keys: expected ids of letters, digits and _-, got {shown(key_id)}")
        if not isinstance(secret, bytes) or len(secret) < _SHORTEST_SECRET:
            raise ValueError(f"keys: expected {_SHORTEST_SECRET} random bytes or more as {key_id}")


def _copy(keys: Mapping[str, bytes]) -> dict[str, bytes]:
    return dict(keys)


@frozen(eq=False)
class HmacUrlSigner:
    """A `closient_export.ports.UrlSigner` for files that the host itself serves.

    Args:
        base_url: Where the host serves them, such as ``https://acme.example/downloads``.
        keys: Secrets of 32 random bytes or more, by ids that may be seen.
        current: The id of the one that signs; the others are still good for checking.

    >>> signer = HmacUrlSigner("https://acme.example/get", {"2027": bytes(32)}, current="2027")
    >>> url = signer.sign(
    ...     "artifacts/a/1.zip",
    ...     owner="acme",
    ...     filename="labels.zip",
    ...     media_type="application/zip",
    ...     expires_at=datetime(2027, 3, 1, 12, 15, tzinfo=UTC),
    ... )
    >>> signer.verify(url, datetime(2027, 3, 1, 12, 14, 59, tzinfo=UTC)).key
    'artifacts/a/1.zip'
    """

    base_url: str = field(validator=_check_base_url)
    _keys: Mapping[str, bytes] = field(converter=_copy, validator=_check_keys, repr=False)
    current: str = field()

    @current.validator
    def _check_current(self, _: "Attribute[str]", value: str) -> None:
        if value not in self._keys:
            raise ValueError(f"current: expected the id of one of the keys, got {shown(value)}")

    def sign(
        self, key: str, *, owner: str, filename: str, media_type: str, expires_at: datetime
    ) -> str:
        """An address that is good before `expires_at`, which counts in whole seconds.

        Raises:
            ValueError: a value cannot be part of an address: it is too long, the filename or the owner
                is not text that UTF-8 can write, or the time has no timezone.
        """
        for name, text in (("owner", owner), ("filename", filename)):
            if len(text) > _LONGEST_TEXT:
                raise ValueError(f"{name}: expected {_LONGEST_TEXT} characters or fewer")
        if not 0 <= _timestamp(expires_at) <= _LAST_SECOND:
            raise ValueError("expires_at: expected a time between 1970 and 5138")
        file = SignedFile(
            key=key,
            owner=owner,
            filename=filename,
            media_type=media_type,
            expires_at=expires_at,
        )
        return f"{self.base_url}?{self._query(file, self.current)}"

    def _query(self, file: SignedFile, key_id: str) -> str:
        """The one query that stands for a file: what differs from it in any byte is not valid."""
        texts = (
            checked_key(file.key),
            file.owner,
            file.filename,
            checked_media_type(file.media_type),
            str(_timestamp(file.expires_at)),
            key_id,
        )
        parts = [_PURPOSE, *(text.encode() for text in texts)]
        message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        digest = hmac.digest(self._keys[key_id], message, "sha256")
        signature = urlsafe_b64encode(digest).rstrip(b"=").decode()
        pairs = zip(_NAMES, (*texts, signature), strict=True)
        return "&".join(f"{name}={quote(text, safe='')}" for name, text in pairs)

    def verify(self, url_or_query: str, now: datetime) -> SignedFile:
        """What an address that somebody came with gives access to.

        Args:
            url_or_query: All of the address, or its query alone as the browser has sent it, which
                is what a host behind a proxy has. It must not be decoded and encoded again.
            now: The time, with a timezone.

        Raises:
            SignatureError: it gives access to nothing; why is not said.
        """
        moment = _timestamp(now)
        base, mark, query = url_or_query.rpartition("?")
        short = len(query) <= _LONGEST_QUERY and query.isascii()
        if not short or (mark and base != self.base_url):
            raise SignatureError(_INVALID)
        try:
            file, key_id = _parsed(query)
            expected = self._query(file, key_id)
        except (ValueError, KeyError):
            raise SignatureError(_INVALID) from None
        if not hmac.compare_digest(expected, query) or moment >= _timestamp(file.expires_at):
            raise SignatureError(_INVALID)
        return file


def _timestamp(moment: datetime) -> int:
    """Whole seconds since 1970, the started one left out."""
    if moment.tzinfo is None:
        raise ValueError("expected a time with a timezone")
    since = moment - datetime.fromtimestamp(0, UTC)
    return since.days * 86_400 + since.seconds


def _parsed(query: str) -> tuple[SignedFile, str]:
    """What a query says, and the id of the key that it names.

    Raises:
        ValueError: it says nothing.
    """
    values = []
    for name, pair in zip(_NAMES, query.split("&"), strict=True):
        found, _, text = pair.partition("=")
        if found != name:
            raise ValueError(name)
        values.append(unquote(text, errors="strict"))
    key, owner, filename, media_type, expires, key_id, _ = values
    file = SignedFile(
        key=key,
        owner=owner,
        filename=filename,
        media_type=media_type,
        expires_at=datetime.fromtimestamp(_seconds(expires), UTC),
    )
    return file, key_id


def _seconds(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,11}", text):
        raise ValueError("expected a number of seconds")
    return int(text)
