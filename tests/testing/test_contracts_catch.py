"""Contracts find the faults that are planted in plugins and adapters, and name what they break."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from inspect import getmembers
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import Phase, is_hypothesis_test

from closient_export.testing import contracts

FOLDER = Path(__file__).parent
PLANTED = {
    kind: FOLDER / name
    for name in ("planted.py", "planted_signers.py")
    for kind in re.findall(r"^class (Planted\w+)", (FOLDER / name).read_text("utf-8"), re.MULTILINE)
}
FAULTS = [
    # planted in, found by, named as
    ("PlantedVersion", "test_the_registry_takes_it", "the attributes and methods of its API"),
    ("PlantedClock", "test_the_same_subjects_make_the_same_bytes", "must make the same bytes each time"),
    ("PlantedHash", "test_another_process_makes_the_same_bytes", "another process must make the same bytes, with PYTHONHASHSEED"),
    ("PlantedLocalTime", "test_another_process_makes_the_same_bytes", "TZ=Pacific/Kiritimati"),
    ("PlantedBoundary", "test_bytes_do_not_depend_on_how_subjects_are_cut_into_parts", "must not depend on how"),
    ("PlantedState", "test_a_part_depends_on_its_arguments_alone", "a part must depend on its arguments alone"),
    ("PlantedLitter", "test_no_file_is_left_open_or_behind", "no file may be left behind, found tmp"),
    ("PlantedOpenFile", "test_no_file_is_left_open_or_behind", "no file may be left open"),
    ("PlantedName", "test_each_kind_of_hostile_text_is_drawn_or_counted", "member names must be safe, got"),
    ("PlantedTwin", "test_each_kind_of_hostile_text_is_drawn_or_counted", "member names must differ in more than case"),
    ("PlantedEncoding", "test_each_kind_of_hostile_text_is_drawn_or_counted", "must not crash a renderer, got UnicodeEncodeError("),
    ("PlantedMarkup", "test_each_kind_of_hostile_text_is_drawn_or_counted", "files of SVG must be well-formed, whatever text is in them: "),
    ("PlantedJson", "test_each_kind_of_hostile_text_is_drawn_or_counted", "files of JSON must be well-formed, whatever text is in them: "),
    ("PlantedQuote", "test_a_failure_is_safe_to_show", "quote no identifiers: it has the lot, got"),
    ("PlantedQuotedName", "test_a_failure_is_safe_to_show", "quote no identifiers: it has the product name, got"),
    ("PlantedState", "test_the_same_subjects_make_the_same_bytes", "the first member that differs is '0"),
    ("PlantedCrash", "test_what_cannot_be_drawn_is_counted_and_does_not_raise", "must not raise, got IndexError"),
    ("PlantedGap", "test_the_artifact_is_what_its_manifest_says", "a manifest must have a row for each of"),
    ("PlantedLambda", "test_renderer_knobs_and_parts_can_be_pickled", "must go through a pickle"),
    ("PlantedType", "test_extension_media_type_and_content_belong_together", ".pdf is application/pdf, got application/zip"),
    ("PlantedKnob", "test_no_value_of_a_knob_is_a_crash", "must be refused with problems, got ZeroDivisionError"),
    ("PlantedSilence", "test_an_output_that_fails_is_told_and_leaves_nothing_behind", "an error of the output must be told"),
    ("PlantedSeek", "test_parts_come_once_and_the_output_need_not_be_seekable", "the output need not be seekable"),
    ("PlantedHeavy", "test_loading_it_imports_nothing_heavy", "loading Right imports zipfile"),
    ("PlantedClockInWriter", "test_the_same_report_makes_the_same_bytes", "the bytes must depend on the report alone"),
    ("PlantedOrderInWriter", "test_another_process_makes_the_same_bytes", "another process must write a salad kit alike"),
    ("PlantedAlphabetInWriter", "test_it_writes_what_it_must_hold", "refused with a TraceWriterError, got UnicodeEncodeError"),
    ("PlantedLitterInWriter", "test_no_file_is_left_open_or_behind", "no file may be left behind"),
    ("PlantedSilenceInWriter", "test_it_writes_what_it_must_hold", "no bytes at all only of a report without rows"),
    ("PlantedSilenceInArchive", "test_it_writes_what_it_must_hold", "got none of nothing as application/zip"),
    ("PlantedSilenceInJson", "test_it_writes_what_it_must_hold", "got none of nothing as application/vnd.acme+json"),
    ("PlantedRefusal", "test_it_writes_what_it_must_hold", "must write a report of nothing, got a TraceWriterError"),
    ("PlantedLostReceipt", "test_the_first_receipt_of_a_part_counts", "no receipt may be lost"),
    ("PlantedLostUpdate", "test_a_change_of_an_older_revision_is_refused", "DID NOT RAISE"),
    ("PlantedLostUpdate", "test_of_many_who_change_a_job_at_once_one_wins", "exactly one of them may win"),
    ("PlantedForeignEntities", "test_owners_do_not_see_each_other", "an answer must hold entities of one owner alone"),
    ("PlantedDrift", "test_a_snapshot_stays_whatever_is_printed_or_added", "a snapshot must select the same"),
    ("PlantedDrift", "test_what_is_printed_is_passed_over_from_then_on", "a snapshot must select the same"),
    ("PlantedLotCode", "test_a_lot_is_one_of_its_owner_and_of_its_gtin", "must narrow serials to those of the lots' GTIN and lot together"),
    ("PlantedForeignLot", "test_a_lot_is_one_of_its_owner_and_of_its_gtin", "must name lots of the owner alone"),
    ("PlantedLaterLot", "test_a_lot_that_is_added_later_selects_nothing_of_a_snapshot", "must not select the serials of a lot that was added later"),
    ("PlantedLotOfProduct", "test_products_are_of_no_lot", "products are of no lot and no run"),
    ("PlantedWideRange", "test_a_range_holds_no_more_than_is_asked_for", "a plan must be cut into ranges of 3 at most"),
    ("PlantedEagerNote", "test_what_is_printed_is_passed_over_from_then_on", "nor the indexes of a range that failed: expected serials"),
    ("PlantedEagerNote", "test_two_jobs_that_overlap_are_noted_both", "what either job has printed must be noted"),
    ("PlantedLastPrinting", "test_a_subject_is_the_same_each_time_it_is_read", "a subject must be told as of its snapshot"),
    ("PlantedHalfFile", "test_any_history_is_that_of_the_store_in_memory", "the store must answer as the one in memory"),
    ("PlantedHalfFile", "test_nothing_is_visible_before_the_end", "a file must not be visible before it is whole"),
    ("PlantedHalfFile", "test_a_block_that_fails_leaves_nothing", "a block that fails must leave no file"),
    ("PlantedHalfFile", "test_it_behaves_like_the_store_in_memory", "the store must behave like the one in memory"),
    ("PlantedOverwriting", "test_a_key_is_written_once", "a key must be written once"),
    ("PlantedMissingEvent", "test_it_answers_what_the_source_in_memory_answers", "an answer must hold every event that is asked for"),
    ("PlantedMissingEvent", "test_copies_of_an_answer_are_among_it", "must be among the answer"),
    ("PlantedUnsignedKey", "test_two_addresses_cannot_be_made_into_a_third", "must be signed with its key: "),
    ("PlantedUnsignedOwner", "test_two_addresses_cannot_be_made_into_a_third", "must be signed with its owner: "),
    ("PlantedUnsignedExpiry", "test_two_addresses_cannot_be_made_into_a_third", "must be signed with its expires_at: "),
    ("PlantedTrust", "test_two_addresses_cannot_be_made_into_a_third", "must be signed with its media_type: "),
    ("PlantedTrust", "test_no_letter_and_no_digit_can_be_changed", "nothing may be changed in an address: https://"),
    ("PlantedTrust", "test_another_secret_opens_nothing", "must be refused that was signed with another secret"),
    ("PlantedBriefness", "test_no_letter_and_no_digit_can_be_changed", "nothing may be changed in an address: https://"),
    ("PlantedBriefness", "test_nothing_can_be_cut_off", "nothing may be cut off an address: https://"),
    ("PlantedChecksum", "test_another_secret_opens_nothing", "must be refused that was signed with another secret"),
    ("PlantedLastSecond", "test_an_address_is_over_at_its_time_to_the_second", "must be worth nothing once its time is over, at 20"),
    ("PlantedZonelessTime", "test_a_time_without_a_zone_is_refused", "a time without a zone must be refused"),
    ("PlantedWallClock", "test_times_are_moments_in_any_zone", "must end at the same moment in any zone"),
    ("PlantedWallClock", "test_times_are_moments_in_any_zone", "must open its file before its time"),
    ("PlantedLowerCase", "test_any_key_of_a_store_comes_back_whole", "what is signed must come back whole: expected {'key': "),
    ("PlantedAmpersand", "test_each_kind_of_hostile_text_comes_back_whole_or_is_refused", "must open its file before its time, got none of https://"),
    ("PlantedRawText", "test_hostile_text_comes_back_whole_or_is_refused", "of the characters of addresses alone, got 'https://"),
    ("PlantedSalt", "test_a_file_has_the_same_address_each_time", "the same file must have the same address"),
    ("PlantedNewSecret", "test_a_pickled_signer_signs_alike", "must open its file before its time"),
    ("PlantedCrashInSigner", "test_nothing_can_be_cut_off", "must be opened or refused, whatever it is: got ValueError"),
]  # fmt: skip
ALIKE = """
from hypothesis import settings
settings.register_profile("alike", database=None, derandomize=True)
settings.load_profile("alike")
"""
"""What fails, fails each time."""
PROPERTIES = (
    "test_any_key_of_a_store_comes_back_whole",
    "test_any_report_is_written_alike_each_time",
    "test_it_answers_what_the_source_in_memory_answers",
    "test_it_behaves_like_the_store_in_memory",
    "test_it_selects_what_the_source_in_memory_selects",
    "test_knobs_that_json_says_are_those_that_were_meant",
    "test_the_artifact_is_what_its_manifest_says",
)
"""One that Hypothesis finds examples for, of each contract that has some."""
UNHARMED = (
    "PlantedNothing",
    "PlantedNothingInWriter",
    "PlantedNothingInSparseWriter",
    "PlantedNothingInEntities",
    "PlantedNothingInSigner",
)


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], str]:
    """What failed, by class and test, and what was said about it."""
    folder = tmp_path_factory.mktemp("planted")
    (folder / "pytest.ini").write_text("[pytest]\npython_classes = Planted\n")
    (folder / "alike.py").write_text(ALIKE)
    nodes = dict.fromkeys(f"{PLANTED[kind]}::{kind}::{name}" for kind, name, _ in FAULTS)
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-c", "pytest.ini", "--noconftest"),
        *("-p", "no:cacheprovider", "-p", "alike", "--junitxml=report.xml"),
        *nodes,
        *(f"{PLANTED[kind]}::{kind}" for kind in UNHARMED),
    ]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    found: dict[tuple[str, str], str] = {}
    for case in ET.parse(folder / "report.xml").iter("testcase"):  # noqa: S314 - our own
        kind = (case.get("classname") or "").rpartition(".")[2]
        place = kind, (case.get("name") or "").partition("[")[0]
        text = "".join(f"{each.get('message')}\n{each.text}\n" for each in case)
        if text:
            found[place] = found.get(place, "") + text
    return found


@pytest.mark.parametrize(("kind", "test", "obligation"), FAULTS)
def test_a_planted_fault_is_found_and_named(
    failures: Mapping[tuple[str, str], str], kind: str, test: str, obligation: str
) -> None:
    assert (kind, test) in failures
    assert obligation in failures[kind, test]


def test_what_has_no_fault_passes(failures: Mapping[tuple[str, str], str]) -> None:
    assert [place for place in failures if place[0] in UNHARMED] == []


TWO = """
from planted import *
from planted_signers import *

class TestRenderer(PlantedNothing): pass
class TestRendererAgain(PlantedNothing): pass
class TestWriter(PlantedNothingInWriter): pass
class TestWriterAgain(PlantedNothingInWriter): pass
class TestEntities(PlantedNothingInEntities): pass
class TestEntitiesAgain(PlantedNothingInEntities): pass
class TestEvents(PlantedNothingInEvents): pass
class TestEventsAgain(PlantedNothingInEvents): pass
class TestArtifacts(PlantedNothingInArtifacts): pass
class TestArtifactsAgain(PlantedNothingInArtifacts): pass
class TestSigner(PlantedNothingInSigner): pass
class TestSignerAgain(PlantedNothingInSigner): pass
"""


def test_two_subclasses_of_a_contract_pass_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_two.py").write_text(TWO)
    properties = "or ".join(f"{name} " for name in PROPERTIES)
    command = [*(sys.executable, "-m", "pytest", "-q", "--noconftest"), "-k", properties]
    environment = os.environ | {"PYTHONPATH": str(FOLDER)}
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{2 * len(PROPERTIES)} passed" in done.stdout


@pytest.mark.parametrize("contract", contracts.__all__)
def test_a_failure_is_told_as_it_is_found(contract: str) -> None:
    for name, test in getmembers(getattr(contracts, contract)):
        if is_hypothesis_test(test):
            phases = test._hypothesis_internal_use_settings.phases
            assert Phase.shrink not in phases, f"{contract}.{name} takes minutes to fail"
