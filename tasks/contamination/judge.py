"""A teacher's word on whether a text and its nearest benchmark items are the same problem.

After the LLM Decontaminator (Yang et al. 2023, arXiv 2311.04850), but for three things: a judge that fails decides
nothing (theirs: not contaminated), each pair is asked in both orders, and what another detector convicts is not asked.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from schemas.call import Message
from schemas.contamination import Detector, Finding
from schemas.prompts import Prompts
from schemas.verdict import Reason
from tasks.contamination.neighbours import Near, Window
from tasks.judging.rubric import EVIDENCE_CHARACTERS, SHIPPED, read_verdict, without_verdict
from tasks.prompts import fenced, prompt

Messages = tuple[Message, ...]
Ask = Callable[[Sequence[Messages]], Sequence[str | None]]
"""Sends conversations to the model that judges; its replies in their order, None where there is none to be had."""

WORDS = ("same", "different", "undecided")
VERSION = "judge-1"


def nearest_of_items(pairs: Iterable[Near], windows: Sequence[Window], k: int) -> list[Near]:
    """Return each item's `k` nearest texts, each by its nearest window; in the order of the texts."""
    best: dict[int, dict[int, Near]] = defaultdict(dict)
    for pair in pairs:
        of_item, owner = best[pair.item], windows[pair.window].owner
        if owner not in of_item or pair.cosine > of_item[owner].cosine:
            of_item[owner] = pair
    ranked = (sorted(near.values(), key=lambda pair: (-pair.cosine, pair.window))[:k] for near in best.values())
    return sorted((pair for near in ranked for pair in near), key=lambda pair: (pair.window, pair.item))


def judge_pairs(
    ask: Ask, pairs: Sequence[Near], windows: Sequence[Window], items: Sequence[str], prompts: Prompts = SHIPPED
) -> list[Finding]:
    """Judge each pair by asking twice, each of the two first once; one finding for each."""
    texts = [(windows[pair.window].text, items[pair.item]) for pair in pairs]
    replies = ask([same_messages(*pair, prompts) for text, item in texts for pair in ((text, item), (item, text))])
    both = zip(replies[::2], replies[1::2], strict=True)
    return [_finding(pair, windows[pair.window], two) for pair, two in zip(pairs, both, strict=True)]


def same_messages(first: str, second: str, prompts: Prompts = SHIPPED) -> Messages:
    """Ask whether two texts are the same problem: the system's and the user's message."""
    user = f"{fenced('question_a', first)}\n\n{fenced('question_b', second)}"
    return Message(role="system", content=prompt("judge_same", prompts)), Message(role="user", content=user)


def rule(replies: Iterable[str | None]) -> tuple[bool | None, str]:
    """Return whether they are the same, None where the two replies do not say so alike; and why, with the judge's
    reasons.
    """
    replies = tuple(replies)
    words = [read_verdict(reply, WORDS) for reply in replies]
    said = " | ".join(" ".join(without_verdict(reply).split())[-EVIDENCE_CHARACTERS:] for reply in replies if reply)
    failed = next((word for word in words if isinstance(word, Reason)), None)
    if failed:
        return None, f"{failed.value}: {said}"
    if len(set(words)) > 1:
        return None, f"{Reason.JUDGE_CONTRADICTS.value}: {said}"
    return {"same": True, "different": False}.get(words[0]), f"{words[0]}: {said}"


def _finding(pair: Near, window: Window, replies: Iterable[str | None]) -> Finding:
    contaminated, evidence = rule(replies)
    return Finding(
        place=pair.item,
        detector=Detector.JUDGE,
        contaminated=contaminated,
        score=pair.cosine,
        start=window.start,
        end=window.end,
        evidence=evidence,
    )
