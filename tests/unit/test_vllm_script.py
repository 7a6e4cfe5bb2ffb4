"""`make vllm`: what it starts, with a stand-in for the command that it installs."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

SCRIPT = ROOT / "deploy" / "vllm.sh"
ECHO = '#!/bin/sh\necho "$VLLM_CPU_KVCACHE_SPACE" "$@"\n'


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.mark.parametrize("gpu", [False, True])
def test_it_serves_the_model_as_a_student_needs_it(tmp_path: Path, gpu: bool) -> None:
    executable(tmp_path / "venv/bin/vllm", ECHO)
    (tmp_path / "venv/installed").touch()
    executable(tmp_path / "bin/nvidia-smi", f"#!/bin/sh\nexit {0 if gpu else 9}\n")
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "VLLM_VENV": str(tmp_path / "venv")}
    command = [str(SCRIPT), "a/model", "--dtype", "bfloat16"]
    told = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    words = told.split()
    assert words[words.index("serve") + 1] == "a/model"
    assert "--no-enable-prefix-caching" in words
    assert words.index("float32") < words.index("bfloat16")  # the later one wins
    assert ("--enforce-eager" in words, words[0] == "1") == (not gpu, not gpu)


def test_without_a_model_it_says_what_it_needs() -> None:
    told = subprocess.run(["make", "vllm"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "needs a folder or a name: make vllm MODEL=DIR" in told.stdout
    assert "Error 2" in told.stderr


def test_every_package_is_pinned_and_none_is_of_a_gpu() -> None:
    lines = [line for line in (ROOT / "deploy/vllm_cpu.lock").read_text().splitlines() if line[:1] not in ("", "#")]
    assert all(line.count("==") == 1 and "+" not in line for line in lines)
    names = {line.partition("==")[0] for line in lines}
    assert {"vllm-cpu", "torch", "transformers"} <= names
    assert not {"vllm", "triton", "torchvision", "torchaudio", "torchcodec"} & names
