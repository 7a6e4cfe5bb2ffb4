"""The dataset card of a release: README.md as the Hugging Face hub reads it. Pure.

It is part of the content: nothing in it depends on when, where or by which versions it was written, and so it names no
curation either: what was released before is one of the facts that a later curation of the same rows is keyed by.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from huggingface_hub import DatasetCardData

from schemas.curation import Curation, Line
from schemas.release import ReleaseConfiguration
from schemas.release_format import ReleaseFormat
from schemas.release_rows import PreferenceReason
from schemas.score import StudentIdentity
from tasks.curation.policy import Policy
from tasks.curation.rules.contamination import ContaminationRule
from tasks.curation.scorer import described
from tasks.publishing.comparisons import BEST
from tasks.publishing.content import PARQUET, file_stem
from tasks.publishing.tally import Tally

_HUB_LICENCE = re.compile(
    r"apache-2\.0|mit|cc0-1\.0|cc-by(-nc)?(-sa|-nd)?-[234]\.0|bsd-[23]-clause|mpl-2\.0|[al]?gpl-[23]\.0|unlicense"
    r"|odc-by|odbl|pddl|cdla-permissive-[12]\.0|openrail|gfdl|afl-3\.0|bsl-1\.0"
)
"""Identifiers of the hub that a source of questions may have; whatever else it has is `other` there."""
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))
_LARGER = "n>10M"
_USE = """\
```python
import sys

from datasets import load_dataset
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer

RELEASE, MODEL = "path/of/this/folder", "HuggingFaceTB/SmolLM2-135M-Instruct"
# from the hub: RELEASE = huggingface_hub.snapshot_download(NAME, repo_type="dataset")
sys.path.insert(0, RELEASE)
from collator import SpanCollator

rows, tokenizer = load_dataset(RELEASE, "chat", split="train"), AutoTokenizer.from_pretrained(MODEL)
args = SFTConfig(  # on a machine without a GPU use_cpu=True, too
    "trained", max_length=4096, dataset_kwargs={"skip_prepare_dataset": True}, remove_unused_columns=False
)
collator = SpanCollator(tokenizer, args)
SFTTrainer(MODEL, args, train_dataset=rows, processing_class=tokenizer, data_collator=collator).train()
```

`training_spans` are the characters of the assistant's message to learn from. In a trace that corrects itself the
wrong draft is not among them: from after `<thinking>` to before the `<reflection>` that puts it right. `collator.py`
beside this file makes labels of them, with numpy and transformers alone. A token that touches a masked character has
no label, `args.max_length` holds, and a batch in which nothing is learnt raises."""


class BenchmarkCheck(NamedTuple):
    """What one detector found of the questions of a curation in one benchmark."""

    benchmark: str
    detector: str
    contaminated: int
    undecided: int
    borderline: int


def dataset_card(
    name: str, curation: Curation, configuration: ReleaseConfiguration, tally: Tally, checked: Sequence[BenchmarkCheck]
) -> str:
    """Write the card, front matter and text. Counts are those of the files; the fates those of the curation."""
    policy = Policy.model_validate_json(curation.policy)
    sections = [
        f"---\n{_front_matter(name, configuration, tally)}\n---",
        f"# {_inline(name)}",
        *_what(tally),
        "## Sources and licences",
        _table(("source", "licence of its questions", "rows"), _sources(tally)),
        f"Teachers: {_counted(tally.teachers)}. What a teacher's terms allow holds beside the licences of the sources.",
        "## Files",
        _table(
            ("file", "rows", "bytes"), [(file, rows, tally.sizes.get(file, "")) for file, rows in tally.rows.items()]
        ),
        *_splits(configuration, tally),
        "## How to use it",
        _USE,
        "What each form teaches, with the defaults of its trainer, as shares of all characters of the conversations:",
        _table(("form", "trainer", "of all learnt", "of the wrong drafts learnt"), _taught(configuration, tally)),
        *_compared(configuration, tally),
        f"Of these rows {tally.masked:,} have a masked draft. What reflecting did: {_counted(tally.effects)}.",
        *_made_for(configuration),
        "## How it was chosen",
        f"Of {curation.planned:,} planned attempts {curation.kept:,} were kept, {curation.dropped:,} dropped,"
        f" {curation.failed:,} failed and {curation.pending:,} are pending.",
        _table(("rule", "dropped", "remaining"), _funnel(curation)),
        _scorer(curation.scorer, policy, configuration),
        _contamination(policy),
        *([_table(BenchmarkCheck._fields, checked)] if checked else []),
        "The rules that were on, in their order:",
        f"```json\n{_fenced(_rules_on(policy))}\n```",
        "`manifest.json` has the whole policy and names the curation, the query, the hashes of all files, and the"
        " versions of tables and code.",
    ]
    return "\n\n".join(sections) + "\n"


_LINES = {
    Line.TRACES: "reflection traces: a teacher thinks in `<thinking>`, checks itself in `<reflection>` and answers in"
    " `<output>`",
    Line.PAIRS: "recycled pairs: an instruction and its response, rewritten where the student says that it helps",
}


def _what(tally: Tally) -> Iterable[str]:
    there = [line for line in Line if tally.lines[line]] or [Line.TRACES]
    total = len(tally.trace_ids)
    shares = {line: f" ({tally.lines[line] / total:.1%})" if len(there) > 1 else "" for line in there}
    for line in there:
        yield f"{tally.lines[line]:,}{shares[line]} {_LINES[line]}."
    yield (
        "Made, judged and chosen by Reflectory; every row says where it comes from, its verdict and the verdict's"
        " reason, and every attempt that is not here has a reason, too."
    )


def _front_matter(name: str, configuration: ReleaseConfiguration, tally: Tally) -> str:
    licences = sorted({_hub_licence(licence) for _, licence in tally.sources}) or ["unknown"]
    size = next((word for bound, word in _SIZES if len(tally.trace_ids) < bound), _LARGER)
    n_known = tally.languages.total()
    data = DatasetCardData(
        pretty_name=name,
        license=licences[0] if len(licences) == 1 else licences,
        task_categories=["text-generation"],
        size_categories=[size],
        tags=["reflection", "reasoning", "synthetic", "reflectory"],
        language=[
            language for language, n in tally.languages.most_common() if language != "unknown" and n >= n_known / 20
        ],
        configs=[*_configs(configuration, tally)],
    )
    return str(data.to_yaml())


def _configs(configuration: ReleaseConfiguration, tally: Tally) -> Iterator[dict[str, Any]]:
    """Of the Parquet files that have rows: where one has none, `datasets` fails to read its whole format."""
    for form in ReleaseFormat:
        if form in PARQUET and form in configuration.formats:
            paths = {split: f"{file_stem(form, split)}.parquet" for split in configuration.splits or (None,)}
            files = [{"split": split, "path": path} for split, path in paths.items() if tally.rows.get(path) != 0]
            chosen = {"default": True} if form is ReleaseFormat.CHAT else {}
            if files:
                yield {
                    "config_name": form.value,
                    "data_files": files if configuration.splits else files[0]["path"],
                    **chosen,
                }


def _splits(configuration: ReleaseConfiguration, tally: Tally) -> Iterable[str]:
    if not configuration.splits:
        return
    yield (
        "Split by question, never by trace, by the policy's seed: near duplicates, of questions or of whole rows, are"
        " on one side."
    )
    rows = [
        (split, f"{share:g}", len(tally.questions[split]), tally.splits[split])
        for split, share in configuration.splits.items()
    ]
    yield _table(("split", "share asked for", "questions", "rows"), rows)


def _taught(configuration: ReleaseConfiguration, tally: Tally) -> Iterable[tuple[object, ...]]:
    """By form: what is learnt of it, and whether wrong drafts are."""
    completion, total = tally.completions, tally.prompts + tally.completions
    drafts, trainer = tally.wrong_drafts, "TRL by default: the completion"
    ways: list[tuple[ReleaseFormat, str, int, int]] = [
        (ReleaseFormat.CHAT, "any, with collator.py", completion - drafts, 0),
        (ReleaseFormat.CHAT, "TRL by default: prompts, too", total, drafts),
        (ReleaseFormat.PROMPT_COMPLETION, trainer, completion, drafts),
        (ReleaseFormat.REASONING, trainer, completion, drafts),
        (ReleaseFormat.THINK, trainer, completion, drafts),
        (ReleaseFormat.SHAREGPT, "LLaMA-Factory", completion, drafts),
        (ReleaseFormat.ALPACA, "LLaMA-Factory", completion, drafts),
        (ReleaseFormat.AXOLOTL, "axolotl, by train_detail",
         completion - drafts, 0),
    ]  # fmt: skip
    for form, how, learnt, wrong in ways:
        if form in configuration.formats:
            yield form, how, _share(learnt, total), _share(wrong, drafts)


def _compared(configuration: ReleaseConfiguration, tally: Tally) -> Iterable[str]:
    counts = tally.compared
    if ReleaseFormat.DPO in configuration.formats:
        counted = ", ".join(f"{counts[contrast]:,} {contrast.replace('_', ' ')}" for contrast in PreferenceReason)
        yield f"Preferences: {counted}. The rows of `dpo` go into TRL's `DPOTrainer` as they are."
    if ReleaseFormat.KTO in configuration.formats:
        yield f"For KTO: {counts['desirable']:,} desirable rows, {counts['undesirable']:,} undesirable ones."
    if ReleaseFormat.BEST_OF_N in configuration.formats:
        n = configuration.best_of or "all judged"
        yield f"Best of n: {counts['best']:,} questions, each the best of {n} samples: {BEST}."


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"


def _hub_licence(licence: str | None) -> str:
    if licence is None:
        return "unknown"
    word = licence.strip().lower().replace(" ", "-")
    return word if _HUB_LICENCE.fullmatch(word) else "other"


def _sources(tally: Tally) -> Iterable[tuple[object, ...]]:
    ordered = sorted(tally.sources.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    return [(source, licence or "not stated", rows) for (source, licence), rows in ordered]


def _funnel(curation: Curation) -> Iterable[tuple[object, ...]]:
    return [
        (step.rule, ", ".join(f"{drop.reason} {drop.n:,}" for drop in step.dropped) or "none", step.remaining)
        for step in curation.funnel
    ]


def _made_for(configuration: ReleaseConfiguration) -> Iterable[str]:
    system = {"teacher": "the one that the teacher had", "none": "none"}.get(configuration.system, "a given text")
    yield f"System message: {system}."
    if configuration.template:
        yield f"Every row was rendered through the chat template of `{_inline(configuration.template.name)}`, whole."
    if configuration.special_tokens:
        name = _inline(configuration.special_tokens.name)
        yield (
            f"`tokenizer/` is that of `{name}` with the six tags as one token each; the model needs"
            " `model.resize_token_embeddings(len(tokenizer))`."
        )


def _counted(counter: Counter[str]) -> str:
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{_inline(word)} {n:,}" for word, n in ordered) or "none"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    shown = [head, ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in shown)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else _inline(str(value))


def _inline(text: str) -> str:
    """A name from elsewhere, as text: no markup of it acts, and it stays on its line."""
    return re.sub(r"([\\`*\[\]|!~])", r"\\\1", html.escape(" ".join(text.split()), quote=False))


def _scorer(scorer: StudentIdentity | None, policy: Policy, configuration: ReleaseConfiguration) -> str:
    if scorer is None:
        return "No student has scored these traces."
    by_rule = any("ifd" in sql for rule in policy.rules_on.values() for sql in rule.statements)
    chooses = by_rule or ReleaseFormat.BEST_OF_N in configuration.formats
    return (
        f"IFD and r-IFD are those of one student, {_inline(described(scorer))}: another one gives other"
        f" numbers{', and may choose other rows' if chooses else ''}."
    )


def _contamination(policy: Policy) -> str:
    rule = policy.section(ContaminationRule)
    if not rule.is_on:
        return "No benchmark was looked for: nothing is known of contamination."
    named = ", ".join(f"`{_inline(b.name or b.path)}`" for b in rule.benchmarks)
    detectors = ", ".join(rule.detectors)
    return f"Looked for these benchmarks among the questions, by {detectors}: {named}."


def _rules_on(policy: Policy) -> dict[str, object]:
    hidden = set() if policy.section(ContaminationRule).asks else {"judge"}
    return {name: rule.model_dump(mode="json", exclude=hidden) for name, rule in policy.rules_on.items()}


def _fenced(value: object) -> str:
    return json.dumps(value, indent=2).replace("`", "\\u0060")
