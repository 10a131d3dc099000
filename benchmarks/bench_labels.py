"""Labels per second and peak memory, beside what a user would write with segno and zipfile.

    python benchmarks/bench_labels.py [COUNT …]      (default: 1000 10000 100000)

Each run is a process of its own, ours and the plain loop in turn on the same catalogue; the table
gives their rates, their peak memory and the ratio of the rates.
"""

import csv
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

GTIN = "09506000134352"


def write_catalog(path: Path, count: int) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["gtin", "lot", "serial"])
        for number in range(count):
            writer.writerow([GTIN, f"L{number // 1000:04d}", f"{number * 7919 % 10**9:09d}"])


def ours(catalog: Path, out: Path) -> None:
    from closient_export.cli import main  # noqa: PLC0415 - each process loads only its own side

    options = ["--scope", "serials", "--type", "qr_codes", "--format", "svg", "--out", str(out)]
    main(["labels", str(catalog), *options], standalone_mode=False)


def plain(catalog: Path, out: Path) -> None:
    """The loop that most people write: no checks, no segments, no manifest."""
    import io  # noqa: PLC0415

    import segno  # noqa: PLC0415

    with catalog.open() as file, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for row in csv.DictReader(file):
            link = f"https://id.gs1.org/01/{row['gtin']}/10/{row['lot']}/21/{row['serial']}"
            svg = io.BytesIO()
            segno.make(link, error="m", micro=False).save(svg, kind="svg", border=4)
            zipped.writestr(f"{row['serial']}.svg", svg.getvalue())


def measure(side: str, catalog: Path, out: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of one side in a process of its own."""
    command = [sys.executable, __file__, side, str(catalog), str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, megabytes = done.stdout.split()[-2:]
    return float(seconds), float(megabytes)


def run_side(side: str, catalog: Path, out: Path) -> None:
    start = time.perf_counter()
    (ours if side == "ours" else plain)(catalog, out)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(seconds, peak)


def main() -> None:
    if sys.argv[1:2] in (["ours"], ["plain"]):
        run_side(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
        return
    counts = [int(text) for text in sys.argv[1:]] or [1000, 10000, 100000]
    print("QR Code SVG ZIP, serials end to end from CSV")
    print(f"{'serials':>9} {'ours/s':>8} {'MB':>6} {'segno+zipfile/s':>16} {'MB':>6} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        catalog, out = Path(folder) / "catalog.csv", Path(folder) / "out.zip"
        for count in counts:
            write_catalog(catalog, count)
            (a, a_mb), (b, b_mb) = (measure(side, catalog, out) for side in ("ours", "plain"))
            print(
                f"{count:>9,} {count / a:>8,.0f} {a_mb:>6,.0f} {count / b:>16,.0f} {b_mb:>6,.0f} "
                f"{b / a:>6.2f}"
            )


if __name__ == "__main__":
    main()
