#!/usr/bin/env bash
# xgrammar 0.2.9, the grammar behind `json_schema` in vLLM and others: a string that has a `minLength`, a `maxLength` or a `pattern` cannot
# hold a quotation mark, a backslash or a line break any more, since JSON's escapes are left out of it. A judge's
# `{"critique": {"type": "string", "minLength": 1}}`, which is to keep it from being empty, writes no TeX, no code and no second
# line: the model is led around them, and nothing is said. A `pattern` is also taken for the whole string, where JSON Schema
# looks for it anywhere. Needed: every string that the schema allows. llguidance 1.9.1 takes them.
# Seen: each text below allowed in a plain string, and refused with a bound that it keeps.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 transformers==5.23.0 numpy pydantic \
    apache-tvm-ffi
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps xgrammar==0.2.9 llguidance==1.9.1
"$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || { tail -20 "$folder/log"; exit 1; }
import json

import llguidance.hf
from llguidance import LLMatcher
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
from xgrammar import Grammar
from xgrammar.testing import _is_grammar_accept_string

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[E]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = llguidance.hf.from_tokenizer(PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="[E]"))


def by_xgrammar(schema: dict, value: str) -> bool:
    return _is_grammar_accept_string(Grammar.from_json_schema(json.dumps(schema)), value)


def by_llguidance(schema: dict, value: str) -> bool:
    matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_json_schema(json.dumps(schema)))
    ids = tokenizer.tokenize_str(value)
    return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()


BOUNDS = {"plain": {}, "minLength": {"minLength": 1}, "maxLength": {"maxLength": 99}}
same = True
for text in ("plain words", 'It says "twelve".', r"It is \frac{1}{2}.", "First.\nSecond."):
    seen = {}
    for name, bound in BOUNDS.items():
        asked = {"type": "string", **bound}
        seen[name] = by_xgrammar(asked, json.dumps(text)), by_llguidance(asked, json.dumps(text))
    print(repr(text), "(xgrammar, llguidance):", seen)
    bare = text == "plain words"
    same &= seen == {"plain": (True, True), "minLength": (bare, True), "maxLength": (bare, True)}
asked = {"type": "string", "pattern": "[0-9]+ cm"}
found = by_xgrammar(asked, '"12 cm"'), by_xgrammar(asked, '"about 12 cm"'), by_llguidance(asked, '"about 12 cm"')
print("[0-9]+ cm in '12 cm', in 'about 12 cm', there by llguidance:", found)
raise SystemExit(not (same and found == (True, False, True)))
PYTHON
