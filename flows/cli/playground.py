"""`reflectory playground`: the page, and the models behind it, until Ctrl-C."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from flows.answering import AnsweringModel
from tasks.asking.stream import Streamed, stream_answer
from tasks.http.served_page import LOOPBACK, new_token
from tasks.http.server import listen
from tasks.playground.kept import KeptQuestions
from tasks.playground.server import Prompt, Settings, application


def serve_playground(models: Sequence[AnsweringModel], questions: Path, port: int) -> None:
    """Serve the page on loopback; its address, with a new token, is printed once it listens. Raises `Refused`."""
    kept, first = KeptQuestions(questions), models[0].settings
    settings = Settings(
        models=[model.name for model in models],
        system=first.system_prompt or "",
        suffix=first.suffix,
        temperature=0.7 if first.temperature is None else first.temperature,
        top_p=0.95 if first.top_p is None else first.top_p,
        max_tokens=first.max_tokens or 2048,
    )
    token = new_token()
    with ExitStack() as stack:
        addresses = [stack.enter_context(model.listening()) for model in models]

        async def ask(prompt: Prompt) -> AsyncGenerator[str | Streamed]:
            model = _as_asked(models[prompt.model], prompt)
            request = model.request(prompt.question, prompt.seed, prompt.sample)
            async for piece in stream_answer(model.settings, addresses[prompt.model], request):
                yield piece

        app = application(settings, ask, kept, token)

        def announced(host: str, port: int) -> str:
            return f"playground: http://{host}:{port}/{token}/\nquestions that you keep: {questions}; Ctrl-C ends"

        asyncio.run(listen(app, LOOPBACK, port, announced=announced))


def _as_asked(model: AnsweringModel, prompt: Prompt) -> AnsweringModel:
    asked = prompt.model_dump(include={"suffix", "temperature", "top_p", "max_tokens"})
    return replace(model, settings=model.settings.model_copy(update={**asked, "system_prompt": prompt.system}))
