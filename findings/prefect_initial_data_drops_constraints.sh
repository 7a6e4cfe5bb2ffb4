#!/usr/bin/env bash
# Prefect 3.8.8: RunInput.with_initial_data, which prefills the form that resumes a run, drops the constraints and the
# descriptions of the fields that it prefills: `ge=0` in Field(...) refuses -1 before, and not after. Only a constraint that stands
# inside of a union stays.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prefect==3.8.8 'fastapi<0.151' 'sqlalchemy<2.1'
PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1 "$folder/venv/bin/python" - <<'PYTHON'
from typing import Annotated

import prefect
from prefect.input import RunInput
from pydantic import Field, ValidationError


class Raise(RunInput):
    usd: float = Field(default=1.0, ge=0, description="In all.")
    tokens: Annotated[int, Field(ge=0)] | None = 1


def takes(model, **values):
    try:
        model(**values)
    except ValidationError:
        return False
    return True


prefilled = Raise.with_initial_data(usd=5.0, tokens=5)
print("prefect", prefect.__version__)
print("the class takes usd=-1:", takes(Raise, usd=-1), Raise.model_json_schema()["properties"]["usd"])
print("prefilled:", takes(prefilled, usd=-1), prefilled.model_json_schema()["properties"]["usd"])
print("in a union, prefilled, takes tokens=-1:", takes(prefilled, tokens=-1))
raise SystemExit(takes(Raise, usd=-1) or not takes(prefilled, usd=-1) or takes(prefilled, tokens=-1))
PYTHON
