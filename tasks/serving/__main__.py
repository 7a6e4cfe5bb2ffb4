"""`python -m tasks.serving`: serves a student on loopback, by settings in JSON."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from schemas.errors import Refused
from schemas.student import StudentSettings
from tasks.scoring.student_files import find_student


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(prog="python -m tasks.serving")
    parser.add_argument("settings", help="the section `student` of a configuration, as JSON")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with whoever holds the pipe")
    options = parser.parse_args(arguments)
    try:
        serve_student(
            StudentSettings.model_validate_json(options.settings), until_stdin_closes=options.until_stdin_closes
        )
    except Refused as refused:
        sys.exit(f"reflectory: {refused}")


def serve_student(
    settings: StudentSettings,
    host: str = "127.0.0.1",
    port: int = 0,
    api_key_env: str | None = None,
    until_stdin_closes: bool = False,
) -> None:
    """Load the student, and serve it until told to end. Raises `Refused` where it cannot be loaded."""
    key = os.environ.get(api_key_env) if api_key_env else None
    if api_key_env and not key:
        raise Refused(f"--api-key-env: {api_key_env} is not set; export the key that clients shall send")
    find_student(settings.model, settings.revision)
    from tasks.http.server import listen
    from tasks.serving.server import application
    from tasks.serving.writer import StudentWriter  # torch: seconds

    app = application(StudentWriter(settings), key)
    asyncio.run(listen(app, host, port, until_stdin_closes))


if __name__ == "__main__":
    main()
