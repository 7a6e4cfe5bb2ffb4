"""A request's bytes to an answer's bytes by a student in this process, in the form in which a server gives them."""

import json
from collections.abc import Callable
from threading import Event, Lock

from schemas.student import StudentSettings
from tasks.http.chat_request import RequestError, read_chat
from tasks.serving.text import Written


def student_completions(settings: StudentSettings) -> Callable[[bytes], bytes]:
    """Load the student and return what answers the body of a chat completion, one at a time. A request that the window
    or the chat template has no room for gets an error object. Raises `Refused` as `StudentWriter` does.
    """
    from tasks.serving.writer import StudentWriter  # torch: seconds

    writer, one_at_a_time = StudentWriter(settings), Lock()

    def complete(body: bytes) -> bytes:
        given = json.loads(body)
        try:
            asked = read_chat({**given, "model": writer.name}, [writer.name])
            with one_at_a_time:
                *pieces, ended = writer.write(asked, 0, Event())
        except RequestError as error:
            return _dumped({"error": {"message": str(error), "code": error.status, "type": "invalid_request_error"}})
        assert isinstance(ended, Written)
        text = "".join(piece for piece in pieces if isinstance(piece, str))
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": ended.finish_reason,
        }
        usage = {"prompt_tokens": ended.prompt_tokens, "completion_tokens": ended.completion_tokens}
        return _dumped({"model": writer.name, "choices": [choice], "usage": usage})

    return complete


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()
