"""Training and asking one arm beside a plain TRL script over the same rows: processor seconds, and their ratio.

`python -m tests.benchmarks.prove_speed EXPERIMENT_FOLDER [ARM]`, such as one that `reflectory prove demo` made.
"""

import sys
import tempfile
import time
from pathlib import Path

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

from tasks.proving.case import Case, read_lines, run_case
from tasks.proving.experiment import read_experiment

REPEATS = 3


def plain(case: Case, folder: str) -> None:
    """As TRL's own examples do it: prompt and completion, its defaults for everything else."""
    assert case.rows
    rows = [{"prompt": row["messages"][:-1], "completion": row["messages"][-1:]} for row in read_lines(case.rows)]
    model = AutoModelForCausalLM.from_pretrained(case.student.model, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(case.student.model)
    settings = case.training
    arguments = SFTConfig(
        output_dir=folder,
        max_steps=case.steps,
        per_device_train_batch_size=settings.batch,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        max_length=settings.max_length,
        activation_checkpointing=False,
        save_strategy="no",
        logging_steps=max(1, case.steps // 20),
        bf16=False,
        use_cpu=True,
        report_to="none",
        disable_tqdm=True,
        dataset_num_proc=1,
    )
    SFTTrainer(model, arguments, train_dataset=Dataset.from_list(rows), processing_class=tokenizer).train()
    model.eval()
    tokenizer.padding_side = "left"
    questions = [[{"role": "user", "content": row["question"]}] for row in read_lines(case.questions)]
    for start in range(0, len(questions), case.asking.batch):
        batch = tokenizer.apply_chat_template(
            questions[start : start + case.asking.batch],
            add_generation_prompt=True,
            padding=True,
            return_tensors="pt",
            return_dict=True,
        )
        batch.pop("token_type_ids", None)
        with torch.inference_mode():
            made = model.generate(**batch, max_new_tokens=case.asking.max_tokens, do_sample=False)
        tokenizer.batch_decode(made[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)


def main(folder: Path, arm: str) -> None:
    torch.set_num_threads(1)
    times: dict[str, list[float]] = {"plain TRL": [], "reflectory": []}
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as scratch:
            case = next(case for case in read_experiment(folder).cases(Path(scratch)) if case.arm == arm)
            began = time.process_time()
            run_case(case)
            between = time.process_time()
            plain(case, scratch)
            times["reflectory"].append(between - began)
            times["plain TRL"].append(time.process_time() - between)
    best = {name: min(each) for name, each in times.items()}
    for name, each in times.items():
        print(f"{name:12} {', '.join(f'{seconds:.2f}' for seconds in each)} s")
    print(f"ratio {best['reflectory'] / best['plain TRL']:.3f} (at most 1.15)")


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "release")
