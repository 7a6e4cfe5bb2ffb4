#!/usr/bin/env bash
# datatrove 0.10.1: its deduplication compares texts in which every number has become 0: `MinhashDedupSignature` and `SentenceDedupSignature` take a
# question, its working and its answer for a copy of those that another template's numbers fill, and keep one of them. A set of
# word problems, traces or synthetic arithmetic, whose rows differ in their numbers, shrinks to its templates; the sentence filter
# takes "The answer is 84." out of a text whose neighbour says "The answer is 280.". Nothing is said but how many were dropped. Its
# decontamination by n-grams reads the same way. Needed: numbers compared, as texts that differ in one word are. With
# `TextNormConfig(norm_numbers=False)` both rows stay. Seen: the rows that are left of two questions.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check datatrove==0.10.1 spacy==3.8.18 tokenizers==0.23.3 xxhash==3.8.2 \
    regex orjson nltk fasteners tldextract pyahocorasick
HOME=$folder "$folder/venv/bin/python" - "$folder" 2> "$folder/log" <<'PYTHON' || { tail -20 "$folder/log"; exit 1; }
import json
import sys
from pathlib import Path
from tempfile import mkdtemp

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
    SentenceDedupFilter,
    SentenceDedupSignature,
    SentenceFindDedups,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.dedup.sentence_dedup import SentDedupConfig
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.text import TextNormConfig

TEMPLATE = (
    "A shop sells {0} boxes of pens on Monday and {1} boxes on Tuesday. Each box has {2} pens. How many pens are that on the "
    "two days together? They are {0} + {1} = {3} boxes, and {3} * {2} = {4} pens. The answer is {4}."
)
TEXTS = [TEMPLATE.format(3, 4, 12, 7, 84), TEMPLATE.format(5, 9, 20, 14, 280)]
NUMBERS = TextNormConfig(norm_numbers=False)


def run(*steps: object, tasks: int = 1) -> None:
    LocalPipelineExecutor([*steps], tasks=tasks, workers=1, logging_dir=mkdtemp(dir=sys.argv[1])).run()


def documents() -> list[Document]:
    return [Document(text=text, id=str(number)) for number, text in enumerate(TEXTS)]


def left(steps: object) -> list[str]:
    folder = mkdtemp(dir=sys.argv[1])
    run(documents(), steps, JsonlWriter(folder, compression=None))
    return [json.loads(line)["id"] for file in sorted(Path(folder).glob("*")) for line in file.open()]


def by_minhash(config: MinhashConfig) -> list[str]:
    folder = mkdtemp(dir=sys.argv[1])
    run(documents(), MinhashDedupSignature(f"{folder}/signatures", config=config))
    run(MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=config), tasks=config.num_buckets)
    run(MinhashDedupCluster(f"{folder}/buckets", f"{folder}/removed", config=config))
    return left(MinhashDedupFilter(f"{folder}/removed"))


def by_sentence(config: SentDedupConfig) -> list[str]:
    folder = mkdtemp(dir=sys.argv[1])
    run(documents(), SentenceDedupSignature(f"{folder}/signatures", config=config))
    run(SentenceFindDedups(f"{folder}/signatures", f"{folder}/found", config=config))
    return left(SentenceDedupFilter(f"{folder}/found", config=config))


CASES = (
    ("minhash", by_minhash(MinhashConfig()), ["0"]),
    ("minhash, norm_numbers=False", by_minhash(MinhashConfig(norm_config=NUMBERS)), ["0", "1"]),
    ("sentences", by_sentence(SentDedupConfig(min_doc_words=1)), ["0"]),
    ("sentences, norm_numbers=False", by_sentence(SentDedupConfig(min_doc_words=1, norm_config=NUMBERS)), ["0", "1"]),
)
same = True
for name, now, before in CASES:
    same &= now == before
    print(f"{name}: rows {', '.join(now)} of 0, 1 are left{'' if now == before else ' OTHER THAN BEFORE'}")
raise SystemExit(not same)
PYTHON
