#!/usr/bin/env bash
# torchtune 0.6.1: with `max_seq_len` set, however large, the Qwen 2, 2.5 and 3 tokenizers leave the last token of every row out of
# the loss, cut or not: that is `<|im_end|>`, the end of the answer, and where rows have one turn, the only one there is. What is
# trained never learns to stop. The cause: the function that cuts tokens, and puts the end in place of the last one, cuts the mask,
# too, and takes a last value of False for a token that is to be replaced. Of Llama 2, Mistral, Gemma and Phi it is the
# other way round: a row that is cut ends with an end that is learnt, so that long answers teach to stop in mid-sentence. Nothing is
# said. Needed: the end of an answer that is whole, and none of one that was cut. Seen with torch 2.13.0, torchao 0.13.0 and
# vocabularies made on the spot: what is learnt of one answer without a limit, with a large one and with a small one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 datasets==5.2.0 sentencepiece==0.2.3 \
    tiktoken==0.14.0 omegaconf==2.3.0 tokenizers numpy
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps torchtune==0.6.1 torchao==0.13.0
seen=$("$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
import json
import sys
from pathlib import Path

import sentencepiece
from torchtune.data import Message
from torchtune.models.mistral import MistralTokenizer
from torchtune.models.qwen2._tokenizer import bytes_to_unicode
from torchtune.models.qwen2_5._tokenizer import Qwen2_5Tokenizer

folder = Path(sys.argv[1])
QUESTION, ANSWER = "Why is it so?", "Because it is seven, and seven is odd."
(folder / "texts").write_text(f"{QUESTION}\n{ANSWER}\n" * 20)
sentencepiece.SentencePieceTrainer.train(
    input=folder / "texts", model_prefix=folder / "tiny", model_type="char", vocab_size=40, hard_vocab_limit=False
)
(folder / "vocab.json").write_text(json.dumps({letter: n for n, letter in enumerate(bytes_to_unicode().values())}))
(folder / "merges.txt").write_text("#version: 0.2\n")
messages = [Message(role="user", content=QUESTION, masked=True), Message(role="assistant", content=ANSWER)]


def shown(tokenizer, limit) -> None:
    tokens, mask = tokenizer.tokenize_messages(messages)
    learnt = [token for token, masked in zip(tokens, mask, strict=True) if not masked]
    text = tokenizer.decode([token for token in learnt if token != tokenizer.eos_id])
    print(f"{type(tokenizer).__name__}, {limit}: {text!r}", "and the end" if tokenizer.eos_id in learnt else "without an end")


for limit in (None, 999, 40):
    shown(MistralTokenizer(str(folder / "tiny.model"), max_seq_len=limit), limit)
for limit in (None, 999, 60):
    shown(Qwen2_5Tokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), max_seq_len=limit), limit)
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
MistralTokenizer, None: 'Because it is seven, and seven is odd.' and the end
MistralTokenizer, 999: 'Because it is seven, and seven is odd.' and the end
MistralTokenizer, 40: 'Because it is seven' and the end
Qwen2_5Tokenizer, None: '<|im_start|>assistant\nBecause it is seven, and seven is odd.' and the end
Qwen2_5Tokenizer, 999: '<|im_start|>assistant\nBecause it is seven, and seven is odd.' without an end
Qwen2_5Tokenizer, 60: '<|im_start|>assistant\nBecause it is seven, and se' without an end
SEEN
