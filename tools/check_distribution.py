"""Build the distribution once and look at what is in it; use it as installed on every Python here.

python tools/check_distribution.py [--install [--tests TESTS…]]

Writes into dist the sdist and the wheel. With --install the wheel is installed on each Python that is
here, imported, and makes the demo, and an SBOM of what it brings along is written (CycloneDX); with
--tests these tests of the sdist run there, too.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OLDEST = (3, 11)
KINDS = {
    ".css", ".csv", ".html", ".js", ".json", ".jsonld", ".py", ".svg", ".toml", ".tsv", ".typed", ".yaml",
}  # fmt: skip
NEEDED = (
    "py.typed",
    "demo/catalog.csv",
    "demo/chain/master_data.json",
    "host/description/openapi.yaml",
    "renderers/sheets/templates.toml",
    "trace/ess_template.tsv",
)
EXTRAS = "cli,fast,http,sql,testing,verify"
SMOKE = """
import importlib, pkgutil, closient_export
optional = {"celery", "dask", "s3_artifacts", "s3_transfers"}
for module in pkgutil.walk_packages(closient_export.__path__, "closient_export."):
    if module.name.rpartition(".")[2] not in optional | {"__main__"}:
        importlib.import_module(module.name)
assert {name for name in closient_export.__all__ if getattr(closient_export, name) is None} == set()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--tests", nargs="*", default=[])
    options = parser.parse_args()
    shutil.rmtree(options.dist, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        sdist, wheel = build(options.dist, work)
        check_wheel(wheel)
        check_sdist(sdist)
        if options.install:
            for python in pythons():
                use(python, wheel, sdist, options.tests, work)
            write_sbom(wheel, options.dist, work)
    for path in sorted(options.dist.iterdir()):
        print(f"{path.name}: {path.stat().st_size:,} bytes")


def build(dist: Path, work: Path) -> tuple[Path, Path]:
    """The sdist, and the wheel that is built from it as those do who have nothing else."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", dist, cwd=ROOT)
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(work, filter="data")
    (source,) = work.glob("closient_export-*")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", dist, cwd=source)
    (wheel,) = dist.glob("*.whl")
    return sdist, wheel


def check_wheel(wheel: Path) -> None:
    """Nothing but the package, its data and its licences; and all of what git has of it."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    package = {name for name in names if name.startswith("closient_export/")}
    rest = set(names) - package
    strays = [name for name in package if Path(name).suffix not in KINDS]
    require(not strays, f"files of an unexpected kind: {strays}")
    others = [name for name in rest if ".dist-info/" not in name]
    require(not others, f"files outside of the package: {others}")
    tracked = run("git", "ls-files", "src/closient_export", cwd=ROOT).split("\n")
    wanted = {name.removeprefix("src/") for name in tracked if name}
    require(package == wanted, f"differs from the repository: {sorted(package ^ wanted)}")
    missing = [name for name in NEEDED if f"closient_export/{name}" not in package]
    require(not missing, f"missing: {missing}")
    licences = {Path(name).name for name in rest if "/licenses/" in name}
    wanted = {"LICENSE", *(path.name for path in (ROOT / "licenses").iterdir())}
    require(licences == wanted, f"licences: {licences}")


def check_sdist(sdist: Path) -> None:
    """Nothing that git does not have."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tracked = set(run("git", "ls-files", cwd=ROOT).split("\n"))
    strays = {name for name in names - tracked if name not in ("", "PKG-INFO")}
    require(not strays, f"files that are not in the repository: {strays}")


def pythons() -> Iterator[Path]:
    """The oldest supported Python and the newer ones, as far as they are here, each version once."""
    places = [*map(Path, os.environ["PATH"].split(os.pathsep))]
    places += Path.home().glob(".pyenv/versions/*/bin")
    found: dict[str, Path] = {}
    for minor in range(OLDEST[1], 20):
        for place in places:
            path = place / f"python3.{minor}"
            if path.is_file() and "shims" not in place.parts:
                found.setdefault(path.name, path)
    yield from found.values()


def use(python: Path, wheel: Path, sdist: Path, tests: list[str], work: Path) -> None:
    """Install the wheel, import all of it, run the demo; run tests."""
    environment = work / python.name
    run(python, "-m", "venv", environment)
    scripts = environment / "bin"
    wanted = [f"{wheel}[{EXTRAS}]"]
    if tests:
        wanted += PROJECT["dependency-groups"]["test"]
    run(scripts / "python", "-m", "pip", "install", "--quiet", *wanted)
    run(scripts / "python", "-W", "error::SyntaxWarning", "-c", SMOKE, cwd=work)
    run(scripts / "closient-export", "demo", "--out", work / f"{python.name}-demo", cwd=work)
    print(f"{python.name}: installed, imported, demo made and verified", flush=True)
    if tests:
        source = work / sdist.name.removesuffix(".tar.gz")
        shutil.rmtree(source / "src", ignore_errors=True)
        done = run(scripts / "python", "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider",
                   "-o", "testpaths=tests", *tests, cwd=source)  # fmt: skip
        print(f"{python.name}: {done.strip().splitlines()[-1]}", flush=True)


def write_sbom(wheel: Path, dist: Path, work: Path) -> None:
    """What is installed with the wheel and its extras for hosts, component by component."""
    environment = work / "sbom"
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", f"{wheel}[{EXTRAS}]")
    run(sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible",
        "--output-format", "JSON", "--pyproject", ROOT / "pyproject.toml",
        "--output-file", dist / f"{wheel.name.removesuffix('.whl')}.cdx.json", python)  # fmt: skip


def require(condition: bool, otherwise: str) -> None:
    if not condition:
        sys.exit(otherwise)


def run(*command: object, cwd: Path | None = None) -> str:
    """What a command prints; if it fails, so does this, and says why."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    main()
