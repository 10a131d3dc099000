"""Generate the catalogue that ``closient-export demo`` labels.

    python tools/generate_demo_catalog.py

A fresh-cut salad plant and a fish smokehouse, plausible and invented: the GTINs are from the
prefix range that GS1 keeps for examples (952). One lot has a ``#``, which GS1 does not allow in a
lot, as real catalogues do.
"""

import csv
import random
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import shortuuid

TARGET = Path(__file__).resolve().parent.parent / "src/closient_export/demo/catalog.csv"
COLUMNS = (
    "gtin", "lot", "serial", "product_name", "brand", "expiry", "best_before",
    "production_date", "lot_run_id", "printed_at", "id",
)  # fmt: skip
PRODUCTS = (
    # GTIN without check digit, name, brand, lot pattern, days of shelf life, serials in a lot
    ("952012345670", "Romaine hearts, 3 pack", "Salinas Ridge", "RH{day:%y%j}-{run}", 12, 6),
    ("952012345671", "Baby spinach 142 g", "Salinas Ridge", "BS/{day:%y%j}/{run}", 10, 6),
    ("952012345672", "Chopped Caesar kit, 312 g", "Salinas Ridge", "CK{day:%y%j}{run}", 14, 7),
    (
        "952098765430",
        "Cold-smoked sockeye, 113 g",
        "Pêcherie du Nord",
        "SS.{day:%m%d}.{run}",
        35,
        7,
    ),
    (
        "952098765431",
        "Hot-smoked trout fillet",
        "Pêcherie du Nord",
        "trout-{day:%m%d}-{run}",
        28,
        6,
    ),
    ("1952012345670", "Romaine hearts, case of 12", "Salinas Ridge", "RH{day:%y%j}-{run}C", 12, 0),
)
FIRST_DAY = date(2026, 9, 14)


def check_digit(digits: str) -> str:
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def main() -> None:
    random.seed(952)

    def short_id() -> str:
        return shortuuid.encode(uuid.UUID(int=random.getrandbits(128), version=4))

    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        for number, (body, name, brand, pattern, life, serials) in enumerate(PRODUCTS):
            gtin = body + check_digit(body)
            for batch in range(7):
                day = FIRST_DAY + timedelta(days=3 * batch + number)
                row = {
                    "gtin": gtin,
                    "lot": pattern.format(day=day, run="AB"[batch % 2]),
                    "product_name": name,
                    "brand": brand,
                    "production_date": day,
                    "lot_run_id": short_id(),
                }
                limit = "best_before" if brand == "Salinas Ridge" and number == 2 else "expiry"
                row[limit] = day + timedelta(days=life)
                if (number, batch) == (1, 6):
                    row["lot"] = "BS #6 rework"
                printed = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)
                row["printed_at"] = printed.isoformat() if batch < 2 else ""
                writer.writerow(row | {"id": short_id()})
                for serial in range(serials):
                    text = (
                        f"{random.randrange(10**9):09d}" if number % 2 else f"{batch}{serial:05X}"
                    )
                    writer.writerow(row | {"serial": text, "id": short_id()})


if __name__ == "__main__":
    main()
