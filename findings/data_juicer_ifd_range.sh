#!/usr/bin/env bash
# py-data-juicer 1.6.1: instruction_following_difficulty_filter inherits the default range of the perplexity filter, 1 to
# 100, and so keeps exactly the pairs that IFD is there to remove: those whose instruction makes the response no likelier (a
# ratio of 1 or more, "misaligned" in arXiv 2308.12032, section 2.2). The good ones, below 1, are dropped. Needed: a default
# below 1, or none. To be imported it also needs aiohttp, which it does not ask for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check py-data-juicer==1.6.1 datasets==5.2.0 aiohttp
HOME=$folder "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || { tail -20 "$folder/log"; exit 1; }
from data_juicer.ops.filter.instruction_following_difficulty_filter import InstructionFollowingDifficultyFilter
from data_juicer.utils.constant import Fields, StatsKeys

filter = InstructionFollowingDifficultyFilter(hf_model="unread")
kept = {ifd: bool(filter.process_single({Fields.stats: {StatsKeys.ifd_score: ifd}})) for ifd in (0.3, 0.6, 0.9, 1.1, 2.0)}
print("kept by IFD:", kept, flush=True)
raise SystemExit(kept != {0.3: False, 0.6: False, 0.9: False, 1.1: True, 2.0: True})
PYTHON
