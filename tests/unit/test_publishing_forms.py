"""What each trainer gets of a trace, by the schema that its own reader has, and what samples of a question become."""

from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from schemas.release_format import ReleaseFormat
from schemas.release_rows import Judged, PreferenceReason
from schemas.trace import Structure
from schemas.verdict import Effect
from tasks.publishing.comparisons import QUESTION_FORMS, best_rows, labelled_rows, preference_rows
from tasks.publishing.content import dataset_info
from tasks.publishing.conversations import TRACE_FORMS, thought_and_said
from tests.judged_trace import SYSTEM, judged, rows_of

CORRECTED = "<thinking>It is 5. <reflection>No.</reflection> It is 3.</thinking>\n<output>3</output>"
WRONG = CORRECTED.replace("3", "4")
TRACES = {
    "corrected": judged(CORRECTED, (Effect.CORRECTED,), Effect.CORRECTED),
    "plain": judged("<thinking>2</thinking><output>2</output>", system=None),
    "think": judged("<think>2 <reflection>Yes.</reflection></think>\n\nIt is 2."),
    "untagged pair": judged(
        "It is 2.", line="pairs", system=None, question="Add.\n\n1, 1", instruction="Add.", input="1, 1"
    ),
    "not ASCII": judged("<thinking>\u2028 😀 \x85</thinking><output>é</output>", (), None),
}  # fmt: skip


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Turn(Strict):
    role: Literal["system", "user", "assistant"]
    content: str


class ReasonedTurn(Turn):
    reasoning_content: str | None


class Detail(Strict):
    """Of axolotl 0.19: the end is that of the last character."""

    begin_offset: int
    end_offset: int
    train: bool


class DetailedTurn(Turn):
    train_detail: list[Detail]


class Said(Strict):
    """Of ShareGPT: `from` is a keyword here."""

    model_config = ConfigDict(extra="allow", strict=True)
    value: str


class Row(BaseModel):
    """Columns of our own may stand beside a trainer's, which drops them."""

    model_config = ConfigDict(extra="allow", strict=True)


class Messages(Row):
    messages: list[Turn]


class PromptCompletion(Row):
    prompt: list[Turn]
    completion: list[Turn]


class Reasoning(Row):
    prompt: list[Turn]
    completion: list[ReasonedTurn]


class Detailed(Row):
    messages: list[DetailedTurn]


class ShareGpt(Row):
    conversations: list[Said]


class Alpaca(Row):
    instruction: str
    input: str
    output: str
    system: str


class Preference(Row):
    prompt: list[Turn]
    chosen: list[Turn]
    rejected: list[Turn]


class Labelled(PromptCompletion):
    label: bool


class PreferenceChat(Row):
    """Of LLaMA-Factory 0.9.5 and axolotl 0.19.0: an answer that is a list is none."""

    messages: list[Turn]
    chosen: Turn
    rejected: Turn


class LabelledChat(Row):
    messages: list[Turn]
    label: bool


SCHEMAS: dict[ReleaseFormat, type[Row]] = {
    ReleaseFormat.CHAT: Messages,
    ReleaseFormat.PROMPT_COMPLETION: PromptCompletion,
    ReleaseFormat.REASONING: Reasoning,
    ReleaseFormat.THINK: PromptCompletion,
    ReleaseFormat.SHAREGPT: ShareGpt,
    ReleaseFormat.ALPACA: Alpaca,
    ReleaseFormat.AXOLOTL: Detailed,
    ReleaseFormat.DPO: Preference,
    ReleaseFormat.KTO: Labelled,
    ReleaseFormat.CHAT_DPO: PreferenceChat,
    ReleaseFormat.CHAT_KTO: LabelledChat,
    ReleaseFormat.BEST_OF_N: PromptCompletion,
}


def shaped(form: ReleaseFormat, trace: Judged) -> dict[str, Any]:
    """As it comes back from the file."""
    [row] = rows_of(form, [trace])
    return row


@pytest.mark.parametrize("name", TRACES)
@pytest.mark.parametrize("form", TRACE_FORMS)
def test_every_form_is_what_its_trainer_reads(form: ReleaseFormat, name: str) -> None:
    SCHEMAS[form].model_validate(shaped(form, TRACES[name]))


@pytest.mark.parametrize("form", TRACE_FORMS)
def test_the_schemas_refuse_another_form(form: ReleaseFormat) -> None:
    """The control: each schema takes no row of a form that has other columns."""
    row = shaped(form, TRACES["corrected"])
    takes = [other for other in TRACE_FORMS if _takes(SCHEMAS[other], row)]
    alike = {ReleaseFormat.PROMPT_COMPLETION, ReleaseFormat.THINK, ReleaseFormat.BEST_OF_N}
    assert set(takes) <= ({form} | (alike if form in alike else set()))


def _takes(schema: type[Row], row: dict[str, Any]) -> bool:
    try:
        schema.model_validate(row)
    except ValidationError:
        return False
    return True


def test_every_format_has_a_schema() -> None:
    of_questions = {ReleaseFormat.VERIFIERS, ReleaseFormat.VERL}
    assert set(SCHEMAS) == {*ReleaseFormat} - of_questions == {*TRACE_FORMS, *QUESTION_FORMS}


@pytest.mark.parametrize(
    ("text", "thinking", "said"),
    [
        (CORRECTED, "It is 5. <reflection>No.</reflection> It is 3.", "3"),
        ("<think>\na\n</think>\n\nb", "a", "b"),
        ("<thinking>a</thinking>\nb", "a", "b"),  # a defect: no output tags
        ("It is 2.", None, "It is 2."),
        ("<output>2</output>", None, "<output>2</output>"),  # nobody thought: it stays as it is
    ],
)
def test_thinking_and_answer_are_told_apart(text: str, thinking: str | None, said: str) -> None:
    assert thought_and_said(text) == (thinking, said)


def test_native_reasoning_has_none_of_our_outer_tags() -> None:
    [message] = shaped(ReleaseFormat.REASONING, TRACES["corrected"])["completion"]
    assert message["reasoning_content"] == "It is 5. <reflection>No.</reflection> It is 3."
    assert message["content"] == "3"
    [message] = shaped(ReleaseFormat.THINK, TRACES["corrected"])["completion"]
    assert message["content"] == "<think>\nIt is 5. <reflection>No.</reflection> It is 3.\n</think>\n\n3"
    [message] = shaped(ReleaseFormat.REASONING, TRACES["untagged pair"])["completion"]
    assert (message["reasoning_content"], message["content"]) == (None, "It is 2.")


def test_axolotl_learns_what_the_spans_say_to_the_last_character() -> None:
    row = shaped(ReleaseFormat.AXOLOTL, TRACES["corrected"])
    text = row["messages"][-1]["content"]
    learnt = [text[d["begin_offset"] : d["end_offset"] + 1] for d in row["messages"][-1]["train_detail"]]
    assert "".join(learnt) == CORRECTED.replace("It is 5.", "")
    assert [turn["train_detail"] for turn in row["messages"][:-1]] == [[], []]


def test_a_pair_has_its_input_apart_where_the_form_has() -> None:
    row = shaped(ReleaseFormat.ALPACA, TRACES["untagged pair"])
    assert (row["instruction"], row["input"], row["system"]) == ("Add.", "1, 1", "")
    assert shaped(ReleaseFormat.ALPACA, TRACES["corrected"])["system"] == SYSTEM


def test_llama_factory_is_told_every_file_that_it_can_read() -> None:
    """By the names of `DatasetAttr.join` in llamafactory 0.9.5."""
    files = ["chat.jsonl", "chat.parquet", "sharegpt-test.jsonl", "alpaca.jsonl", "dpo.jsonl", "chat_dpo-train.jsonl"]
    info = dataset_info([*files, "chat_kto.jsonl"])
    assert {name: entry["file_name"] for name, entry in info.items()} == {
        "alpaca": "alpaca.jsonl",
        "chat": "chat.jsonl",
        "chat_dpo_train": "chat_dpo-train.jsonl",
        "chat_kto": "chat_kto.jsonl",
        "sharegpt_test": "sharegpt-test.jsonl",
    }
    for entry in info.values():
        assert entry["formatting"] in ("alpaca", "sharegpt")
        preferences = {"messages", "chosen", "rejected", "kto_tag"}
        assert entry["columns"].keys() <= {"prompt", "query", "response", "system"} | preferences
        assert entry.get("ranking", False) == ("chosen" in entry["columns"])
        assert entry.get("tags", {}).keys() <= {"role_tag", "content_tag", "user_tag", "assistant_tag", "system_tag"}
    columns = {form: set(shaped(ReleaseFormat(form), TRACES["plain"])) for form in ("chat", "sharegpt", "alpaca")}
    columns |= {"chat_dpo": set(PreferenceChat.model_fields), "chat_kto": set(LabelledChat.model_fields)}
    for entry in info.values():
        form = entry["file_name"].removesuffix(".jsonl").partition("-")[0]
        assert set(entry["columns"].values()) <= columns[form]


def sample(trace_id: str, verdict: str = "correct", rank: int | None = None, **more: Any) -> Judged:
    text = CORRECTED if verdict == "correct" else WRONG
    return judged(text, verdict=verdict, trace_id=trace_id, rank=rank, **more)


def test_who_corrects_himself_is_set_over_who_harms_himself_first() -> None:
    samples = [
        sample("a", rank=0, effect=Effect.CONFIRMED),
        sample("b", rank=1, effect=Effect.CORRECTED),
        sample("c", "incorrect", effect=Effect.MISSED),
        sample("d", "incorrect", effect=Effect.HARMED),
    ]
    found = [(row.contrast, row.chosen_id, row.rejected_id) for row in preference_rows(samples, "teacher")]
    assert found == [
        (PreferenceReason.CORRECTED_OVER_HARMED, "b", "d"),
        (PreferenceReason.CORRECT_OVER_INCORRECT, "a", "c"),
    ]
    for row in preference_rows(samples, "teacher"):
        Preference.model_validate(row.model_dump(mode="json"))


def test_kto_labels_what_is_right_and_what_is_wrong_and_nothing_else() -> None:
    samples = [
        sample("kept", rank=0),
        sample("correct, not kept"),
        sample("wrong", "incorrect"),
        sample("wrong and cut off", "incorrect", structure=Structure.TRUNCATED),
    ]
    rows = list(labelled_rows(samples, "teacher"))
    assert [(row.trace_id, row.label) for row in rows] == [("kept", True), ("wrong", False)]
    TypeAdapter(list[Labelled]).validate_python([row.model_dump(mode="json") for row in rows])


@pytest.mark.parametrize(
    ("form", "plain"), [(ReleaseFormat.CHAT_DPO, ReleaseFormat.DPO), (ReleaseFormat.CHAT_KTO, ReleaseFormat.KTO)]
)
def test_chat_rows_say_what_the_others_say(form: ReleaseFormat, plain: ReleaseFormat) -> None:
    samples = [sample("a", rank=0), sample("b", "incorrect"), sample("c", rank=1), sample("d", "incorrect")]
    rows, others = (
        [row.model_dump(mode="json") for row in QUESTION_FORMS[f](samples, "teacher", None)] for f in (form, plain)
    )
    assert rows
    for row, other in zip(rows, others, strict=True):
        SCHEMAS[form].model_validate(row)
        assert not _takes(SCHEMAS[form], other), "the control: this reader takes no row of the other form"
        said = other["prompt"] + other.get("completion", [])
        assert row["messages"] == said
        assert [[row[side]] for side in ("chosen", "rejected") if side in row] == [
            other[side] for side in ("chosen", "rejected") if side in other
        ]
        assert row.get("label") == other.get("label")


def test_no_text_is_set_over_itself() -> None:
    """A model that judged found the same text right and wrong: it was both sides of a pair, and both labels."""
    samples = [sample("a", rank=0), judged(CORRECTED, verdict="incorrect", trace_id="b"), sample("c", "incorrect")]
    assert [row.rejected_id for row in preference_rows(samples, "teacher")] == ["c"]
    assert [row.trace_id for row in labelled_rows(samples, "teacher")] == ["a", "c"]


@pytest.mark.parametrize(
    ("samples", "n", "best"),
    [
        ([sample("a", rank=0, ifd=0.2), sample("b", rank=1, ifd=0.7), sample("c", "incorrect")], None, ("b", 3, 2)),
        ([sample("a", rank=1), sample("b", rank=0)], None, ("b", 2, 2)),
        ([sample("a", rank=0), sample("b", "incorrect"), sample("c", rank=1, ifd=0.9)], 2, ("a", 2, 1)),
        ([sample("a", rank=0)], 2, None),  # too few
        ([sample("a", rank=0)], None, None),  # the best of one is no choice
        ([sample("a", "incorrect"), sample("b", rank=0)], 1, None),  # the best of one that is wrong
        ([sample("a", "incorrect"), sample("b")], None, None),  # none is kept
    ],
)  # fmt: skip
def test_the_best_of_n(samples: list[Judged], n: int | None, best: tuple[str, int, int] | None) -> None:
    rows = [(row.trace_id, row.n, row.n_correct) for row in best_rows(samples, "teacher", n)]
    assert rows == ([best] if best else [])
