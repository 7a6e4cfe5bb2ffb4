"""A small warehouse with a curation in it, every row written here: what a release is made from."""

from collections.abc import Sequence

from schemas.attempt import Attempt
from schemas.call import Call, CallEnd, Message, Sampling, Usage
from schemas.curation import Curation, Decision, Fate, FunnelStep, Line, ReasonCount, SourceCount
from schemas.question import AnswerKind, Question
from schemas.trace import Trace
from schemas.verdict import Effect, EffectReason, Reason, Verdict, VerdictSubject
from tasks.curation.policy import Policy
from tasks.parsing.grammar import parse
from tests.judged_trace import SYSTEM
from warehouse.landing import Warehouse

CORRECTED = (
    "<thinking>It is 3. <reflection>No: count again.</reflection> It is {gold}.</thinking><output>{gold}</output>"
)
WRONG = "<thinking>It is 5.<reflection>Yes.</reflection></thinking><output>5</output>"
HOSTILE = "<thinking>\u2028 \x85 \u200b \"'\\ <script>alert(1)</script> ```\n| a | </thinking><output>{gold}</output>"
POLICY = Policy(name="test", rules=("verdict",)).model_dump_json()


def question(index: int, source: str = "sums", licence: str | None = "MIT") -> Question:
    return Question.of(
        text=f"How much is 1+{index}?", gold=str(1 + index), kind=AnswerKind.NUMBER, source=source, licence=licence
    )


def build(warehouse: Warehouse, questions: Sequence[Question], reverse: bool = False) -> Curation:
    """Three attempts at each question: a corrected one that is kept, a wrong one and a hostile one that is kept, too.

    `reverse` lands the same rows in another order, one by one.
    """
    attempts, calls, traces, verdicts, decisions = [], [], [], [], []
    for place, asked in enumerate(questions):
        for sample, form in enumerate((CORRECTED, WRONG, HOSTILE)):
            name = f"{asked.question_id[:6]}-{sample}"
            text, gold = form.format(gold=asked.gold), str(asked.gold)
            right = form is not WRONG
            attempts.append(_attempt(name, asked, sample))
            calls.append(_call(name, asked, sample, text))
            traces.append(_trace(name, asked, sample, text, gold if right else "5"))
            verdicts.append(_verdict(name, right, form))
            decisions.append(
                Decision(
                    curation_id="c",
                    attempt_id=f"a{name}",
                    trace_id=f"t{name}",
                    question_id=asked.question_id,
                    source=asked.source,
                    fate=Fate.KEPT if right else Fate.DROPPED,
                    rule=None if right else "verdict",
                    reason=None if right else "incorrect",
                    duplicate_of=None,
                    line=Line.TRACES,
                    rank=2 * place + sample if right else None,
                )
            )
    tables = {
        "questions": list(questions),
        "attempts": attempts,
        "calls": calls,
        "traces": traces,
        "verdicts": verdicts,
        "decisions": decisions,
    }
    curation = _curation(questions, POLICY)
    for table, rows in {**tables, "curations": [curation]}.items():
        batches = [[row] for row in reversed(rows)] if reverse else [rows]
        for at, batch in enumerate(batches):
            warehouse.land(table, batch, "run", f"unit {at}")
    return curation


def _curation(questions: Sequence[Question], policy: str) -> Curation:
    n = len(questions)
    sources = sorted({asked.source for asked in questions})
    left = tuple(SourceCount(source=s, n=2 * sum(q.source == s for q in questions)) for s in sources)
    return Curation(
        curation_id="c",
        name="test",
        policy=policy,
        table_versions=(),
        code_version="0",
        checks=(),
        scorer=None,
        planned=3 * n,
        kept=2 * n,
        dropped=n,
        failed=0,
        pending=0,
        funnel=(
            FunnelStep(
                rule="verdict", dropped=(ReasonCount(reason="incorrect", n=n),), remaining=2 * n, by_source=left
            ),
        ),
    )


def _attempt(name: str, asked: Question, sample: int) -> Attempt:
    return Attempt(
        attempt_id=f"a{name}",
        plan_id="p",
        shard_id="s",
        question_id=asked.question_id,
        sample_index=sample,
        call_id=f"c{name}",
        prompt_version=None,
    )


def _call(name: str, asked: Question, sample: int, text: str) -> Call:
    return Call(
        call_id=f"c{name}",
        endpoint="e",
        model_asked="the-teacher",
        model_answered=None,
        messages=(Message(role="system", content=SYSTEM), Message(role="user", content=f"{asked.text}\nThink.")),
        sampling=Sampling(temperature=None, top_p=None, max_tokens=None, seed=None),
        sample_index=sample,
        fresh="",
        ended=CallEnd.ANSWERED,
        error=None,
        raw_response=b"",
        content=text,
        reasoning=None,
        finish_reason="stop",
        usage=Usage(),
        cost_usd=0.0,
        latency_s=1.0,
        tries=1,
    )


def _trace(name: str, asked: Question, sample: int, text: str, answer: str) -> Trace:
    parsed = parse(text)
    return Trace(
        trace_id=f"t{name}",
        attempt_id=f"a{name}",
        plan_id="p",
        question_id=asked.question_id,
        sample_index=sample,
        call_ids=(f"c{name}",),
        grammar="g",
        text=text,
        structure=parsed.structure,
        thinking=parsed.thinking.of(text) if parsed.thinking else None,
        reflections=parsed.reflections,
        output=parsed.output.of(text) if parsed.output else None,
        answer=answer,
        draft_answers=(None,) * len(parsed.reflections),
    )


def _verdict(name: str, right: bool, form: str) -> Verdict:
    effect = {CORRECTED: Effect.CORRECTED, WRONG: Effect.MISSED}.get(form, Effect.NONE)
    reason = Reason.EQUAL if right else Reason.NOT_EQUAL
    return Verdict(
        verdict_id=f"v{name}",
        subject=VerdictSubject.TRACE,
        subject_id=f"t{name}",
        verifier="number",
        verifier_version="1",
        verdict=reason.ruling,
        reason=reason,
        answer=None,
        effect=effect,
        effect_reason=EffectReason.JUDGED,
        reflection_effects=() if effect is Effect.NONE else (effect,),
        duration_s=0.0,
    )
