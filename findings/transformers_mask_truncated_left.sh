#!/usr/bin/env bash
# transformers 5.23.0: `apply_chat_template(return_assistant_tokens_mask=True)` with a tokenizer that cuts on the left, as is set
# to keep the last answer, gives a mask of zeros as soon as a text is cut: the mask of the answer that has been cut off is
# looked for first, and what is not found there counts as the end of all. The last answer stands whole in what is left, and no
# token of it is learnt; nothing is said. Cut on the right, the mask is right. Needed: ones for the answer that is left.
# Seen with two answers and room for 25 of 49 tokens: on the right 6 tokens, "answer"; on the left none, of "second[E]".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check transformers==5.23.0 jinja2
seen=$(HF_HUB_OFFLINE=1 "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON'
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

TEMPLATE = (
    "{% for m in messages %}[B]{{ m.role }}\n{% if m.role == 'assistant' %}"
    "{% generation %}{{ m.content }}[E]{% endgeneration %}{% else %}{{ m.content }}[E]{% endif %}\n{% endfor %}"
)
letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "[B]", "[E]"]
inner = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(letters)}, merges=[]))
inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
inner.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="[B]", eos_token="[E]")
turns = [("user", "q"), ("assistant", "answer"), ("user", "r"), ("assistant", "second")]
messages = [{"role": role, "content": content} for role, content in turns]
for side in ("right", "left"):
    tokenizer.truncation_side = side
    cut = tokenizer.apply_chat_template(
        messages,
        chat_template=TEMPLATE,
        return_dict=True,
        return_assistant_tokens_mask=True,
        truncation=True,
        max_length=25,
    )
    ids, mask = cut["input_ids"], cut["assistant_masks"]
    learnt = tokenizer.decode([token for token, ours in zip(ids, mask, strict=True) if ours])
    print(f"{side}: {len(ids)} tokens, {sum(mask)} in the mask: {learnt!r} of {tokenizer.decode(ids)!r}")
PYTHON
) || { tail -20 "$folder/log"; exit 1; }
echo "$seen"
grep -q "^right: 25 tokens, 6 in the mask: 'answer' of " <<< "$seen"
grep -q "^left: 25 tokens, 0 in the mask: '' of .*second\[E\]" <<< "$seen"
