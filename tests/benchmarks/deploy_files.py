"""The files of deploy/ against published schemas: `python -m tests.benchmarks.deploy_files CRD.yaml`.

CRD.yaml is KubeRay's ray.io_rayclusters.yaml (v1.7.0). The schemas of Compose and of Kubernetes come with two
packages, of 114 MB, in an environment of its own: so this runs outside CI. Each file is checked as it is, and once more
with a fault in it, which must be found.
"""

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT

PINNED = ("check-jsonschema==0.39.0", "kubernetes-validate==1.37.0", "jsonschema==4.26.0")
CHECK = """
import json, sys
from importlib.resources import files
import kubernetes_validate
from jsonschema.validators import Draft7Validator, validator_for
kind, document, crd = json.load(sys.stdin)
if kind == "compose":
    schema = json.loads((files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text())
    errors = [error.message for error in validator_for(schema)(schema).iter_errors(document)]
elif kind == "RayCluster":
    errors = [error.message for error in Draft7Validator(crd).iter_errors(document)]
else:
    errors = []
    try:
        kubernetes_validate.validate(document, "1.37", strict=True)
    except kubernetes_validate.ValidationError as error:
        errors = [str(error)]
print(json.dumps(errors))
"""


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each document with the kind of its schema; of a cluster also each group's pod."""
    yield "compose", yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
    for document in yaml.safe_load_all((ROOT / "deploy" / "ray" / "cluster.yaml").read_text()):
        yield document["kind"], document
        if document["kind"] == "RayCluster":
            groups = [document["spec"]["headGroupSpec"], *document["spec"]["workerGroupSpecs"]]
            for group in groups:
                metadata = {"name": group.get("groupName", "head")}
                yield "Pod", {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, **group["template"]}


def strict(schema: Any) -> Any:
    """A copy in which an object with known keys has no others, as the API server's strict validation has it."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    if made.pop("x-kubernetes-int-or-string", False):
        made.pop("type", None)
    return made


def faulty(document: dict[str, Any]) -> dict[str, Any]:
    """The same, with a key in its `spec` or its first service that no schema knows."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    (copy["spec"] if "spec" in copy else next(iter(copy["services"].values())))["imaeg"] = "reflectory"
    return copy


def main() -> None:
    crd = yaml.safe_load(Path(sys.argv[1]).read_text())
    (version,) = (each for each in crd["spec"]["versions"] if each["name"] == "v1")
    schema = strict(version["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}
    with tempfile.TemporaryDirectory() as name:
        venv.create(name, with_pip=True)
        python = f"{name}/bin/python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PINNED], check=True)

        def errors(kind: str, document: dict[str, Any]) -> list[str]:
            given = json.dumps([kind, document, schema if kind == "RayCluster" else None])
            done = subprocess.run([python, "-c", CHECK], input=given, capture_output=True, text=True, check=True)
            return list(json.loads(done.stdout.splitlines()[-1]))

        for kind, document in documents():
            what = f"{kind} {document.get('metadata', document).get('name', '')}"
            assert errors(kind, faulty(document)), f"{what}: a planted fault was not found"
            found = errors(kind, document)
            print(f"{what}: {found or 'valid'}")
            assert not found


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main()
