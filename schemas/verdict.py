"""What a verifier says of an answer: three words, never two, always with a reason."""

from enum import StrEnum
from typing import Self

from schemas.record import Record


class Ruling(StrEnum):
    CORRECT = "correct"
    INCORRECT = "incorrect"
    UNVERIFIED = "unverified"


class Effect(StrEnum):
    """What reflecting did, from the answer before it to the answer after it."""

    CORRECTED = "corrected"
    """Wrong before, right after."""
    CONFIRMED = "confirmed"
    """Right before and after."""
    HARMED = "harmed"
    """Right before, wrong after."""
    MISSED = "missed"
    """Wrong before and after."""
    NONE = "none"
    """Nothing to compare: no reflection, or no answer stated before it."""


class WithRuling(StrEnum):
    """Members are defined as `NAME = "value", ruling`; one without a ruling cannot be defined."""

    ruling: Ruling

    def __new__(cls, value: str, ruling: Ruling | None = None) -> Self:
        """Refuse None, which stands here for type checkers alone: `Reason("equal")` looks a member up."""
        if ruling is None:
            raise TypeError(f"{value}: needs its ruling")
        member = str.__new__(cls, value)
        member._value_ = value
        member.ruling = Ruling(ruling)
        return member


class Reason(WithRuling):
    """Why a verdict is what it is; each reason belongs to one ruling."""

    EQUAL = "equal", Ruling.CORRECT
    """The same value, by exact arithmetic or by algebra."""
    EQUAL_TEXT = "equal_text", Ruling.CORRECT
    """The same text once both are in normal form."""
    FULL_SCORE = "full_score", Ruling.CORRECT
    SAME_CHOICE = "same_choice", Ruling.CORRECT
    CONSTRAINTS_MET = "constraints_met", Ruling.CORRECT
    MAJORITY = "majority", Ruling.CORRECT
    """What a clear majority of independent samples answers, too."""
    JUDGED_CORRECT = "judged_correct", Ruling.CORRECT
    ALL_CASES_PASSED = "all_cases_passed", Ruling.CORRECT
    """The candidate answered every case, or the whole test, as expected, and not as was deliberately not expected."""

    NOT_EQUAL = "not_equal", Ruling.INCORRECT
    UNIT_DIFFERS = "unit_differs", Ruling.INCORRECT
    """The units measure different things, such as metres and kilograms."""
    ANSWER_NOT_A_NUMBER = "answer_not_a_number", Ruling.INCORRECT
    """The gold is a number; the answer can be read as none."""
    GOLD_ABSENT = "gold_absent", Ruling.INCORRECT
    """The gold is a number; the answer is prose that states none as its answer, and never mentions the gold."""
    NOT_FULL_SCORE = "not_full_score", Ruling.INCORRECT
    OTHER_CHOICE = "other_choice", Ruling.INCORRECT
    NO_SUCH_CHOICE = "no_such_choice", Ruling.INCORRECT
    """A letter beyond the last choice."""
    CONSTRAINT_BROKEN = "constraint_broken", Ruling.INCORRECT
    MINORITY = "minority", Ruling.INCORRECT
    """Not what a clear majority of independent samples answers."""
    JUDGED_INCORRECT = "judged_incorrect", Ruling.INCORRECT
    WRONG_RESULT = "wrong_result", Ruling.INCORRECT
    """The candidate answered a case with other data than expected, or failed an assertion of the test."""
    RAISED = "raised", Ruling.INCORRECT
    """The candidate raised, on a case or while it was loaded; MemoryError at the documented limit among them."""
    NO_ENTRY_POINT = "no_entry_point", Ruling.INCORRECT
    """The code defines no function of that name, nor continues the prompt that does."""
    SYNTAX_ERROR = "syntax_error", Ruling.INCORRECT
    TOO_SLOW = "too_slow", Ruling.INCORRECT
    """The candidate used up the documented processor time, or slept through the documented wait."""
    TOO_LARGE = "too_large", Ruling.INCORRECT
    """The candidate returned or printed more than the documented size or depth."""
    ENDED_EARLY = "ended_early", Ruling.INCORRECT
    """The candidate's process exited or crashed before every case was answered."""
    FORGED = "forged", Ruling.INCORRECT
    """The candidate also passed what no right answer passes, or wrote on the sandbox's own channel."""

    NO_ANSWER = "no_answer", Ruling.UNVERIFIED
    REFUSED = "refused", Ruling.UNVERIFIED
    """All that the answer says is that there will be none, as in `I can't help with that`: neither right nor wrong."""
    TRUNCATED = "truncated", Ruling.UNVERIFIED
    """The endpoint cut the text off before there was an answer, or in the middle of a wrong one; the evidence says what
    to set."""
    ANSWER_IN_THINKING = "answer_in_thinking", Ruling.UNVERIFIED
    """None stands where the answer belongs; the thinking states one."""
    SEVERAL_ANSWERS = "several_answers", Ruling.UNVERIFIED
    """The output states more than one, and they would not get the same verdict."""
    QUESTION_ECHOED = "question_echoed", Ruling.UNVERIFIED
    """The answer is the question, or an expression of it that nobody worked out."""
    NO_GOLD = "no_gold", Ruling.UNVERIFIED
    UNKNOWN_KIND = "unknown_kind", Ruling.UNVERIFIED
    BAD_SPEC = "bad_spec", Ruling.UNVERIFIED
    """The spec is no JSON object, or lacks or misspells what its kind needs."""
    BAD_ROW = "bad_row", Ruling.UNVERIFIED
    """A line that is no JSON object, or lacks a field."""
    GOLD_UNPARSABLE = "gold_unparsable", Ruling.UNVERIFIED
    GOLD_CONTRADICTED = "gold_contradicted", Ruling.UNVERIFIED
    """Another row asks the same and has another gold, or is to be judged by other means; nobody says which counts."""
    ANSWER_UNPARSABLE = "answer_unparsable", Ruling.UNVERIFIED
    GOLD_REFUSED = "gold_refused", Ruling.UNVERIFIED
    ANSWER_REFUSED = "answer_refused", Ruling.UNVERIFIED
    """Too large, or with constructs that the judge will not evaluate."""
    UNIT_UNKNOWN = "unit_unknown", Ruling.UNVERIFIED
    """Both sides name a unit, and nothing says how the two compare."""
    NO_CHOICE_NAMED = "no_choice_named", Ruling.UNVERIFIED
    SEVERAL_CHOICES = "several_choices", Ruling.UNVERIFIED
    CHOICE_CONTRADICTS = "choice_contradicts", Ruling.UNVERIFIED
    """A letter with the text of another choice, as in `B) Paris` where Paris is C."""
    ONLY_RULED_OUT = "only_ruled_out", Ruling.UNVERIFIED
    """The answer says what it is not, as in `not B`."""
    TOO_FEW_SAMPLES = "too_few_samples", Ruling.UNVERIFIED
    NO_MAJORITY = "no_majority", Ruling.UNVERIFIED
    JUDGE_UNAVAILABLE = "judge_unavailable", Ruling.UNVERIFIED
    """No model to ask, or it did not answer."""
    JUDGE_SILENT = "judge_silent", Ruling.UNVERIFIED
    """The judge answered without a verdict in the form asked for."""
    JUDGE_CONTRADICTS = "judge_contradicts", Ruling.UNVERIFIED
    """The judge gave two verdicts, or another one when the two answers came in the other order."""
    JUDGE_UNDECIDED = "judge_undecided", Ruling.UNVERIFIED
    """The judge says that it cannot tell, or that neither answer is better."""
    UNDECIDED = "undecided", Ruling.UNVERIFIED
    """The means at hand show neither that the two are equal nor that they differ."""
    DISPUTED = "disputed", Ruling.UNVERIFIED
    """In views only: the question's samples agree with each other and not with its gold (view `disputes`)."""
    RULED_OUT = "ruled_out", Ruling.UNVERIFIED
    """In views only: a person replaced the question's gold, or dropped the question (table `rulings`)."""
    VERIFIER_TIMEOUT = "verifier_timeout", Ruling.UNVERIFIED
    VERIFIER_CRASHED = "verifier_crashed", Ruling.UNVERIFIED
    """The judge's process ended, ran out of memory or raised; the answer may still be right."""
    GYM_NOT_INSTALLED = "install_reflectory_gym", Ruling.UNVERIFIED
    """Kind `reasoning_gym` needs the library: `pip install 'reflectory[gym]'`."""
    SANDBOX_UNAVAILABLE = "sandbox_unavailable", Ruling.UNVERIFIED
    """This machine cannot confine a model's code (the evidence says why), so none was executed."""
    QUESTION_FAILED = "question_failed", Ruling.UNVERIFIED
    """The question's own code, its prompt or its test, does not run: no answer could pass."""
    TEST_TOO_WEAK = "test_too_weak", Ruling.UNVERIFIED
    """The test never asks the candidate, or accepts deliberately wrong answers as well."""
    BEYOND_SANDBOX = "beyond_sandbox", Ruling.UNVERIFIED
    """The code raised for want of a package, thread, process, file or socket, which the sandbox does not give."""
    NOT_DATA = "not_data", Ruling.UNVERIFIED
    """The test and the candidate exchange objects, which cannot cross between their processes."""


class ReflectionMark(StrEnum):
    """The rule by which a reflection is decorative (`tasks.judging.decorative`)."""

    TEXT_REPEATED = "text_repeated"
    """It says again what stood before it, and leaves the answer as it was."""
    NOTHING_RECHECKED = "nothing_rechecked"
    """It takes up nothing of the question or the work before it, and leaves the answer as it was."""


class EffectReason(StrEnum):
    """Why an effect is what it is, or is NULL."""

    JUDGED = "judged"
    """Both the draft and the final answer are correct or incorrect."""
    NO_REFLECTION = "no_reflection"
    NO_DRAFT = "no_draft"
    DRAFT_UNVERIFIED = "draft_unverified"
    ANSWER_UNVERIFIED = "answer_unverified"


class VerdictSubject(StrEnum):
    TRACE = "trace"
    PAIR = "pair"
    DRAFT = "draft"
    """A draft that a teacher has not written, by its call_id."""
    GOLD = "gold"
    """A question's own gold, judged against itself and against that of an equal question; only those that fail are
    landed, and are not sent."""


class Judgement(Record):
    """A verifier's ruling on one answer, before it becomes a row."""

    verdict: Ruling
    reason: Reason
    answer: str | None
    """What was judged; None when no answer was found."""
    evidence: str | None = None
    """What decided it, shortened; not part of any key."""

    @classmethod
    def of(cls, reason: Reason, answer: str | None, evidence: str | None = None) -> "Judgement":
        return cls(verdict=reason.ruling, reason=reason, answer=answer, evidence=evidence)


class Verdict(Record):
    """What one verifier, at one version, says of a trace, a pair, a draft or a gold."""

    verdict_id: str
    """Key over the subject, the verifier and its version."""
    subject: VerdictSubject
    subject_id: str
    """A trace_id, pair_id, call_id or question_id, by the `subject`."""
    verifier: str
    verifier_version: str
    verdict: Ruling
    reason: Reason
    answer: str | None
    effect: Effect | None
    """First draft against final answer; None when a side is unverified (see `effect_reason`)."""
    effect_reason: EffectReason
    reflection_effects: tuple[Effect | None, ...]
    """One per reflection: the draft before it against the draft before the next one, or the final answer."""
    reflection_marks: tuple[ReflectionMark | None, ...] | None = None
    """One per reflection: the rule by which it is decorative. None in a row of an earlier version, as below."""
    answer_key: str | None = None
    """The answer in one spelling, the same for all texts that mean it, such as `3/2` for `1.50`; None without one."""
    duration_s: float
    """Seconds; not part of the row hash."""
    evidence: str | None = None
    """What decided it, shortened; not part of any key."""
