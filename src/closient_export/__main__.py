"""``closient-export`` and ``python -m closient_export``."""

import sys


def main() -> None:
    """Run the command line, or say in one sentence what it needs."""
    try:
        from closient_export.cli import run  # noqa: PLC0415 - what it imports is an extra
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        sys.exit("The command line needs click and rich: pip install 'closient-export[cli]'")
    run()


if __name__ == "__main__":
    main()
