"""The shipped student's model card: how it was made, its loss curve, and how it judges what it has not seen."""

from collections.abc import Mapping, Sequence
from string import Template

from tasks.practice.student_figures import Families, table

CARD = Template(
    """\
# The practice student

A student small enough to ship. It lets the whole factory run on a bare laptop, and our tests know what its scores mean.
It has learnt the practice world and nothing else: for other texts give `student.model` a real one.

* **What**: a Llama of $parameters parameters in half precision, with a byte-level tokenizer of its own and a window of
  1,024 tokens. The BLAKE2b hash of `model.safetensors` begins with `$weights`.
* **Text**: $documents documents, $tokens tokens. Questions of every family that the practice teacher solves, each with
  one trace, in both orders of the `plain` template. The teacher is the `mild` preset at temperature 0.7.
* **How**: `python -m tasks.practice.train_student FOLDER`, seeded. The training took $minutes CPU-minutes on one core.
  This page is written by that command; nothing in it is typed by hand.

## Loss curve

Nats per token, mean since the step above.

| step | loss |
| --- | --- |
$curve
## On questions it has not seen

A quarter of all questions, by their hash, is never trained on; these are drawn from it, with a seed of their own.

* **AUC** is the probability that a trace has a lower value with its own question than another trace has with a wrong
  one: another question of the same family. `.5` would be chance. The row for all compares across families too.
* **easy** and **hard** are mean IFD over the third of a family's questions that the practice teacher holds easiest, and
  hardest: the `difficulty` that its rate of slips follows, which depends on the question's text alone. Questions that
  tie with the last of a third are in it; a family without two different thirds has none. **apart** is hard less easy in
  standard errors; above 2 it is hardly chance.

$table"""
)


def card(
    size: Mapping[str, int], weights: str, minutes: float, curve: Sequence[tuple[int, float]], families: Families
) -> str:
    """Markdown. `size`: documents, tokens, parameters; `weights`: the hash of their file."""
    return CARD.substitute(
        {name: f"{value:,}" for name, value in size.items()},
        weights=weights,
        minutes=f"{minutes:.1f}",
        curve="".join(f"| {step:,} | {loss:.3f} |\n" for step, loss in curve),
        table=table(families),
    )
