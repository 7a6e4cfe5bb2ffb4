"""The 58 verifiable instructions of IFBench (Pyatkin et al. 2025, arXiv 2507.02833), by their published ids."""

from collections.abc import Mapping
from types import MappingProxyType

from tasks.judging.constraints import ifbench_count as count
from tasks.judging.constraints import ifbench_custom as custom
from tasks.judging.constraints import ifbench_format as form
from tasks.judging.constraints import ifbench_words as words
from tasks.judging.constraints.instruction import Instruction

INSTRUCTIONS: Mapping[str, type[Instruction]] = MappingProxyType(
    {
        "count:conjunctions": count.Conjunctions,
        "count:keywords_multiple": count.KeywordsMultiple,
        "count:numbers": count.Numbers,
        "count:person_names": count.PersonNames,
        "count:pronouns": count.Pronouns,
        "count:punctuation": count.Punctuation,
        "count:unique_word_count": count.UniqueWordCount,
        "count:word_count_range": count.WordCountRange,
        "count:words_japanese": count.WordsJapanese,
        "custom:character_reverse": custom.CharacterReverse,
        "custom:csv_city": custom.CityCsv,
        "custom:csv_quotes": custom.QuotesCsv,
        "custom:csv_special_character": custom.SpecialCharacterCsv,
        "custom:date_format_list": custom.DateFormatList,
        "custom:european_capitals_sort": custom.EuropeanCapitals,
        "custom:mcq_count_length": custom.MultipleChoice,
        "custom:multiples": custom.Multiples,
        "custom:reverse_newline": custom.ReverseNewline,
        "custom:sentence_alphabet": custom.SentenceAlphabet,
        "custom:word_reverse": custom.WordReverse,
        "format:emoji": form.Emoji,
        "format:line_indent": form.LineIndent,
        "format:list": form.SpecialList,
        "format:newline": form.Newline,
        "format:no_bullets_bullets": form.NoBulletsBullets,
        "format:no_whitespace": form.NoWhitespace,
        "format:options": form.Options,
        "format:output_template": form.OutputTemplate,
        "format:parentheses": form.Parentheses,
        "format:quote_unquote": form.QuoteUnquote,
        "format:quotes": form.Quotes,
        "format:sub-bullets": form.SubBullets,
        "format:thesis": form.Thesis,
        "format:title_case": form.TitleCase,
        "ratio:overlap": count.Overlap,
        "ratio:sentence_balance": count.SentenceBalance,
        "ratio:sentence_type": count.SentenceType,
        "ratio:sentence_words": count.SentenceWords,
        "ratio:stop_words": count.StopWords,
        "repeat:repeat_change": form.RepeatChange,
        "repeat:repeat_simple": form.RepeatSimple,
        "repeat:repeat_span": form.RepeatSpan,
        "sentence:alliteration_increment": words.AlliterationIncrement,
        "sentence:increment": words.SentenceIncrement,
        "sentence:keyword": words.SentenceKeyword,
        "words:alphabet": words.Alphabet,
        "words:consonants": words.Consonants,
        "words:keywords_specific_position": words.KeywordPosition,
        "words:last_first": words.LastFirst,
        "words:no_consecutive": words.NoConsecutive,
        "words:odd_even_syllables": words.OddEvenSyllables,
        "words:palindrome": words.Palindrome,
        "words:paragraph_last_first": words.ParagraphLastFirst,
        "words:prime_lengths": words.PrimeLengths,
        "words:repeats": words.WordRepeats,
        "words:start_verb": words.StartVerb,
        "words:vowel": words.Vowel,
        "words:words_position": words.WordsPosition,
    }
)
