"""What identifies a student, without loading it: the driver asks which scores exist before an actor starts.

Neither torch nor transformers is imported here.
"""

from schemas.errors import Refused
from schemas.record import content_key
from schemas.score import StudentIdentity
from schemas.student import StudentSettings
from schemas.student_backend import StudentBackend
from tasks.scoring.student_files import StudentFiles, find_student
from tasks.scoring.template import load_template

DTYPES = ("float32", "bfloat16", "float16")


def student_identity(settings: StudentSettings) -> StudentIdentity:
    """Return everything beside the text that a score by this student depends on. `Refused` when it is not known.

    Where a server reads and no window is set, the server is asked for its own.
    """
    if settings.dtype not in DTYPES:
        raise Refused(f"student.dtype: got {settings.dtype!r}; allowed are {', '.join(DTYPES)}")
    template = load_template(settings.template)
    files = find_student(settings.model, settings.revision)
    held = f"{settings.quantisation}+{settings.dtype}" if settings.quantisation else settings.dtype
    return StudentIdentity(
        student=files.name,
        student_revision=files.revision,
        template=template.name,
        template_hash=template.hash(_chat_template(files) if template.is_chat else None),
        definition=settings.definition,
        response_text=settings.response,
        max_length=window_of(files, _asked_length(settings)),
        dtype=f"{settings.backend}+{held}" if settings.backend is StudentBackend.VLLM else held,
    )


def score_id(subject_id: str, identity: StudentIdentity) -> str:
    """Return the key of a score, known before it is made."""
    return content_key("score", subject_id, identity.model_dump(mode="json"))


def _asked_length(settings: StudentSettings) -> int | None:
    """By default what a server has room for: one token less than its window, because it writes one."""
    if settings.max_length is None and settings.backend is StudentBackend.VLLM:
        from tasks.scoring.student_server import StudentServer  # an HTTP client, which few students need

        window = StudentServer(settings).served_model().window
        return window and window - 1
    return settings.max_length


def window_of(files: StudentFiles, asked: int | None) -> int:
    """Return what is asked for, else the window that the model states."""
    config = files.json("config.json")
    config = config.get("text_config", config)  # of a model that also sees images
    window = config.get("max_position_embeddings", config.get("n_positions"))
    if not isinstance(window, int):
        if asked is None:
            raise Refused(f"student.max_length: unset, and {files.name} states no window; give one in tokens")
        return asked
    if asked is not None and asked > window:
        raise Refused(f"student.max_length: got {asked}; {files.name} sees {window} tokens; give at most that")
    return asked or window


def _chat_template(files: StudentFiles) -> str:
    """The text of the tokenizer's default chat template."""
    if file := files.file("chat_template.jinja"):
        return file.read_text("utf-8")
    stated = files.json("tokenizer_config.json").get("chat_template")
    if isinstance(stated, list):
        stated = {entry["name"]: entry["template"] for entry in stated}.get("default")
    if not isinstance(stated, str):
        raise Refused(f"student.template: got chat; the tokenizer of {files.name} has none; give plain or a file")
    return stated
