#!/usr/bin/env bash
# py-data-juicer 1.6.1: `document_minhash_deduplicator` with its own settings (words, windows of 5) makes no shingle of a
# text that has fewer than 5 words, and all texts without shingles have one signature: of a set of short answers it keeps
# the first and removes every other as its near-duplicate. Its page names no shortest length. Needed: texts that share no
# word stay. Seen: of six different answers, one is left; of the same with five words each, all six.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check py-data-juicer==1.6.1 datasets==5.2.0 aiohttp
HOME=$folder "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || { tail -20 "$folder/log"; exit 1; }
from data_juicer.ops.deduplicator.document_minhash_deduplicator import DocumentMinhashDeduplicator
from datasets import Dataset

SHORT = ["Yes.", "No, seven.", "The answer is 42.", "Paris", "x = 3", "On a Tuesday"]
LONG = [" ".join(f"{text.split()[0]}{place}" for place in range(5)) for text in SHORT]


def left(texts: list[str]) -> list[str]:
    operator = DocumentMinhashDeduplicator()
    rows = Dataset.from_list([{"text": text} for text in texts]).map(operator.compute_hash)
    return [row["text"] for row in operator.process(rows, show_num=0)[0]]


short, long = left(SHORT), left(LONG)
print(f"of {len(SHORT)} texts under 5 words: {short}")
print(f"of {len(LONG)} texts of 5 words: {len(long)} left")
raise SystemExit(short != SHORT[:1] or long != LONG)
PYTHON
