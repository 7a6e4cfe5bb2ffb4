#!/usr/bin/env bash
# openpipe-art 0.5.18 (ART): RULER gives each trajectory of a group an id, asks the judge for a list of scores with that id in each, and then
# gives the scores out by their place in the list: the id is not looked at. A judge that lists the best first, as judges who rank do,
# rewards the wrong trajectories, and GRPO learns from them; twice the same id, or one that is not there, is taken as
# well. The judge is told neither that the order counts nor to keep it. Needed: each score to its id, and an error where one is
# missing. Seen: three trajectories, their rewards by three orders of the same verdict; of litellm and ART, which no rule uses, names
# stand in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.3 rich==15.0.0 openai==3.54.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --target "$folder/art" openpipe-art==0.5.18
"$folder/venv/bin/python" - "$folder/art/art/rewards/ruler.py" <<'PYTHON'
import asyncio
import json
import runpy
import sys
from types import ModuleType, SimpleNamespace


class Trajectory(SimpleNamespace):
    def messages(self) -> list:
        return self.messages_and_choices

    def log(self, line: str) -> None:
        self.logs.append(line)


class Answer(SimpleNamespace): ...


class Group(SimpleNamespace):
    def __init__(self, trajectories: list) -> None:
        self.trajectories = trajectories


def module(name: str, **content: object) -> None:
    sys.modules[name] = ModuleType(name)
    vars(sys.modules[name]).update(content)


asked = []


async def acompletion(messages: list, **_: object) -> Answer:
    asked.append(messages)
    return Answer(choices=[SimpleNamespace(message=SimpleNamespace(content=json.dumps({"scores": verdict})))])


module("litellm", acompletion=acompletion)
module("litellm.types")
module("litellm.types.utils", ModelResponse=Answer)
module("art", TrajectoryGroup=Group, Tools=list)
score_group = runpy.run_path(sys.argv[1])["ruler_score_group"]
SCORES = {"right": ("1", 1.0), "near": ("2", 0.5), "wrong": ("3", 0.0)}
CASES = (  # order in which the judge lists them, and the rewards of right, near, wrong
    (("right", "near", "wrong"), [1.0, 0.5, 0.0]),
    (("wrong", "near", "right"), [0.0, 0.5, 1.0]),
    (("right", "right", "near"), [1.0, 1.0, 0.5]),
)
same = True
for order, before in CASES:
    verdict = [{"trajectory_id": SCORES[name][0], "explanation": name, "score": SCORES[name][1]} for name in order]
    plain = {"tools": None, "additional_histories": [], "reward": 0.0}
    messages = [[{"role": "user", "content": "6 * 3?"}, {"role": "assistant", "content": text}] for text in SCORES]
    group = [Trajectory(messages_and_choices=it, metrics={}, metadata={}, logs=[], **plain) for it in messages]
    scored = asyncio.run(score_group(Group(group), "judge"))
    now = [trajectory.reward for trajectory in scored.trajectories]
    same &= now == before
    print(f"judge lists {', '.join(order)}: right {now[0]}, near {now[1]}, wrong {now[2]}")
told = json.dumps(asked[0])
print("ids in the prompt:", 'trajectory id=\\\\\\"3' in told or "trajectory id" in told, "- a word on order:", "order" in told)
raise SystemExit(not same or "trajectory id" not in told or "order" in told)
PYTHON
