"""Labels per second and peak memory, beside what a user would write with segno and zipfile.

    python benchmarks/bench_labels.py [COUNT …]      (default: 1000 10000 100000)

Each run is a process of its own, ours and the plain loop in turn on the same catalogue; the tables
give their rates, their peak memory and the ratio of the rates: QR Codes as SVG in a ZIP, and sheets
of 63 QR labels as PDF beside reportlab with a rectangle for each module.
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


def ours(catalog: Path, out: Path, export_type: str, file_format: str) -> None:
    from closient_export.cli import main  # noqa: PLC0415 - each process loads only its own side

    options = ["--scope", "serials", "--type", export_type, "--format", file_format]
    main(["labels", str(catalog), *options, "--out", str(out)], standalone_mode=False)


def ours_zip(catalog: Path, out: Path) -> None:
    ours(catalog, out, "qr_codes", "svg")


def ours_sheets(catalog: Path, out: Path) -> None:
    ours(catalog, out, "sheet_pdf", "pdf")


def plain_sheets(catalog: Path, out: Path) -> None:
    """A page of 7 by 9 QR Codes at a time, a rectangle for each dark module."""
    import segno  # noqa: PLC0415
    from reportlab.lib.units import mm  # noqa: PLC0415
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    canvas = Canvas(str(out), pagesize=(215.9 * mm, 279.4 * mm))
    with catalog.open() as file:
        for number, row in enumerate(csv.DictReader(file)):
            link = f"https://id.gs1.org/01/{row['gtin']}/10/{row['lot']}/21/{row['serial']}"
            code = segno.make(link, error="m", micro=False)
            place = number % 63
            if number and place == 0:
                canvas.showPage()
            left = (9.525 + place % 7 * 28.575 + 4) * mm
            top = (279.4 - 12.7 - place // 7 * 28.575 - 4) * mm
            x = 0.43 * mm
            for y, modules in enumerate(code.matrix):
                for column, module in enumerate(modules):
                    if module:
                        canvas.rect(left + column * x, top - (y + 1) * x, x, x, stroke=0, fill=1)
            canvas.setFont("Helvetica", 5)
            canvas.drawString(left, top - 45 * x, f"SER {row['serial']}")
    canvas.save()


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


SIDES = {
    "ours-zip": ours_zip,
    "plain-zip": plain,
    "ours-sheets": ours_sheets,
    "plain-sheets": plain_sheets,
}


def run_side(side: str, catalog: Path, out: Path) -> None:
    start = time.perf_counter()
    SIDES[side](catalog, out)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(seconds, peak)


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in SIDES:
        run_side(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
        return
    counts = [int(text) for text in sys.argv[1:]] or [1000, 10000, 100000]
    with tempfile.TemporaryDirectory() as folder:
        catalog, out = Path(folder) / "catalog.csv", Path(folder) / "out"
        for title, work in (
            ("QR Code SVG ZIP, serials end to end from CSV; peer: segno + zipfile", "zip"),
            ("63-up QR sheets with text, end to end from CSV; peer: segno + reportlab", "sheets"),
        ):
            print(title)
            print(
                f"{'serials':>9} {'ours/s':>8} {'MB':>6} {'file MB':>8} {'peer/s':>8} {'MB':>6} {'file MB':>8} {'ratio':>6}"
            )
            for count in counts:
                write_catalog(catalog, count)
                row = f"{count:>9,}"
                times = []
                for side in ("ours", "plain"):
                    seconds, megabytes = measure(f"{side}-{work}", catalog, out)
                    times.append(seconds)
                    size = out.stat().st_size / 1e6
                    row += f" {count / seconds:>8,.0f} {megabytes:>6,.0f} {size:>8.1f}"
                print(f"{row} {times[1] / times[0]:>6.2f}", flush=True)


if __name__ == "__main__":
    main()
