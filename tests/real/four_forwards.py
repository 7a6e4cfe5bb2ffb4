"""IFD and r-IFD as the papers define them, by four whole forward passes each, and by nothing of ours.

Run in vLLM's environment, whose transformers has another version: `python four_forwards.py FOLDER IN.jsonl OUT.jsonl`.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

REVERSED = """Here is an answer to an instruction that is not shown:

{response}

Write that instruction, and nothing else."""


def main(folder: str, given: str, out: str) -> None:
    torch.set_num_threads(2)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True).eval()
    alone = [tokenizer.bos_token_id]

    def tokens(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    def prompt(message: str) -> list[int]:
        said = [{"role": "user", "content": message}]
        return list(tokenizer.apply_chat_template(said, add_generation_prompt=True, return_dict=False))

    def loss(context: list[int], target: list[int]) -> float:
        with torch.inference_mode():
            logits = model(torch.tensor([context + target])).logits[0].double()
        log_probs = logits[len(context) - 1 : -1].log_softmax(-1)
        return -float(log_probs[range(len(target)), target].mean())

    with Path(out).open("w", encoding="utf-8") as file:
        for line in Path(given).read_text("utf-8").splitlines():
            row = json.loads(line)
            x, y = tokens(row["instruction"]), tokens(row["response"])
            ifd = loss(prompt(row["instruction"]), y) - loss(alone, y)
            rifd = loss(prompt(REVERSED.replace("{response}", row["response"])), x) - loss(alone, x)
            numbers = {"ifd": float(torch.tensor(ifd).exp()), "rifd": float(torch.tensor(rifd).exp())}
            file.write(json.dumps({"id": row["id"], **numbers}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
