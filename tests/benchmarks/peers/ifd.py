"""IFD of the same pairs by the same student: ours beside Data-Juicer's filter and DataFlow's.

    REFLECTORY_SHARED_DATA=DIR python -m tests.benchmarks.peers.ifd STUDENT [PAIRS]

Three of four pairs are Alpaca's, with responses of at most `LONGEST` characters; the fourth asks GSM8K's question and
is answered with the number alone. Every library takes the prompt `PROMPT`, one thread, and its own
definition: Data-Juicer the ratio of losses, DataFlow that of perplexities; ours comes as both. Speed is tokens of
instruction, input and response for a CPU second, the first `FEW` pairs and starting not counted: of ours they are
measured apart. DataFlow has its model's name, gpt2, in its code; a folder of that name is the student.
"""

import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
ENVIRONMENTS = Path(os.environ.get("REFLECTORY_PEERS", "/tmp/peers-env"))
PROMPT = "{instruction}\n{input}\n"
DEFINITIONS = {"data-juicer": "losses", "dataflow": "perplexities"}
LONGEST, FEW, WINDOW = 400, 8, 2048
TEMPLATE = (
    f"prompt_without_input = {json.dumps(PROMPT.replace('{input}', ''))}\nprompt_with_input = {json.dumps(PROMPT)}\n"
)

Row = dict[str, Any]
Score = Callable[[Row], float | None]


def pairs(shared: Path, n: int) -> list[Row]:
    alpaca = map(json.loads, (shared / "alpaca_cherry.jsonl").open(encoding="utf-8"))
    short = map(json.loads, (shared / "gsm8k_train.jsonl").open(encoding="utf-8"))
    long_ones = ((row["instruction"], row["input"], row["output"]) for row in alpaca if len(row["output"]) <= LONGEST)
    numbers = ((row["question"], "", row["answer"].partition("#### ")[2]) for row in short)
    found = [next(numbers) if at % 4 == 3 else next(long_ones) for at in range(n)]
    return [
        {"id": at, "instruction": instruction, "input": given, "output": response}
        for at, (instruction, given, response) in enumerate(found)
    ]


def by_data_juicer(student: str) -> Score:
    """Row by row: over a data set it ends with a TypeError once a value is NaN."""
    from data_juicer.ops.filter.instruction_following_difficulty_filter import InstructionFollowingDifficultyFilter
    from data_juicer.utils.constant import Fields, StatsKeys

    scorer = InstructionFollowingDifficultyFilter(hf_model=student, query_template=PROMPT, response_template="{output}")
    return lambda row: scorer.compute_stats_single(row | {Fields.stats: {}})[Fields.stats][StatsKeys.ifd_score]


def by_dataflow(student: str) -> Score:
    from dataflow.operators.text_sft import SuperfilteringSampleEvaluator

    Path("gpt2").symlink_to(student)
    scorer = SuperfilteringSampleEvaluator(device="cpu", max_length=WINDOW)
    return lambda row: scorer.inference(row["instruction"], row["input"], row["output"])


PEERS = {"data-juicer": by_data_juicer, "dataflow": by_dataflow}


def peer(name: str, given: str, out: str, student: str) -> None:
    """Writes the value of each row, and of all but the first `FEW` the CPU seconds that they took."""
    rows = [json.loads(line) for line in Path(given).read_text().splitlines()]
    os.chdir(Path(out).parent)
    score = PEERS[name](student)
    values = [score(row) for row in rows[:FEW]]
    began = time.process_time()
    values += [score(row) for row in rows[FEW:]]
    took = time.process_time() - began
    Path(out).write_text("".join(json.dumps({"ifd": value, "took": took}) + "\n" for value in values))


def command(name: str, given: Path, out: Path, student: str) -> list[str]:
    if name in PEERS:
        return [
            str(ENVIRONMENTS / name / "bin/python"),
            str(Path(__file__)),
            "--one",
            name,
            str(given),
            str(out),
            student,
        ]
    template = given.with_name("template.toml")
    template.write_text(TEMPLATE)
    ours = [sys.executable, "-m", "flows", "score", str(given), "--student", student, "--template", str(template)]
    return [*ours, "--out", str(out), "--max-length", str(WINDOW)]


def scored(name: str, rows: list[Row], student: str) -> tuple[list[Row], float]:
    """What it wrote for each row, and the CPU seconds of its process."""
    from tests.benchmarks.peers import measure

    measure.SAMPLE_S = 5.0  # no figure of memory is wanted, and looking costs
    with tempfile.TemporaryDirectory() as made:
        given, out, log = Path(made, "given.jsonl"), Path(made, "out.jsonl"), Path(made, "log")
        given.write_text("".join(json.dumps({**row, "response": row["output"]}) + "\n" for row in rows))
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT)}
        environment |= {"PYTHONPATH": ""} if name in PEERS else {}
        cost = measure.run(command(name, given, out, student), environment, log, 3600, None)
        if cost.status != 0:
            raise SystemExit(f"{name}: ended with {cost.status}\n{log.read_text()[-2000:]}")
        return [json.loads(line) for line in out.read_text().splitlines()], cost.cpu_s


def ratios(found: list[Row], definition: str) -> list[float | None]:
    """NaN is none. Both definitions of ours come from its perplexities."""
    if "ppl_response_direct" not in found[0]:
        return [row["ifd"] if row["ifd"] is not None and math.isfinite(row["ifd"]) else None for row in found]
    pairs = [(row["ppl_response_conditioned"], row["ppl_response_direct"]) for row in found]
    if definition == "perplexities":
        return [given / alone for given, alone in pairs]
    return [math.log(given) / math.log(alone) for given, alone in pairs]


def ranked(values: Sequence[float]) -> list[int]:
    order = sorted(values)
    return [order.index(value) for value in values]


def line(name: str, values: list[float | None], mine: list[float | None], rate: float) -> str:
    both = [(one, other) for one, other in zip(values, mine, strict=True) if one is not None and other is not None]
    ranks = statistics.correlation(*(ranked(column) for column in zip(*both, strict=True)))
    apart = statistics.median(abs(one - other) for one, other in both)
    otherwise = sum((one < 1) != (other < 1) for one, other in both)
    return f"| {name} | {values.count(None)} | {ranks:.3f} | {apart:.3f} | {otherwise} | {rate:,.0f} |"


def main() -> None:
    from tests.benchmarks.peers import measure

    student = str(Path(sys.argv[1]).resolve())
    rows = pairs(Path(os.environ["REFLECTORY_SHARED_DATA"]), int(sys.argv[2]) if len(sys.argv) > 2 else 200)
    measure.adopt_orphans()
    _, start_s = scored("reflectory", rows[:FEW], student)
    ours, cpu_s = scored("reflectory", rows, student)
    peers = {name: scored(name, rows, student)[0] for name in PEERS}
    table(ours, cpu_s - start_s, peers)


def table(ours: list[Row], took: float, peers: dict[str, list[Row]]) -> None:
    tokens = sum(row["n_instruction_tokens"] + row["n_response_tokens"] for row in ours[FEW:])
    print(f"{len(ours)} pairs\n")
    print(
        "| | no value | rank correlation to ours | median difference | on the other side of 1 | tokens a CPU second |"
    )
    print("|---|---|---|---|---|---|")
    for name, found in peers.items():
        mine = ratios(ours, DEFINITIONS[name])
        print(line(f"reflectory, of {DEFINITIONS[name]}", mine, mine, tokens / took))
        print(
            line(f"{name}, of {DEFINITIONS[name]}", ratios(found, DEFINITIONS[name]), mine, tokens / found[0]["took"])
        )


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    if sys.argv[1:2] == ["--one"]:
        peer(*sys.argv[2:])
    else:
        main()
