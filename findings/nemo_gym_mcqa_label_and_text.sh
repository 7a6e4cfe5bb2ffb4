#!/usr/bin/env bash
# nemo-gym 0.7.0, the resources server `mcqa`: the box may hold a letter, "(B)", or "B) 18 kg", but by the default
# `strict_single_letter_boxed` "(B) 18 kg", as most choices are printed, earns nothing, and so do "B 18 kg",
# `\textbf{B}` and `\mathrm{B}`. The hyphen of a word ends a label: "A-type" is choice A.
# By `lenient_boxed` a box that is no letter is searched for the choices' texts: -18, 180 and 18.2 are taken for the choice 18,
# while a choice 1 beside it makes 18 itself no answer. Needed: B for each that says it, None for other numbers. Seen: the
# choices below, of the wheel's own code, installed for another Python than the 3.13.14 that it asks for; of its framework,
# which these rules do not use, names alone stand in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python \
  --target "$folder/gym" nemo-gym==0.7.0
"$folder/venv/bin/python" - "$folder/gym/resources_servers/mcqa/app.py" <<'PYTHON'
import runpy
import sys
import types
from enum import Enum

base, web = types.ModuleType("nemo_gym.base_resources_server"), types.ModuleType("fastapi")
profile = types.ModuleType("nemo_gym.reward_profile")
for name in ("ResourcesServerConfig", "RunRequest", "VerifyRequest", "VerifyResponse"):
    setattr(base, f"Base{name}", type(name, (), {}))
base.SimpleResourcesServer, web.FastAPI = type("SimpleResourcesServer", (), {}), object
base.ReverifyMode = Enum("ReverifyMode", "STATELESS")
profile.compute_pass_majority_metrics = profile.highest_k_metrics = None
sys.modules |= {"nemo_gym": types.ModuleType("nemo_gym"), base.__name__: base, profile.__name__: profile, "fastapi": web}
server = runpy.run_path(sys.argv[1])
STRICT = (  # box, the choice that is read
    ("B", "B"),
    ("(B)", "B"),
    ("B) 18 kg", "B"),
    ("(B) 18 kg", None),
    (r"\text{(B) 18 kg}", None),
    ("B 18 kg", None),
    (r"\textbf{B}", None),
    (r"\mathrm{B}", None),
    ("A-type", "A"),
)
TEXTS = [{"A": "5"}, {"B": "18"}, {"C": "7"}]
BESIDE = [{"A": "1"}, {"B": "18"}, {"C": "7"}]
LENIENT = (  # choices, box, the choice that is read
    (TEXTS, "18", "B"),
    (TEXTS, "-18", "B"),
    (TEXTS, "180", "B"),
    (TEXTS, "18.2", "B"),
    (BESIDE, "18", None),
    (BESIDE, "12", "A"),
)
same = True
for box, before in STRICT:
    now = server["_parse_answer_letter_strict_boxed"](f"\\boxed{{{box}}}", set("ABC"))[0]
    same &= now == before
    print(f"strict, {box}: {now}")
for choices, box, before in LENIENT:
    now = server["_match_option_text"](f"\\boxed{{{box}}}", choices, set("ABC"))
    same &= now == before
    print(f"lenient, {box} of {choices}: {now}")
raise SystemExit(not same)
PYTHON
