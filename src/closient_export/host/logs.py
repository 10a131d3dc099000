"""Logs as one JSON object a line.

They name jobs, keys by their public ids, and routes as they are written in the contract; never
what was sent, nor a serial, a key, or an address with a signature.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

__all__ = ["JsonFormatter", "log_as_json", "whereabouts"]


class JsonFormatter(logging.Formatter):
    """A record as JSON; what is passed as ``extra={"fields": …}`` becomes members of its own.

    Of an exception its type and its place are told. Its message may quote what was sent.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            line |= whereabouts(record.exc_info[1])
        return json.dumps(line, default=str)


def whereabouts(error: BaseException) -> dict[str, object]:
    """The type of an error and the lines that it passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-20:]],
    }


def log_as_json(level: str = "INFO") -> None:
    """Send the logs of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Others' modules tell in detail what is sent to S3, signatures too.
    root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level]))
    logging.getLogger("closient_export").setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True  # it would tell signatures
