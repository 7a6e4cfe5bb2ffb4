#!/usr/bin/env bash
# Prefect 3.8.8 takes two tasks of one flow run for the same when their source and their arguments are: neither the task's name nor
# what its function encloses is part of the default cache key. With `persist_result=True` a task made by a function, once for each
# model, weight or prompt, is run for the first only; the second is "Cached" and gives the first one's result. Nothing is said
# at the level of warnings. Needed: a result of its own. `cache_policy=NO_CACHE` gives it.
# Seen: 5 weighted by 2, then by 3, as tasks of two names: 10 and 10.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prefect==3.8.8 "fastapi>=0.139,<0.151" "sqlalchemy<2.1"
export PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1 PREFECT_LOGGING_LEVEL=WARNING
export PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS=300
"$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || { tail -20 "$folder/log"; exit 1; }
from prefect import flow, task
from prefect.cache_policies import DEFAULT, NO_CACHE


def weighted(weight, policy):
    @task(name=f"weighted by {weight}", persist_result=True, cache_policy=policy)
    def score(n_tokens):
        return weight * n_tokens

    return score


@flow
def scores(policy):
    return [weighted(weight, policy)(5) for weight in (2, 3)]


found = {name: scores(policy) for name, policy in {"DEFAULT": DEFAULT, "NO_CACHE": NO_CACHE}.items()}
print("5 weighted by 2 and by 3:", found)
raise SystemExit(found != {"DEFAULT": [10, 10], "NO_CACHE": [10, 15]})
PYTHON
