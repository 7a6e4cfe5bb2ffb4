"""The shipped student's model card: how it was made, its loss curve, and how it judges what it has not seen."""

from collections.abc import Mapping, Sequence
from string import Template

from tests.benchmarks.practice_student.figures import Contrasts, Judged, hardness_table, separation_table, table

CARD = Template(
    """\
# The practice student

A student small enough to ship. It lets the whole factory run on a bare laptop, and our tests know what its scores mean.
It has learnt the practice world and nothing else: for other texts give `student.model` a real one.

* **What**: a Llama of $parameters parameters in half precision, with a byte-level tokenizer of its own and a window of
  1,024 tokens. The BLAKE2b hash of `model.safetensors` begins with `$weights`.
* **Text**: $documents documents, $tokens tokens. Questions of the demo's families and of Python tasks, each with
  one trace, in both orders of the `plain` template. The teacher is the `mild` preset at temperature 0.7.
* **How**: `python -m tests.benchmarks.practice_student.train FOLDER`, seeded. The training took $minutes
  CPU-minutes on one core. This page is written by that command; nothing in it is typed by hand.

A quarter of all questions, by their hash, is never trained on; the figures below are over such questions, drawn with
seeds of their own.

## Loss curve

Nats per token, mean since the step above.

$curve
## Whose question is it?

AUC is the probability that a trace has a lower value with its own question than another trace has with a wrong one:
another question of the same family. `.5` would be chance. The row for all compares across families too.

$separation
## Hard and easy questions

Mean IFD over the hardest third of a family's questions and the easiest. Questions that tie with the last of a third are
in it; a family without two different thirds has none, nor one whose answers are replayed. *apart* is hard less easy in
standard errors: above 2 it is hardly chance, below -2 the hard ones lie lower. What is hard is said twice, each time
from the question's text alone:

* **work**: how long the practice teacher's working is, without slips, on average over its ways and words.
* **slips**: the `difficulty` that its rate of slips follows.

A question that takes more steps foretells less of its trace, and IFD rises. But where hard means more numbers or words
to copy from the question, it foretells more, and IFD falls: no student makes IFD a measure of difficulty by itself.

$hardness"""
)


def card(
    size: Mapping[str, int],
    weights: str,
    minutes: float,
    curve: Sequence[tuple[int, float]],
    judged: Mapping[str, Sequence[Judged]],
    contrasts: Mapping[str, Contrasts],
) -> str:
    """Markdown. `size`: documents, tokens, parameters; `weights`: the hash of their file."""
    return CARD.substitute(
        {name: f"{value:,}" for name, value in size.items()},
        weights=weights,
        minutes=f"{minutes:.1f}",
        curve=table(("step", "loss"), [(f"{step:,}", f"{loss:.3f}") for step, loss in curve]),
        separation=separation_table(judged),
        hardness=hardness_table(contrasts),
    )
