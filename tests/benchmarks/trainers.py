"""Each form of a release in the trainer that it is for: `python -m tests.benchmarks.trainers [FOLDER]`.

Makes an environment per trainer in FOLDER (by default a temporary one), with pinned versions from the package index
over the libraries of this one, so it runs outside CI. A model of random weights trains two steps on each form; the
table says which share of all tokens is learnt and in how many rows the wrong draft is, by the trainer's own labels.
"""

import json
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from schemas.release import ReleaseConfiguration
from schemas.release_format import ReleaseFormat
from schemas.verdict import Effect
from tasks.publishing import collator
from tasks.publishing.content import write_rows
from tests.judged_trace import columns, judged

ROWS = 24
DRAFT = "zebra"
"""Stands in every wrong draft and nowhere else."""
PINNED = {
    "trl": ("trl==1.16.0", "accelerate==1.15.0"),
    "readers": (
        "axolotl==0.19.0",
        "addict==2.4.0",
        "llamafactory==0.9.5",
        "omegaconf==2.4.0",
        "antlr4-python3-runtime==4.9.3",
        "trl==1.16.0",
        "accelerate==1.15.0",
        "peft==0.21.2",
    ),
}
"""Without what they depend on: the rest comes from this environment."""
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.reasoning_content %}<think>\n{{ m.reasoning_content }}\n</think>\n\n{% endif %}"
    "{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
HEAD = ("form", "trainer", "version", "steps", "rows", "tokens learnt", "wrong drafts learnt")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name)
        write_release(folder / "release")
        write_tokenizer(folder / "tokenizer")
        rows = [row for made_for in PINNED for row in inside(folder, made_for)]
    widths = [max(len(str(row[at])) for row in (HEAD, *rows)) for at in range(len(HEAD))]
    for row in (HEAD, *rows):
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def write_release(folder: Path) -> None:
    """Every format of a few traces that correct themselves, and of as many that are wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "collator.py").write_text(Path(collator.__file__).read_text("utf-8"), "utf-8")
    kept, wrong = [], []
    for n in range(ROWS):
        asked = {"question": f"How much is {n} + {n}?", "question_id": f"{n:02}", "instruction": "", "rank": n}
        text = f"<thinking>It is a {DRAFT}. <reflection>No: {n} and {n}.</reflection> So {2 * n}.</thinking>"
        right = f"{text}<output>{2 * n}</output>"
        kept.append(judged(right, (Effect.CORRECTED,), Effect.CORRECTED, trace_id=f"{n:02}a", **asked))
        bad = right.replace(f"<output>{2 * n}<", "<output>0<")
        wrong.append(judged(bad, verdict="incorrect", trace_id=f"{n:02}b", **(asked | {"rank": None})))
    configuration = ReleaseConfiguration(
        formats=tuple(ReleaseFormat), system="teacher", template=None, special_tokens=None, splits=None, best_of=None
    )
    both = [trace for pair in zip(kept, wrong, strict=True) for trace in pair]
    write_rows(folder, [columns(kept)], both, configuration, None, None)


def write_tokenizer(folder: Path) -> None:
    """Of bytes, with a chat template that knows reasoning."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<|im_start|>", "<|im_end|>", "<pad>"]
    made.train_from_iterator(
        [f"<thinking>It is a {DRAFT}. <reflection>No: and How much is"] * 9,
        trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
    )
    wrapped = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|im_end|>", pad_token="<pad>")
    wrapped.chat_template = CHATML
    wrapped.save_pretrained(folder)


def inside(folder: Path, made_for: str) -> list[list[str]]:
    """What the script of an environment prints, made where it is not there."""
    place = folder / made_for
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True, symlinks=True)
        packages = next((place / "lib").glob("python*/site-packages"))
        (packages / "parent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
        command = [python, "-m", "pip", "install", "--quiet", "--no-deps", *PINNED[made_for]]
        subprocess.run(command, check=True)
    script = Path(__file__).with_name(f"trainers_{made_for}.py")
    command = [python, "-I", str(script), str(folder / "release"), str(folder / "tokenizer"), DRAFT]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if done.returncode:
        raise SystemExit(f"{script.name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["')]


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main()
