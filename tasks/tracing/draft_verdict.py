"""Whether a draft is right, which decides how its attempt goes on: the same judgement as of any trace."""

from collections.abc import Sequence
from contextlib import closing

from schemas.attempt import Attempt
from schemas.question import Question
from schemas.record import content_key
from schemas.trace import Trace
from schemas.verdict import Verdict, VerdictSubject
from tasks.judging.reading import KillableReader, Reader
from tasks.judging.verify import Verifier, verifier_version
from tasks.replay.procedure import Verify
from tasks.tracing.strategy import Answer
from tasks.tracing.trace import make_trace


def draft_need(call_id: str, text: str, question: Question) -> Verify:
    """Return what is to be verified, keyed by the call that wrote it, the question and the verifier in force."""
    key = content_key("verdict", "draft", call_id, question.question_id, verifier_version(question.kind))
    return Verify(key, call_id, text, question)


def verify_drafts(verifier: Verifier, needs: Sequence[Verify]) -> list[Verdict]:
    """Return one verdict for each, in order."""
    with closing(KillableReader()) as read:
        jobs = [(_trace(need, read), need.question) for need in needs]
    named = zip(needs, verifier.verify_traces(jobs), strict=True)
    return [
        verdict.model_copy(
            update={"verdict_id": need.key, "subject": VerdictSubject.DRAFT, "subject_id": need.subject_id}
        )
        for need, verdict in named
    ]


def _trace(need: Verify, read: Reader) -> Trace:
    """The draft as the trace that it would be; nothing of it lands."""
    attempt = Attempt(
        attempt_id=need.key,
        plan_id="",
        shard_id="",
        question_id=need.question.question_id,
        sample_index=0,
        call_id=need.subject_id,
        prompt_version=None,
    )
    return make_trace(attempt, (), Answer(need.text, None), need.question, read)
