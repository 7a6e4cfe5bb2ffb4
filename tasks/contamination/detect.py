"""All detectors over all texts: what each of them found, and what that comes to."""

from collections.abc import Callable, Mapping, Sequence

from schemas.contamination import Detection, Detector, Finding
from schemas.errors import Refused
from tasks.contamination import judge, neighbours, ngrams
from tasks.contamination.judge import Ask, judge_pairs, nearest_of_items
from tasks.contamination.neighbours import Near, Vectors, Window, convict, near, windows
from tasks.contamination.ngrams import NgramIndex

Embed = Callable[[Sequence[str]], Vectors]
Found = dict[int, Finding]
"""What one detector says of texts, by their places; nothing of a text that it does not know."""


def detect(
    texts: Mapping[int, str],
    items: Sequence[str],
    settings: Detection,
    embed: Embed | None = None,
    ask: Ask | None = None,
) -> dict[Detector, Found]:
    """What each detector of the settings says of each text, at most one finding on each.

    `embed` and `ask` are needed by the detectors that use them. Embeddings find the nearest item of every text that has
    words; the others speak only of a text in which they found something.
    """
    places = list(texts)
    found: dict[Detector, Found] = {}
    if Detector.NGRAM in settings.detectors:
        index = NgramIndex(items)
        hits = ((place, index.find(texts[place])) for place in places)
        found[Detector.NGRAM] = {place: hit for place, hit in hits if hit}
    if embed is None or not {Detector.EMBEDDING, Detector.JUDGE} & set(settings.detectors):
        return found
    cutting, cut = windows([texts[place] for place in places])
    pairs = list(near(embed([window.text for window in cutting]), embed(items), settings.borderline))
    if Detector.EMBEDDING in settings.detectors:
        nearest = _nearest(pairs, cutting, items, settings)
        found[Detector.EMBEDDING] = {
            places[owner]: _partly(finding) if owner in cut else finding for owner, finding in nearest.items()
        }
    if Detector.JUDGE in settings.detectors:
        if ask is None:
            raise Refused("contamination.detectors: got judge; needs a teacher to ask")
        convicted = {place for by_place in found.values() for place, it in by_place.items() if it.contaminated}
        due = [
            pair
            for pair in pairs
            if pair.cosine >= settings.borderline and places[cutting[pair.window].owner] not in convicted
        ]
        found[Detector.JUDGE] = _judged(ask, nearest_of_items(due, cutting, settings.k), cutting, items, places)
    return found


def decide(findings: Sequence[Finding], borderline: float) -> Finding | None:
    """The finding that decides: one that convicts, in the order of the detectors; else one that leaves it open; else
    the nearest miss, if it comes near; None of a text that nothing is known against.
    """
    ordered = sorted(findings, key=lambda finding: list(Detector).index(finding.detector))
    for verdict in (True, None):
        for finding in ordered:
            if finding.contaminated is verdict:
                return finding
    close = [finding for finding in ordered if (finding.score or 0) >= borderline]
    return max(close, key=lambda finding: finding.score or 0, default=None)


def version(detector: Detector, settings: Detection, model: str) -> str:
    """Changes whenever findings of this detector may. `model` names the one that embeds."""
    near = f"{model}+{neighbours.VERSION}({settings.borderline},{settings.with_numbers},{settings.alone})"
    if detector is Detector.NGRAM:
        return ngrams.VERSION
    if detector is Detector.EMBEDDING:
        return near
    return f"{judge.VERSION}({settings.judge.model},{settings.k})+{near}"


def _nearest(pairs: Sequence[Near], cutting: Sequence[Window], items: Sequence[str], settings: Detection) -> Found:
    found: Found = {}
    for pair in pairs:
        window = cutting[pair.window]
        finding = convict(pair, window, items[pair.item], settings)
        known = found.get(window.owner)
        if known is None or _weight(finding) > _weight(known):
            found[window.owner] = finding
    return found


def _judged(
    ask: Ask, pairs: Sequence[Near], cutting: Sequence[Window], items: Sequence[str], places: Sequence[int]
) -> Found:
    """Of each text what weighs most: that it is the same as one item, then that this is open, then that it is not."""
    found: Found = {}
    for pair, finding in zip(pairs, judge_pairs(ask, pairs, cutting, items), strict=True):
        place = places[cutting[pair.window].owner]
        if place not in found or _weight(finding) > _weight(found[place]):
            found[place] = finding
    return found


def _weight(finding: Finding) -> tuple[int, float]:
    return {True: 2, None: 1, False: 0}[finding.contaminated], finding.score or 0


def _partly(finding: Finding) -> Finding:
    """Of a text that was embedded in part: no acquittal."""
    if finding.contaminated:
        return finding
    told = f"too long: only its first {neighbours.MOST_WINDOWS} windows were embedded; {finding.evidence}"
    return finding.model_copy(update={"contaminated": None, "evidence": told})
