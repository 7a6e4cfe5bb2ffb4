"""Instructions on the form of a text: lists, sections, titles, JSON, how it begins and how it ends."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Self

from pydantic import model_validator

from tasks.judging.constraints.instruction import (
    Count,
    Found,
    Instruction,
    Phrase,
    Position,
    at_least,
    exactly,
)

CONSTRAINED_RESPONSES = ("My answer is yes.", "My answer is no.", "My answer is maybe.")

DIVIDER = re.compile(r"\s?\*\*\*\s?")
_HIGHLIGHT = re.compile(r"\*[^\n*]*\*")
_DOUBLE_HIGHLIGHT = re.compile(r"\*\*[^\n*]*\*\*")
_FENCES = ("```json", "```Json", "```JSON", "```")
_POSTSCRIPTS = {"P.P.S": re.compile(r"p\.\s?p\.\s?s"), "P.S.": re.compile(r"p\.\s?s\.")}
_WORD_END = re.compile("[.,?!'\"]")


class NumberOfPlaceholders(Instruction, id="detectable_content:number_placeholders"):
    """`[…]` within one line."""

    num_placeholders: Count

    def check(self, text: str) -> Found:
        found = sum(1 for line in text.split("\n") for _ in _bracketed(line))
        return at_least("placeholders", found, self.num_placeholders)


class NumberOfBulletLists(Instruction, id="detectable_format:number_bullet_lists"):
    """Lines that begin with `-`, a rule `---` among them as published, or with one `*` and more behind it."""

    num_bullets: Count

    def check(self, text: str) -> Found:
        lines = [line.strip() for line in text.split("\n")]
        found = sum(line.startswith("-") or (line[:1] == "*" and line[1:2] not in ("", "*")) for line in lines)
        return exactly("bullet points", found, self.num_bullets)


class NumberOfHighlightedSections(Instruction, id="detectable_format:number_highlighted_sections"):
    """`*…*`; a section in `**…**` counts whenever it is not blank."""

    num_highlights: Count

    def check(self, text: str) -> Found:
        single = sum(bool(found[0].strip("*").strip()) for found in _HIGHLIGHT.finditer(text))
        double = sum(bool(found[0].strip("*").strip()) for found in _DOUBLE_HIGHLIGHT.finditer(text))
        return at_least("highlighted sections", single + double, self.num_highlights)


class MultipleSections(Instruction, id="detectable_format:multiple_sections"):
    """`Section 1` and so on, wherever it stands; the case counts, and the word is no regular expression here."""

    section_spliter: Phrase
    num_sections: Count

    def check(self, text: str) -> Found:
        found = sum(1 for _ in re.finditer(re.escape(self.section_spliter) + r"\s?\d+", text))
        return at_least("sections", found, self.num_sections)


class NumberOfParagraphs(Instruction, id="length_constraints:number_paragraphs"):
    """Parted by `***`. One at either end parts nothing; two in a row leave an empty paragraph, which is not allowed."""

    num_paragraphs: Count

    def check(self, text: str) -> Found:
        return count_paragraphs(DIVIDER.split(text), self.num_paragraphs)


class NthParagraphFirstWord(Instruction, id="length_constraints:nth_paragraph_first_word"):
    """Parted by an empty line. The word is compared in lower case, up to its first punctuation."""

    num_paragraphs: Count
    nth_paragraph: Position
    first_word: Phrase

    @model_validator(mode="after")
    def _exists(self) -> Self:
        if self.nth_paragraph > self.num_paragraphs:
            raise ValueError(f"nth_paragraph: got {self.nth_paragraph} of {self.num_paragraphs}; needs one of them")
        return self

    def check(self, text: str) -> Found:
        paragraphs = text.split("\n\n")
        found = sum(bool(paragraph.strip()) for paragraph in paragraphs)
        words = paragraphs[self.nth_paragraph - 1].split() if self.nth_paragraph <= found else []
        first = _WORD_END.split(words[0].lstrip("'").lstrip('"'))[0].lower() if words else ""
        what = f"{found} paragraphs, not {self.num_paragraphs}; {first!r} begins number {self.nth_paragraph}"
        return Found(found == self.num_paragraphs and first == self.first_word.lower(), what)


class Postscript(Instruction, id="detectable_content:postscript"):
    """The marker in any case, wherever it stands; `P. S.` is one, too. It is no regular expression here."""

    postscript_marker: Phrase

    def check(self, text: str) -> Found:
        pattern = _POSTSCRIPTS.get(self.postscript_marker) or re.compile(re.escape(self.postscript_marker.lower()))
        return Found(pattern.search(text.lower()) is not None, f"without {self.postscript_marker!r}")


class Title(Instruction, id="detectable_format:title"):
    """`<<…>>` within one line, not blank."""

    def check(self, text: str) -> Found:
        return Found(any(map(_titled, text.split("\n"))), "no <<title>>")


class JsonFormat(Instruction, id="detectable_format:json_format"):
    """All of it is JSON, in a code fence or not."""

    def check(self, text: str) -> Found:
        text = text.strip()
        fence = next((fence for fence in _FENCES if text.startswith(fence)), "")
        try:
            json.loads(text.removeprefix(fence).removesuffix("```").strip(), parse_int=str)  # int() has a limit
        except ValueError:
            return Found(False, "not JSON")
        except RecursionError:
            return Found(None, "nested too deeply to be read")
        return Found(True, "")


class ConstrainedResponse(Instruction, id="detectable_format:constrained_response"):
    """One of `CONSTRAINED_RESPONSES` occurs."""

    def check(self, text: str) -> Found:
        return Found(any(response in text for response in CONSTRAINED_RESPONSES), "none of the three answers")


class TwoResponses(Instruction, id="combination:two_responses"):
    """Two that differ, parted by `******`."""

    def check(self, text: str) -> Found:
        first, *between = (response.strip() for response in text.split("******"))
        last = between.pop() if between else ""
        responses = [response for response in (first, *between, last) if response]
        sound = all(between) and len(responses) == 2 and responses[0] != responses[1]
        return Found(sound, f"{len(responses)} responses, not two that differ")


class RepeatPrompt(Instruction, id="combination:repeat_prompt"):
    """Begins with the prompt, in any case."""

    prompt_to_repeat: Phrase

    def check(self, text: str) -> Found:
        return Found(text.strip().lower().startswith(self.prompt_to_repeat.lower()), "does not begin with the prompt")


class EndChecker(Instruction, id="startend:end_checker"):
    """Ends with the phrase, in any case, with or without a quotation mark behind it."""

    end_phrase: Phrase

    def check(self, text: str) -> Found:
        followed = text.strip().strip('"').lower().endswith(self.end_phrase.lower())
        return Found(followed, f"does not end with {self.end_phrase!r}")


class Quotation(Instruction, id="startend:quotation"):
    """`"` at either end."""

    def check(self, text: str) -> Found:
        text = text.strip()
        return Found(len(text) > 1 and text[0] == text[-1] == '"', "not in double quotation marks")


def count_paragraphs(parts: Sequence[str], asked: int) -> Found:
    """Count what was parted; an empty part at either end is none, and one between two others breaks it."""
    first, *between = parts
    last = between.pop() if between else ""
    if not all(map(str.strip, between)):
        return Found(False, "an empty paragraph")
    return exactly("paragraphs", bool(first.strip()) + len(between) + bool(last.strip()), asked)


def _bracketed(line: str) -> Iterator[int]:
    start = line.find("[")
    while start >= 0 and (end := line.find("]", start)) >= 0:
        yield start
        start = line.find("[", end)


def _titled(line: str) -> bool:
    start, end = line.find("<<"), line.rfind(">>")
    return 0 <= start < end and bool(line[start : end + 2].lstrip("<").rstrip(">").strip())
