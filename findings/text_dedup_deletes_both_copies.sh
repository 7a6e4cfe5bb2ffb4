#!/usr/bin/env bash
# text-dedup 0.4.1: its MinHash with the default `check_false_positive = false` removes all copies of a text, not all but one. It
# keeps the rows whose cluster is their own index, as the cluster's least index once was; but the clusters are now
# numbered 1, 2, 3, and so all rows of one go, unless the number happens to be the index of one of them. Needed: one
# of each. Seen: five different texts, two of them twice (rows 1 and 2, 4 and 5): rows 0, 1, 3 and 6 are left, or 0, 2, 3 and
# 6, as the clusters are numbered. With `check_false_positive = true` rows 0, 1, 3, 4 and 6 are. Needs Python 3.12
# (PYTHON=… for another name of it).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.12}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check text-dedup==0.4.1 polars-grouper==0.6.1 datasets==5.2.0
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import json

words = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu".split()
texts = [" ".join(f"{word}{n}" for word in words) for n in (0, 1, 1, 2, 3, 3, 4)]
with open("rows.jsonl", "w") as rows:
    rows.writelines(json.dumps({"row": n, "text": text}) + "\n" for n, text in enumerate(texts))
PYTHON
for check in false true; do
    cat > config.toml <<TOML
[input]
input_type = "local_files"
file_type = "json"
[input.read_arguments]
path = "json"
data_files = "rows.jsonl"
split = "train"
[algorithm]
algorithm_name = "minhash"
text_column = "text"
num_perm = 64
threshold = 0.7
ngram_size = 2
num_proc = 1
check_false_positive = $check
[output]
output_dir = "$check"
[debug]
enable_profiling = false
TOML
    HF_HOME=$folder HF_HUB_OFFLINE=1 "$folder/venv/bin/python" -m text_dedup.minhash > log 2>&1 || { tail -20 log; exit 1; }
done
"$folder/venv/bin/python" - <<'PYTHON'
from datasets import load_from_disk

left = {check: load_from_disk(check)["row"][:] for check in ("false", "true")}
print("rows that are left, by check_false_positive:", left)
texts = [0, 1, 1, 2, 3, 3, 4]
found = {check: {texts[row] for row in rows} for check, rows in left.items()}
raise SystemExit(len(found["false"]) == 5 or len(found["true"]) != 5)
PYTHON
