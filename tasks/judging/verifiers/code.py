"""Kind `code`: every case answered as expected, or every output printed (`tasks.judging.code`, in a sandbox)."""

import platform
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.question import AnswerKind
from schemas.record import clean_text
from schemas.verdict import Judgement
from tasks.judging.code_answer import read_code
from tasks.judging.code_spec import BadSpec, CodeSpec, read_spec
from tasks.judging.verifiers.resources import Resources
from tasks.judging.verifiers.verifier import KindVerifier, Read, Reference
from tasks.parsing.fence import code_blocks
from tasks.parsing.grammar import Parsed


class CodeVerifier(KindVerifier):
    kind = AnswerKind.CODE
    version = f"6+python-{platform.python_version()}"
    libraries = ("numpy",)
    spec = CodeSpec
    spec_decides = True
    needs_gold = False
    states_answers = False

    def spec_fault(self, spec: str, question: str | None = None) -> str | None:
        try:
            read_spec(spec)
        except BadSpec as error:
            return clean_text(str(error))
        return None

    def judge(self, answer: str, reference: Reference, resources: Resources) -> Judgement:
        return resources.code.judge(answer, reference.spec)

    def read(self, text: str, parsed: Parsed, spec: Mapping[str, Any]) -> Read:
        """Find the program by fences and by what defines the entry point."""
        return read_code(text, parsed, spec)

    def stated(self, text: str) -> Sequence[tuple[int, int]]:
        return code_blocks(text)
