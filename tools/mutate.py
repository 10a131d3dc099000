"""Changes the code in one place at a time, and asks the tests whether they notice.

    python tools/mutate.py                      everything below
    python tools/mutate.py jobs gs1/gtin        modules whose path begins so
    python tools/mutate.py gs1/gtin.py:52,55    some lines of one

A mutant that no test notices is printed: write the test, or say why nobody can notice it, in
docs/explanation/mutation-testing.md. No file is changed: each mutant lives in a process of its own, forked from
this one when everything but the library has been imported.
"""

import json
import os
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import pytest
from attrs import define, field
from coverage import CoverageData
from mutations import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "closient_export"
TRACE_TESTS = [
    f"tests/trace/test_{name}.py"
    for name in (
        *("walk", "containment", "ledger", "classify", "rows", "findings", "fda_sample"),
        *("demo_chain", "deliveries", "review", "kdes"),
        *("sheets_of_moved_lots", "sheets_of_new_lots", "initial_packing", "codes_used_again"),
        *("recipients", "same_moves", "one_address", "reused_containers", "borrowed_papers"),
        *("runs_of_several_days", "what_is_harvested", "telling"),
    )
]
AREAS: Mapping[tuple[str, ...], Sequence[str]] = {
    ("gs1/[!_]*.py",): ["tests/gs1"],
    ("gs1/linters/*.py",): ["tests/gs1/test_linters.py", "tests/gs1/test_coupons.py"],
    ("jobs/*.py",): ["tests/test_jobs.py", "tests/test_traceability_jobs.py"],
    ("archive.py",): ["tests/test_archive.py", "-k", "names"],
    (
        *("trace/walk.py", "trace/containment.py", "trace/assembly.py", "trace/deliveries.py"),
        *("trace/kdes.py", "trace/origins.py", "trace/*rows.py", "trace/new_lots.py"),
        *("trace/on_hand.py", "trace/stocks.py", "trace/before_packing.py"),
        *("trace/recipients.py", "trace/same_moves.py", "trace/telling.py"),
    ): TRACE_TESTS,
}
"""Modules, and the tests that judge them."""
EXAMPLES = 30
BYTES = 4 << 30
QUIETLY = [
    *("-qq", "-x", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist"),
    # What the whole suite has in common, servers above all, is none of theirs.
    *("--noconftest", "-o", "pythonpath=tests", "-m", "not reference_data"),
]


@define
class Judge:
    """Some tests, and which of them come by where."""

    tests: Sequence[str]
    near: Mapping[tuple[str, int], Sequence[str]] = field(init=False)
    durations: Mapping[str, float] = field(init=False)

    def __attrs_post_init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.near = self._prepare(Path(folder))
        if self._fails(self.tests):
            raise SystemExit("The tests must pass as mutants are tried, where nothing is changed.")

    def _prepare(self, folder: Path) -> Mapping[tuple[str, int], Sequence[str]]:
        """Run the tests as they are, import what they did from elsewhere, see where they were."""
        data, answer, settings, log = (folder / name for name in ("data", "answer", "rc", "log"))
        settings.write_text(f"[run]\ndata_file = {data}\nsource = {SOURCE}\n")
        options = [f"--cov-config={settings}", "--cov", "--cov-context=test", "--cov-report="]

        def act() -> int:
            print_to(log)
            durations = Durations()
            code = run_tests([*options, *self.tests], durations)
            elsewhere = [
                name
                for name, module in sys.modules.items()
                if "site-packages" in str(getattr(module, "__file__", None))
            ]
            answer.write_text(json.dumps([elsewhere, durations.found]))
            return code

        if in_a_fork(act):
            raise SystemExit(f"{log.read_text()}\nThe tests must pass before anything is changed.")
        modules, self.durations = json.loads(answer.read_text())
        with warnings.catch_warnings(action="ignore"):
            for name in modules:
                with suppress(Exception):  # a few cannot be imported by themselves
                    import_module(name)
        if "closient_export" in sys.modules:
            raise SystemExit("The library has been imported, so no mutant of it would be seen.")
        quickest = sorted(self.durations, key=lambda test: (self.durations[test], test))
        self.tests = quickest
        return {
            place: [test for test in quickest if test in tests] for place, tests in covered(data)
        }

    def notices(self, mutant: Mutant) -> bool:
        """Whether a test fails, or does not end."""
        near = self.near.get((str(mutant.path), mutant.line), ())
        if near and self._fails(near, mutant):
            return True
        # Where an answer is kept for the next test, only the first is known to come by.
        if near and "functools" not in mutant.path.read_text("utf-8"):
            return False
        return self._fails(self.tests, mutant)

    def _fails(self, tests: Sequence[str], mutant: Mutant | None = None) -> bool:
        def act() -> int:
            resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
            print_to(Path(os.devnull))
            if mutant is not None:
                sys.meta_path.insert(0, Overlay(mutant))
            return run_tests(tests, Patience(self.durations))

        return in_a_fork(act) != 0


class Overlay(SourceFileLoader):
    """Finds a mutant where its module is looked for."""

    def __init__(self, mutant: Mutant) -> None:
        parts = mutant.path.relative_to(SOURCE.parent).with_suffix("").parts
        super().__init__(".".join(parts).removesuffix(".__init__"), str(mutant.path))
        self._code = mutant.code

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        return spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, _name: str) -> CodeType:
        return self._code


class Durations:
    """A plugin of pytest: how long each test takes, by its name without parameters."""

    def __init__(self) -> None:
        self.found: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.found[function_of(report.nodeid)] += report.duration  # type: ignore[assignment]


class Patience:
    """A plugin of pytest: ends the process when a test takes several times as long as before."""

    def __init__(self, durations: Mapping[str, float]) -> None:
        self.durations = durations

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        seconds = time.process_time() + 5 + 3 * self.durations[function_of(item.nodeid)]
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), hard))


def function_of(test: str) -> str:
    """The name of a test without its parameters, and without what coverage puts behind it."""
    return test.partition("|")[0].partition("[")[0]


def print_to(path: Path) -> None:
    """Send there what this process and those that it starts print from now on."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.dup2(file, 1)
    os.dup2(file, 2)


def covered(data: Path) -> Iterator[tuple[tuple[str, int], set[str]]]:
    """By file and line, the tests that come by."""
    measured = CoverageData(str(data))
    measured.read()
    for path in measured.measured_files():
        for line, contexts in measured.contexts_by_lineno(path).items():
            yield (path, line), {function_of(context) for context in contexts if context}


def run_tests(arguments: Sequence[str], *plugins: object) -> int:
    """Run pytest here, with the same examples each time, and none made smaller."""
    from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415 - it is slow to import

    settings.register_profile(
        "mutants",
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    return int(pytest.main([*QUIETLY, "--hypothesis-profile=mutants", *arguments], plugins))


def in_a_fork(act: Callable[[], int]) -> int:
    """The exit code of what a process of its own does; negative, the signal that ended it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = act()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(wanted: Sequence[str]) -> int:
    os.chdir(ROOT)
    os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"  # the library is one
    survivors = 0
    for patterns, tests in AREAS.items():
        judge = None
        for path in sorted(path for pattern in patterns for path in SOURCE.glob(pattern)):
            name = str(path.relative_to(SOURCE))
            chosen = [each for each in wanted if name.startswith(each.partition(":")[0])]
            if wanted and not chosen:
                continue
            lines = {
                int(line) for each in chosen for line in each.partition(":")[2].split(",") if line
            }
            judge = judge or Judge(tests)
            began, total, survived = time.monotonic(), 0, 0
            for mutant in mutants(path):
                if not lines or mutant.line in lines:
                    total += 1
                    if not judge.notices(mutant):
                        survived += 1
                        print(f"  {mutant}", flush=True)
            survivors += survived
            print(
                f"{name}: {total - survived} of {total} in {time.monotonic() - began:.0f} s",
                flush=True,
            )
    return min(survivors, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
