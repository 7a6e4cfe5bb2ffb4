"""Kind `constraints`: the spec, the two modes, and the evidence. Each instruction has its table in a file beside."""

import json
from time import process_time
from typing import Any

import pytest

from schemas.verdict import Judgement, Reason
from tasks.judging.constraints import BY_ID, IFBENCH, INSTRUCTIONS, judge_constraints, may_take_long, variants
from tasks.judging.constraints.instruction import Found, Instruction
from tasks.judging.verify import Verifier


def judge(id: str, kwargs: Any, response: str, mode: str = "strict") -> Judgement:
    return judge_constraints(
        response, json.dumps({"prompt": "p", "instruction_id_list": [id], "kwargs": [kwargs], "mode": mode})
    )


def test_every_instruction_must_be_followed_and_the_evidence_names_those_that_are_not() -> None:
    ids = ["punctuation:no_comma", "startend:quotation", "keywords:existence", "keywords:existence"]
    kwargs = [{}, {}, {"keywords": ["cat"]}, {"keywords": ["dog"]}]
    spec = json.dumps({"instruction_id_list": ids, "kwargs": kwargs})
    assert judge_constraints('"A cat and a dog"', spec).evidence == "4 of 4 followed"
    broken = judge_constraints("A cat, no doubt", spec)
    assert broken.reason is Reason.CONSTRAINT_BROKEN
    assert broken.evidence == (
        "punctuation:no_comma: 1 commas, not 0; startend:quotation: not in double quotation marks; "
        "keywords:existence: without 'dog'"
    )


def test_each_instruction_may_be_followed_by_another_variant_of_the_loose_mode() -> None:
    ids = ["punctuation:no_comma", "startend:end_checker"]
    spec = {"instruction_id_list": ids, "kwargs": [{}, {"end_phrase": "Peace!"}]}
    response = "Sure, here:\nNo war.\nPeace!\nBye."
    assert judge_constraints(response, json.dumps(spec)).reason is Reason.CONSTRAINT_BROKEN
    assert judge_constraints(response, json.dumps(spec | {"mode": "loose"})).reason is Reason.CONSTRAINTS_MET


@pytest.mark.parametrize("response", ["", " \n"])
@pytest.mark.parametrize("mode", ["strict", "loose"])
def test_a_blank_response_follows_nothing(response: str, mode: str) -> None:
    """The control: this one would be followed by saying nothing."""
    assert judge("punctuation:no_comma", {}, response, mode).reason is Reason.CONSTRAINT_BROKEN


def test_variants() -> None:
    assert variants("a\n*b*\nc") == ("a\n*b*\nc", "*b*\nc", "a\n*b*", "*b*", "a\nb\nc", "b\nc", "a\nb", "b")


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("{}", "instruction_id_list"),
        ("[]", "no JSON object"),
        ("null", "no JSON object"),
        ("[" * 5000, "nested too deeply"),
        ("{", ""),
        ('{"instruction_id_list": [], "kwargs": []}', "got 0"),
        ('{"instruction_id_list": ["punctuation:no_comma"], "kwargs": []}', "got 0"),
        ('{"instruction_id_list": ["punctuation:no_commas"], "kwargs": [{}]}', "'punctuation:no_commas'"),
        ('{"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{"num": 3}]}', "num"),
        ('{"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}], "mode": "lax"}', "mode"),
        ('{"instruction_id_list": ["startend:end_checker"], "kwargs": [{}]}', "end_phrase"),
        ('{"instruction_id_list": ["keywords:existence"], "kwargs": [{"keywords": []}]}', "keywords"),
        ('{"instruction_id_list": ["keywords:existence"], "kwargs": [{"keywords": ["(a"]}]}', "no regular expression"),
        ('{"instruction_id_list": ["keywords:frequency"], "kwargs": [{"keyword": "*"}]}', "no regular expression"),
        (
            '{"instruction_id_list": ["length_constraints:number_words"],'
            ' "kwargs": [{"num_words": 3, "relation": "more than"}]}',
            "relation",
        ),
        (
            '{"instruction_id_list": ["length_constraints:nth_paragraph_first_word"],'
            ' "kwargs": [{"num_paragraphs": 2, "nth_paragraph": 3, "first_word": "x"}]}',
            "nth_paragraph",
        ),
    ],
    ids=lambda part: str(part)[:60],
)
def test_a_bad_spec_is_a_reason(spec: str, complaint: str) -> None:
    judgement = judge_constraints("a", spec)
    assert judgement.reason is Reason.BAD_SPEC
    assert complaint in str(judgement.evidence)


@pytest.mark.parametrize(
    ("keyword", "long"),
    [("mom", False), ("e.g.", False), ("[mM]om|dad$", False), ("colou?r", True), ("(a|a)", True), (r"\d", True)],
)
def test_a_keyword_that_may_take_long_is_judged_where_it_can_be_killed(keyword: str, long: bool) -> None:
    assert may_take_long(spec_of(keyword)) is long
    verifier = Verifier()
    try:
        judged = [verifier.judge("constraints", None, text, spec_of(keyword)) for text in ("Mom e.g. color a 5", "")]
    finally:
        verifier.close()
    assert [one.reason for one in judged] == [Reason.CONSTRAINTS_MET, Reason.CONSTRAINT_BROKEN]
    assert judged[0].answer == "Mom e.g. color a 5"


def spec_of(keyword: str) -> str:
    return json.dumps({"instruction_id_list": ["keywords:existence"], "kwargs": [{"keywords": [keyword]}]})


def test_two_registries_whose_ids_a_prompt_may_mix() -> None:
    assert (len(INSTRUCTIONS), len(IFBENCH), len(BY_ID)) == (25, 58, 112)
    ids = ["punctuation:no_comma", "count:numbers", "words:repeats"]
    spec = {"instruction_id_list": ids, "kwargs": [None, {"N": 1.0, "sep": None}, {"small_n": 1}]}
    assert judge_constraints("One 2 three", json.dumps(spec)).evidence == "3 of 3 followed"
    broken = judge_constraints("One, two, two", json.dumps(spec)).evidence
    assert broken is not None
    assert all(f"{id}: " in broken for id in ids)


@pytest.mark.parametrize("id", BY_ID)
def test_no_argument_is_drawn_at_random(id: str) -> None:
    """Every argument is needed, and no other allowed: the published checkers draw one that is missing."""
    given = ARGUMENTS[id]
    assert judge(id, given, "a").reason is not Reason.BAD_SPEC
    wrong = [{name: value for name, value in given.items() if name != left} for left in given]
    wrong += [given | {"nym": 1}, *(given | {name: -1} for name, value in given.items() if isinstance(value, int))]
    assert {judge(id, kwargs, "a").reason for kwargs in wrong} == {Reason.BAD_SPEC}


def test_a_check_that_took_too_long_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(self: Instruction, text: str) -> Found:
        raise TimeoutError

    monkeypatch.setattr(INSTRUCTIONS["punctuation:no_comma"], "check", give_up)
    assert judge("punctuation:no_comma", {}, "a").reason is Reason.UNDECIDED


def test_nulls_that_a_table_fills_in_are_no_arguments() -> None:
    spec = {
        "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
        "kwargs": [None, {"num_words": 1, "relation": "at least", "keywords": None}],
        "mode": None,
    }
    assert judge_constraints("a", json.dumps(spec)).reason is Reason.CONSTRAINTS_MET


ARGUMENTS: dict[str, dict[str, Any]] = {id: {} for id in BY_ID} | {
    "change_case:capital_word_frequency": {"capital_frequency": 2, "capital_relation": "at least"},
    "count:conjunctions": {"small_n": 2},
    "count:keywords_multiple": {f"keyword{i}": word for i, word in enumerate("abcde", 1)},
    "count:numbers": {"N": 2},
    "count:person_names": {"N": 2},
    "count:pronouns": {"N": 2},
    "count:unique_word_count": {"N": 2},
    "count:word_count_range": {"min_words": 2, "max_words": 3},
    "count:words_japanese": {"N": 2},
    "format:list": {"sep": "..."},
    "format:options": {"options": "yes/no"},
    "ratio:overlap": {"reference_text": "abc", "percentage": 50},
    "ratio:stop_words": {"percentage": 50},
    "repeat:repeat_change": {"prompt_to_repeat": "Say it."},
    "repeat:repeat_span": {"prompt_to_repeat": "Say it.", "n_start": 0, "n_end": 2},
    "sentence:increment": {"small_n": 2},
    "sentence:keyword": {"word": "mom", "N": 2},
    "words:keywords_specific_position": {"keyword": "mom", "n": 2, "m": 2},
    "words:repeats": {"small_n": 2},
    "words:words_position": {"keyword": "mom"},
    "combination:repeat_prompt": {"prompt_to_repeat": "Say it."},
    "detectable_content:number_placeholders": {"num_placeholders": 2},
    "detectable_content:postscript": {"postscript_marker": "P.S."},
    "detectable_format:multiple_sections": {"section_spliter": "Section", "num_sections": 2},
    "detectable_format:number_bullet_lists": {"num_bullets": 2},
    "detectable_format:number_highlighted_sections": {"num_highlights": 2},
    "keywords:existence": {"keywords": ["mom"]},
    "keywords:forbidden_words": {"forbidden_words": ["rock"]},
    "keywords:frequency": {"keyword": "war", "frequency": 2, "relation": "at least"},
    "keywords:letter_frequency": {"letter": "e", "let_frequency": 2, "let_relation": "at least"},
    "language:response_language": {"language": "ko"},
    "length_constraints:nth_paragraph_first_word": {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "x"},
    "length_constraints:number_paragraphs": {"num_paragraphs": 2},
    "length_constraints:number_sentences": {"num_sentences": 2, "relation": "at least"},
    "length_constraints:number_words": {"num_words": 2, "relation": "at least"},
    "startend:end_checker": {"end_phrase": "Peace!"},
    "copy:copy": {"prompt_to_repeat": "Say it."},
    "copy:copying_multiple": {"prompt_to_repeat": "Say it.", "N": 2},
    "copy:copying_simple": {"prompt_to_repeat": "Say it."},
    "copy:repeat_phrase": {"phrase": "Say it at once.", "small_n": 2},
    "count:count_increment_word": {"keyword1": "war", "keyword2": "peace"},
    "count:counting_composition": {"n_sent": 2, "n_words": 3},
    "count:lowercase_counting": {"N": 2},
    "first_word:first_word_answer": {"first_word": "x"},
    "first_word:first_word_sent": {"first_word": "x"},
    "keywords:exclude_word_harder": {"keyword": "war"},
    "keywords:keyword_specific_position": {"keyword": "war", "n": 1, "m": 2},
    "keywords:word_count_different_numbers": {"keyword": "war", "frequency": 2, "relation": "at least"},
    "keywords:word_once": {"keyword": "war"},
    "last_word:last_word_answer": {"last_word": "x"},
    "last_word:last_word_sent": {"last_word": "x"},
    "letters:letter_counting": {"N": 2, "relation": "at least"},
    "letters:letter_counting2": {"letter": "e", "let_frequency": 2, "let_relation": "at least"},
    "new:copy_span_idx": {"prompt_to_repeat": "Say it.", "n_start": 0, "n_end": 2},
}
HOSTILE = [
    "\n",
    " ",
    "[",
    "*",
    "**a",
    "<<",
    ">>",
    ".",
    ". ",
    ".a",
    "-\n",
    "P.",
    "p. ",
    "***",
    '"',
    "a.b.",
    "Section 1",
    "\x00",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    """Each pattern of the published checkers that looks for a bracket or a blank is quadratic in some of these."""
    text = piece * (20_000 // len(piece)) + "x"
    start = process_time()
    for id, kwargs in ARGUMENTS.items():
        judge(id, kwargs, text, "loose")
    assert process_time() - start < 5
