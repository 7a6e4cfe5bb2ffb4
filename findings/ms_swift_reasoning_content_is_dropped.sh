#!/usr/bin/env bash
# ms-swift 4.6.0: of a message it keeps `role`, `content`, `loss` and `loss_scale`, and takes every other key off without a word:
# `reasoning_content`, in which DeepSeek's, Qwen's and vLLM's answers and TRL's data sets have the thoughts, and which the chat
# templates of these models read. A reasoning model that is trained on such rows learns to answer at once, with empty thoughts;
# the rows are as many as before, and none is called abnormal. `reasoning` likewise. Thoughts in `content`, between <think>
# and </think>, stay. Needed: the thoughts, or an error that names the key. Seen: the messages as the preprocessor
# of `--dataset FILE` gives them on. Its file is loaded by itself, without what training needs; datasets 5.2.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datasets==5.2.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps ms-swift==4.6.0
seen=$(HOME=$folder "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
import logging
import sys
from contextlib import nullcontext
from importlib.metadata import distribution
from types import ModuleType


def stand_in(name: str, **members) -> None:
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__dict__.update(members)


def unused(*_):
    raise AssertionError("not called for these rows")


stand_in("modelscope.hub.utils.utils", get_cache_dir=lambda: sys.argv[0])
stand_in("swift.template", history_to_messages=unused, MaxLengthError=type("MaxLengthError", (ValueError,), {}))
stand_in("swift.template.template_inputs", normalize_openai_tool_calls=lambda messages: messages)
stand_in(
    "swift.utils",
    TOOL_KEYS=("tools",),
    get_logger=lambda: logging.getLogger(),
    is_dist=lambda: False,
    is_master=lambda: True,
    remove_arrow_padding=unused,
    safe_ddp_context=lambda *_: nullcontext(),
)
source = distribution("ms-swift").locate_file("swift/dataset/preprocessor/core.py")
core = ModuleType("swift.dataset.preprocessor.core")
sys.modules[core.__name__] = core
exec(compile(source.read_text(), str(source), "exec"), core.__dict__)


def read(**answer) -> None:
    batch = {"messages": [[{"role": "user", "content": "3 fours?"}, {"role": "assistant", **answer}]]}
    found = core.MessagesPreprocessor().batched_preprocess(batch, strict=True, ignore_max_length_error=False)
    print(found["messages"][0][-1])


read(content="12", loss=True)
read(content="12", reasoning_content="Three fours are twelve.")
read(content="12", reasoning="Three fours are twelve.")
read(content="<think>\nThree fours are twelve.\n</think>\n\n12")
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
{'loss': True, 'role': 'assistant', 'content': '12'}
{'role': 'assistant', 'content': '12'}
{'role': 'assistant', 'content': '12'}
{'role': 'assistant', 'content': '<think>\nThree fours are twelve.\n</think>\n\n12'}
SEEN
