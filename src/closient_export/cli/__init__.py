"""The command line: what a host would wire, on files.

Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 a job that
failed or findings, 2 bad usage or input, with one sentence that says what was expected.
"""

import sys

import click

from closient_export.cli.catalogs import import_, init
from closient_export.cli.console import FailedExport, say
from closient_export.cli.demo import demo
from closient_export.cli.interrupts import heeding_interrupts
from closient_export.cli.labels import labels
from closient_export.cli.listing import renderers, templates, verify
from closient_export.cli.serving import keys, serve, worker
from closient_export.cli.tracing import check, trace
from closient_export.errors import ExportError

__all__ = ["main", "run"]

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


def run() -> None:
    """Run the command line; each known failure is one sentence and an exit code."""
    try:
        with heeding_interrupts():
            main(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(BAD_INPUT)
    except (click.ClickException, ExportError) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        say(f"Error: {message}")
        sys.exit(BAD_INPUT)
    except OSError as error:
        say(f"Error: {error.filename or 'input/output'}: {error.strerror or error}")
        sys.exit(BAD_INPUT)
    except FailedExport as error:
        say(f"Failed: {error}")
        sys.exit(FAILED)
    except (click.Abort, KeyboardInterrupt):
        say("Interrupted; nothing half-written is left.")
        sys.exit(INTERRUPTED)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="closient-export")
def main() -> None:
    """GS1 label artwork in bulk, and FDA traceability spreadsheets from EPCIS events."""


for command in (
    check,
    demo,
    import_,
    init,
    keys,
    labels,
    renderers,
    serve,
    templates,
    trace,
    verify,
    worker,
):
    main.add_command(command)
