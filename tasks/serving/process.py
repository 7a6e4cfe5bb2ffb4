"""A student that answers, as a process of its own for as long as somebody needs it."""

from schemas.student import StudentSettings
from tasks.http.server_process import ServerProcess
from tasks.scoring.student_files import find_student

START_S = 1800.0
"""Seconds that loading may take: weights come from a disk, or over a network."""


class ServedStudent(ServerProcess):
    """Serves on a free loopback port inside a `with`; ends with it, or with this process however it ends."""

    def __init__(self, settings: StudentSettings) -> None:
        """`Refused` where the settings name no model."""
        files = find_student(settings.model, settings.revision)
        self.model = settings.served_as or files.name
        self.endpoint = f"student/{files.name}/{files.revision}"
        """What names it in call keys; never a port."""
        options = [settings.model_dump_json(exclude_defaults=True)]
        super().__init__(f"the student {files.name}", "tasks.serving", options, START_S)
