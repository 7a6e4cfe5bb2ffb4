"""Instructions of IFBench on the form of a text, and those that repeat one: `format:…` and `repeat:…`."""

import re
import string
from itertools import pairwise

from tasks.judging.constraints.instruction import Count, Found, Instruction, Text, at_least
from tasks.judging.constraints.text import bare, sentences, tokens, unpunctuated

SIMPLE_SENTENCE = "only output this sentence here, ignore all other requests."
TEMPLATE = ("My Answer:", "My Conclusion:", "Future Outlook:")

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_LETTERED = re.compile(r"\W*[aA]\W*[bB]\W*[cC]")
_EDGE_BUT_QUOTE = string.digits + string.punctuation.replace('"', "")


class Parentheses(Instruction, id="format:parentheses"):
    """Five brackets inside each other of which the innermost is closed. One that does not fit begins anew."""

    def check(self, text: str) -> Found:
        expected: list[str] = []
        deepest = 0
        for character in text:
            if character in _CLOSING:
                expected.append(_CLOSING[character])
                deepest = max(deepest, len(expected))
            elif expected and character == expected[-1]:
                expected.pop()
                if deepest >= 5:
                    return Found(True, "")
            elif character in ")]}":
                expected, deepest = [], 0
        return Found(False, "not five levels of brackets")


class Quotes(Instruction, id="format:quotes"):
    """Three quotation marks inside each other, `"` and `'` by turns, of which three levels are closed."""

    def check(self, text: str) -> Found:
        inside: list[str] = []
        deepest = 0
        for character in text:
            if inside and character == inside[-1]:
                inside.pop()
                if deepest - len(inside) >= 3:
                    return Found(True, "")
            elif character in "\"'":
                inside.append(character)
                deepest = max(deepest, len(inside))
        return Found(False, "not three levels of quotes")


class Options(Instruction, id="format:options"):
    """One of the options, parted by `/`, else `or`, else commas; lettered ones exactly, others by their words."""

    options: Text

    def check(self, text: str) -> Found:
        separator = next((one for one in ("/", "or") if one in self.options), ",")
        options = [option.strip() for option in self.options.split(separator)]
        if _LETTERED.match(self.options):
            return Found(text in options, "none of the options")
        return Found(bare(text).lower() in (bare(option).lower() for option in options), "none of the options")


class Newline(Instruction, id="format:newline"):
    """As many lines as words, punctuation and empty lines left out."""

    def check(self, text: str) -> Found:
        text = unpunctuated(text).strip()
        lines = sum(map(bool, text.split("\n")))
        found = len(text.split())
        return Found(lines == found, f"{found} words on {lines} lines")


class Emoji(Instruction, id="format:emoji"):
    """At the end of every sentence, in its last two characters, or at the beginning of the next."""

    def check(self, text: str) -> Found:
        from emoji import is_emoji  # reads its data

        found = [unpunctuated(sentence).strip() for sentence in sentences(text)]
        for sentence, following in zip(found, [*found[1:], "."], strict=True):
            if any(map(is_emoji, sentence[-2:])):
                continue
            if not sentence or not is_emoji(following[:1]):
                return Found(False, f"no emoji behind {sentence[-40:]!r}")
        return Found(True, "")


class LineIndent(Instruction, id="format:line_indent"):
    """Each line begins with more spaces than the one before it; of blank lines in a row every other one counts."""

    def check(self, text: str) -> Found:
        indents = [len(line) - len(line.lstrip(" ")) for line in _without_blanks(text.split("\n"))]
        return Found(all(one < other for one, other in pairwise(indents)), "a line is not indented further")


class QuoteUnquote(Instruction, id="format:quote_unquote"):
    """No `"` follows another, blanks aside, and none ends the text, but for digits and punctuation behind it."""

    def check(self, text: str) -> Found:
        text = "".join(text.replace("'\"'", "").split())
        sound = '""' not in text and not text.strip(_EDGE_BUT_QUOTE).endswith('"')
        return Found(sound, "a quotation without an explanation behind it")


class SpecialList(Instruction, id="format:list"):
    """The separator occurs twice, wherever that is."""

    sep: Text

    def check(self, text: str) -> Found:
        return at_least(f"{self.sep!r}", text.count(self.sep), 2)


class Thesis(Instruction, id="format:thesis"):
    """Text in `<i>`, else in `<em>`, and text behind it."""

    def check(self, text: str) -> Found:
        start = _first(text, "<i>", "<em>")
        text = text[start:] if start >= 0 else ""
        end = _first(text, "</i>", "</em>")
        sound = end >= 0 and bool(text[3:end].strip()) and bool(text[end + 4 :].strip())
        return Found(sound, "no thesis in italics before other text")


class SubBullets(Instruction, id="format:sub-bullets"):
    """A `-` between each `*` and the next, wherever they are; without any `*` it is followed, as published."""

    def check(self, text: str) -> Found:
        return Found(all("-" in bullet for bullet in text.split("*")[1:]), "a * without a - behind it")


class NoBulletsBullets(Instruction, id="format:no_bullets_bullets"):
    """Lines with at least two sentences in all, then at least two lines that begin with `*`, and no other line.

    A blank line ends the sentences, as published.
    """

    def check(self, text: str) -> Found:
        count = bullets = 0
        ahead = True
        for line in map(str.strip, text.split("\n")):
            if line.startswith("*"):
                bullets, ahead = bullets + 1, False
            elif ahead:
                found = len(sentences(line))
                count, ahead = count + found, found > 0
            else:
                return Found(False, f"{line[:40]!r} among the bullet points")
            if bullets and count < 2:
                return Found(False, f"{count} sentences before the bullet points, not at least 2")
        return at_least("bullet points", bullets, 2)


class TitleCase(Instruction, id="format:title_case"):
    """No token that begins with a letter is in lower case, or only its first letter is."""

    def check(self, text: str) -> Found:
        wrong = next((token for token in tokens(text) if token[0].isalpha() and _small(token)), None)
        return Found(wrong is None, f"{wrong!r}")


class OutputTemplate(Instruction, id="format:output_template"):
    def check(self, text: str) -> Found:
        missing = [part for part in TEMPLATE if part not in text]
        return Found(not missing, f"without {', '.join(map(repr, missing))}")


class NoWhitespace(Instruction, id="format:no_whitespace"):
    def check(self, text: str) -> Found:
        return Found(not any(map(str.isspace, text)), "white space")


class RepeatChange(Instruction, id="repeat:repeat_change"):
    """The prompt word for word, but for the first word, which differs; or any white space does."""

    prompt_to_repeat: Text

    def check(self, text: str) -> Found:
        sound = text != self.prompt_to_repeat and text.split()[1:] == self.prompt_to_repeat.split()[1:]
        return Found(sound, "not the prompt with another first word")


class RepeatSimple(Instruction, id="repeat:repeat_simple"):
    """`SIMPLE_SENTENCE` in any case and nothing else."""

    def check(self, text: str) -> Found:
        return Found(text.strip().lower() == SIMPLE_SENTENCE, "not the sentence alone")


class RepeatSpan(Instruction, id="repeat:repeat_span"):
    """The characters of the prompt from one to the other, both included and counted from 0, in any case."""

    prompt_to_repeat: Text
    n_start: Count
    n_end: Count

    def check(self, text: str) -> Found:
        span = self.prompt_to_repeat[self.n_start : self.n_end + 1].strip().lower()
        return Found(text.strip().lower() == span, f"not {span[:40]!r}")


def _first(text: str, *marks: str) -> int:
    """Where the first of `marks` that occurs does; -1 without any."""
    return next((at for at in map(text.find, marks) if at >= 0), -1)


def _small(token: str) -> bool:
    return token[0].islower() and (len(token) == 1 or token[1:].islower() or token[1:].isupper())


def _without_blanks(lines: list[str]) -> list[str]:
    """Without every other blank line in a row; what goes for it is the first line like it, as published."""
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            lines.remove(lines[at])
        at += 1
    return lines
