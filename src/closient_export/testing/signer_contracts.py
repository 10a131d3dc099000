"""What every `closient_export.ports.UrlSigner` must do, as tests for its author.

Needs pytest and Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

import pickle
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_export.errors import shown
from closient_export.ports import UrlSigner
from closient_export.testing.artifact_contracts import artifact_keys
from closient_export.testing.contract_tools import examples, raised
from closient_export.testing.strategies.text import HOSTILE, hostile_text

__all__ = ["UrlSignerContract"]

FILE = {"key": "a1/1.zip", "owner": "acme", "filename": "labels.zip", "media_type": "image/png"}
OTHER = {"key": "b2/2.zip", "owner": "other", "filename": "tags.zip", "media_type": "text/csv"}
SECOND = timedelta(seconds=1)
LIFETIME = timedelta(minutes=15)
_PLAIN = re.compile(r"[A-Za-z0-9:/?\[\]@!$&'()*+,;=._~%-]+")
"""What may stand in an address, and in a header; behind ``#`` no server sees anything."""
_TURNED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "nopqrstuvwxyzabcdefghijklmNOPQRSTUVWXYZABCDEFGHIJKLM5678901234",
)
"""Letters and digits that are far from each other, in any encoding of bytes too."""


class UrlSignerContract:
    """Subclass it as ``Test…``; override the fixtures `signer` and `stranger`, and `opened`."""

    repeats: ClassVar[bool] = True
    """Whether a file has the same address each time that it is signed until the same moment."""
    early: ClassVar[timedelta] = SECOND
    """How long before its time an address may be over; many count in whole seconds."""

    @pytest.fixture
    def signer(self) -> UrlSigner:
        """The signer under test."""
        raise NotImplementedError

    @pytest.fixture
    def stranger(self) -> UrlSigner:
        """One for the same place that has another secret."""
        raise NotImplementedError

    def opened(self, signer: UrlSigner, url: str, now: datetime) -> Mapping[str, str] | None:
        """What is served at an address, by whoever trusts the signer; ``None`` if it is refused.

        Returns:
            The ``key`` of the file, and whatever of ``owner``, ``filename`` and ``media_type`` is
            read off the address.
        """
        raise NotImplementedError

    def test_an_address_opens_its_file(self, signer: UrlSigner) -> None:
        for file in (FILE, OTHER):
            self._check_whole(signer, file)

    @examples(60)
    @given(key=artifact_keys())
    def test_any_key_of_a_store_comes_back_whole(self, signer: UrlSigner, key: str) -> None:
        self._check_whole(signer, FILE | {"key": key})

    @pytest.mark.parametrize("name", FILE)
    @pytest.mark.parametrize("kind", HOSTILE)
    def test_each_kind_of_hostile_text_comes_back_whole_or_is_refused(
        self, signer: UrlSigner, kind: str, name: str
    ) -> None:
        for text in HOSTILE[kind]:
            self._check_whole(signer, FILE | {name: text}, may_refuse=True)

    @examples(40)
    @given(name=st.sampled_from(sorted(FILE)), text=hostile_text())
    def test_hostile_text_comes_back_whole_or_is_refused(
        self, signer: UrlSigner, name: str, text: str
    ) -> None:
        self._check_whole(signer, FILE | {name: text}, may_refuse=True)

    @pytest.mark.parametrize("name", [*FILE, "expires_at"])
    def test_two_addresses_cannot_be_made_into_a_third(self, signer: UrlSigner, name: str) -> None:
        ends = _soon()
        other = OTHER[name] if name in OTHER else ends + timedelta(minutes=71, seconds=6)
        one, two = _signed(signer, FILE, ends), _signed(signer, FILE, ends, **{name: other})
        for url in _crossed(one, two):
            self._check_refused(signer, url, ends, f"what is signed must be signed with its {name}")

    def test_no_letter_and_no_digit_can_be_changed(self, signer: UrlSigner) -> None:
        ends = _soon()
        url = _signed(signer, FILE, ends)
        for place in range(_beginning(signer, ends), len(url)):
            changed = url[:place] + url[place].translate(_TURNED) + url[place + 1 :]
            if changed != url:
                self._check_refused(signer, changed, ends, "nothing may be changed in an address")

    def test_nothing_can_be_cut_off(self, signer: UrlSigner) -> None:
        ends = _soon()
        url = _signed(signer, FILE, ends)
        for length in range(_beginning(signer, ends), len(url.rstrip("="))):
            self._check_refused(signer, url[:length], ends, "nothing may be cut off an address")

    @pytest.mark.parametrize("part", [0, 1, 500_000, 999_999])
    def test_an_address_is_over_at_its_time_to_the_second(
        self, signer: UrlSigner, part: int
    ) -> None:
        whole = _soon()
        ends = whole.replace(microsecond=part)
        url = _signed(signer, FILE, ends)
        self._check_opened(signer, url, FILE, ends - self.early)
        at_the_latest = whole + SECOND if part else whole
        for more in (timedelta(0), timedelta(microseconds=1), SECOND, timedelta(days=400)):
            now = at_the_latest + more
            told = self._told(signer, url, now)
            assert told is None, (
                f"an address must be worth nothing once its time is over, at {ends}; "
                f"at {now} it opened {shown(told)}"
            )

    @pytest.mark.parametrize("hours", [-12, 5.75, 14])
    def test_times_are_moments_in_any_zone(self, signer: UrlSigner, hours: float) -> None:
        zone = timezone(timedelta(hours=hours))
        ends = _soon()
        url = _signed(signer, FILE, ends.astimezone(zone))
        self._check_opened(signer, url, FILE, (ends - self.early).astimezone(zone))
        self._check_opened(signer, url, FILE, ends - self.early)
        for now in (ends, ends.astimezone(zone)):
            assert self._told(signer, url, now) is None, (
                f"an address must end at the same moment in any zone, and opened at {now}"
            )

    def test_a_time_without_a_zone_is_refused(self, signer: UrlSigner) -> None:
        naive = _soon().replace(tzinfo=None)
        error = raised(lambda: _signed(signer, FILE, naive))
        assert error is not None, "a time without a zone must be refused: nobody knows when it is"

    def test_what_was_over_before_it_was_signed_opens_nothing(self, signer: UrlSigner) -> None:
        now = datetime.now(UTC)
        try:
            url = _signed(signer, FILE, now - LIFETIME)
        except ValueError:
            return
        told = self._told(signer, url, now)
        assert told is None, f"an address of the past must open nothing, got {shown(told)}"

    def test_another_secret_opens_nothing(self, signer: UrlSigner, stranger: UrlSigner) -> None:
        ends = _soon()
        ours, theirs = _signed(signer, FILE, ends), _signed(stranger, FILE, ends)
        self._check_opened(stranger, theirs, FILE, ends - LIFETIME / 2)
        wanted = "an address must be refused that was signed with another secret"
        self._check_refused(signer, theirs, ends, wanted)
        self._check_refused(stranger, ours, ends, wanted)
        for url in _crossed(ours, theirs):
            self._check_refused(signer, url, ends, wanted)

    def test_a_file_has_the_same_address_each_time(self, signer: UrlSigner) -> None:
        if not self.repeats:
            pytest.skip("an address of this signer says when it was signed")
        ends = _soon()
        assert _signed(signer, FILE, ends) == _signed(signer, dict(FILE), ends), (
            "the same file must have the same address until the same moment"
        )

    def test_a_pickled_signer_signs_alike(self, signer: UrlSigner) -> None:
        twin = pickle.loads(pickle.dumps(signer))  # noqa: S301 - ours
        ends = _soon()
        theirs = _signed(twin, FILE, ends)
        self._check_opened(signer, theirs, FILE, ends - self.early)
        self._check_opened(twin, _signed(signer, FILE, ends), FILE, ends - self.early)
        if self.repeats:
            assert theirs == _signed(signer, FILE, ends), "a signer must sign alike after a pickle"

    def _told(self, signer: UrlSigner, url: str, now: datetime) -> Mapping[str, str] | None:
        try:
            return self.opened(signer, url, now)
        except Exception as error:
            raise AssertionError(
                f"an address must be opened or refused, whatever it is: got {shown(error)} of {url}"
            ) from error

    def _check_whole(
        self, signer: UrlSigner, file: Mapping[str, str], *, may_refuse: bool = False
    ) -> None:
        ends = _soon()
        error = raised(lambda: _signed(signer, file, ends))
        if error is not None:
            assert may_refuse, f"this must be signed: {shown(file)}; got {shown(error)}"
            assert isinstance(error, ValueError), (
                f"what cannot be signed must be refused with a ValueError, got {shown(error)}"
            )
            return
        url = _signed(signer, file, ends)
        assert _PLAIN.fullmatch(url), (
            f"an address must be of the characters of addresses alone, got {shown(url)}"
        )
        self._check_opened(signer, url, file, ends - LIFETIME / 2)

    def _check_opened(
        self, signer: UrlSigner, url: str, file: Mapping[str, str], now: datetime
    ) -> None:
        told = self._told(signer, url, now)
        assert told is not None, f"an address must open its file before its time, got none of {url}"
        assert "key" in told, f"opened must tell the key at least, got {shown(told)}"
        other = {name: text for name, text in told.items() if text != file[name]}
        assert not other, (
            "what is signed must come back whole: "
            f"expected {shown({name: file[name] for name in other})}, got {shown(other)}"
        )

    def _check_refused(self, signer: UrlSigner, url: str, ends: datetime, wanted: str) -> None:
        told = self._told(signer, url, ends - LIFETIME / 2)
        assert told is None, f"{wanted}: {url} opened {shown(told)}"


def _soon() -> datetime:
    """When addresses end that are signed now."""
    return datetime.now(UTC).replace(microsecond=0) + LIFETIME


def _signed(signer: UrlSigner, file: Mapping[str, str], ends: datetime, **changes: Any) -> str:
    values: dict[str, Any] = {**file, "expires_at": ends, **changes}
    return signer.sign(values.pop("key"), **values)


def _beginning(signer: UrlSigner, ends: datetime) -> int:
    """How long the part of an address is that all addresses have in common."""
    one, two = _signed(signer, FILE, ends), _signed(signer, OTHER, ends)
    return next(place for place, pair in enumerate(zip(one, two, strict=False)) if len({*pair}) > 1)


def _crossed(one: str, two: str) -> Iterator[str]:
    """The beginning of one address and the end of another, wherever they may be cut."""
    for place in range(1, max(len(one), len(two))):
        for url in (one[:place] + two[place:], two[:place] + one[place:]):
            if url not in (one, two):
                yield url
