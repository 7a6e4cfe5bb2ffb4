#!/usr/bin/env bash
# nemo-gym 0.7.0, the resources server `string_match`, with its defaults (`final_answer`, not case sensitive): m, cm, mm, km
# and kg are taken out of answer and gold wherever they stand, within words, too, and so is a comma between two digits. So
# 5 km, and 5 kg, earn 0.98 for the gold 5 m, 2m+3 earns 1 for 2+3, Tom for "To", and the list 3,4 for 34. "and" and "or"
# are dropped as well: a text that says the one earns 1 for the other. A number within one percent earns 0.98: 2010 for
# the year 2024. The right answer in the form that chat models use most, `**Answer:** 18`, is read as "** 18" and earns
# nothing. Needed: nothing for the first eight and 1 for the right answers. Seen: the rewards below, of the wheel's own code,
# installed for another Python than the 3.13.14 that it asks for; of its framework, which no rule uses, names stand in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python \
  --target "$folder/gym" nemo-gym==0.7.0
"$folder/venv/bin/python" - "$folder/gym/resources_servers/string_match/app.py" <<'PYTHON'
import runpy
import sys
import types

base, web = types.ModuleType("nemo_gym.base_resources_server"), types.ModuleType("fastapi")
for name in ("ResourcesServerConfig", "RunRequest", "VerifyRequest", "VerifyResponse"):
    setattr(base, f"Base{name}", type(name, (), {}))
base.SimpleResourcesServer, web.FastAPI = type("SimpleResourcesServer", (), {}), object
sys.modules |= {"nemo_gym": types.ModuleType("nemo_gym"), base.__name__: base, "fastapi": web}
server = runpy.run_path(sys.argv[1])
CASES = (  # answer, gold, reward
    ("Answer: 5 km", "5 m", 0.98),
    ("Answer: 5 kg", "5 m", 0.98),
    ("Answer: 2m+3", "2+3", 1.0),
    ("Answer: Tom", "To", 1.0),
    ("Answer: 3,4", "34", 1.0),
    ("Answer: (1,2)", "(12)", 1.0),
    ("Answer: Alice or Bob went home", "Alice and Bob went home", 1.0),
    ("Answer: 2010", "2024", 0.98),
    ("**Answer:** 18", "18", 0.0),
    ("Answer: **18**", "18", 0.0),
    ("Answer: 1/2", "0.5", 0.0),
    ("Answer: 18", "18", 1.0),
    ("Answer: 19", "18", 0.0),
)
same = True
for text, gold, before in CASES:
    read = server["_extract_answer"](text, "final_answer")
    now = server["_answers_match"](read, gold, False)
    same &= now == before
    print(f"gold {gold!r}: {text!r}, read as {read!r}, earns {now}")
raise SystemExit(not same)
PYTHON
