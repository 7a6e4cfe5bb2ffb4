"""All detectors over all texts: what each of them found, and what that comes to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from schemas.contamination import Detector, Finding
from schemas.detection import Detection
from schemas.errors import Refused
from schemas.prompts import Prompts
from schemas.record import content_key
from tasks.contamination import cross_lingual, judge, neighbours, ngrams, python_code
from tasks.contamination.cross_lingual import near_across, several_languages
from tasks.contamination.judge import Ask, judge_pairs, nearest_of_items
from tasks.contamination.neighbours import Near, Vectors, Window, convict, near, windows
from tasks.contamination.ngrams import NgramIndex
from tasks.contamination.python_code import CodeIndex
from tasks.prompts import changed

NOT_ASKED = "not_asked: not among the nearest of any item"
Embed = Callable[[Sequence[str]], Vectors]
Found = dict[int, Finding]
"""What one detector says of texts, by their places; nothing of a text that it does not know."""


def detect(
    texts: Mapping[int, str],
    items: Sequence[str],
    settings: Detection,
    embed: Embed | None = None,
    ask: Ask | None = None,
    embed_across: Embed | None = None,
) -> dict[Detector, Found]:
    """Return what each detector of the settings says of each text, at most one finding on each.

    `embed` and `ask` are needed by the detectors that use them; without `embed_across` no translation is found.
    """
    found: dict[Detector, Found] = {}
    if Detector.NGRAM in settings.detectors:
        found[Detector.NGRAM] = find_ngrams(texts, items)
    if embeds(settings):
        if embed is None:
            raise ValueError(f"{', '.join(settings.detectors)}: needs `embed`")
        found |= find_near(texts, items, settings, embed, ask, convicted(found), embed_across)
    return found


def named_detectors(names: Sequence[str], setting: str) -> tuple[Detector, ...]:
    """Return the detectors of these names. Raises `Refused` for none, another or the same twice, naming the setting."""
    if not names or not set(names) <= set(Detector) or len(set(names)) < len(names):
        raise Refused(f"{setting}: got {','.join(names)!r}; needs some of {','.join(Detector)}, each once")
    return tuple(map(Detector, names))


def embeds(settings: Detection) -> bool:
    """Return whether a model is needed: the judge is asked about neighbours."""
    return bool({Detector.EMBEDDING, Detector.JUDGE} & set(settings.detectors))


def convicted(found: Mapping[Detector, Found]) -> set[int]:
    return {place for findings in found.values() for place, it in findings.items() if it.contaminated}


def find_ngrams(texts: Mapping[int, str], items: Sequence[str]) -> Found:
    """Find n-grams in common; speaks only of texts that share some words with an item, or code."""
    index, codes = NgramIndex(items), CodeIndex(items)
    found: Found = {}
    for place, text in texts.items():
        hit = index.find(text)
        if hit is None or not hit.contaminated:
            hit = codes.find(text) or hit
        if hit:
            found[place] = hit
    return found


def find_near(
    texts: Mapping[int, str],
    items: Sequence[str],
    settings: Detection,
    embed: Embed,
    ask: Ask | None,
    known: set[int],
    embed_across: Embed | None = None,
) -> dict[Detector, Found]:
    """Return what the neighbours say, and what the judge says of them; `known` are convicted already and not asked
    about.

    Both speak of every text that has words, where there are any items. The judge is asked about the `k` nearest texts
    of each item, if they are near at all.
    """
    if not texts or not items:
        return {}
    places = list(texts)
    cutting, cut = windows([texts[place] for place in places])
    cutting = [replace(window, owner=places[window.owner]) for window in cutting]
    window_texts = [window.text for window in cutting]
    pairs = list(near(embed(window_texts), embed(items), settings.borderline))
    close = [pair for pair in pairs if pair.cosine >= settings.borderline]
    nearest = _nearest(pairs, cutting, items, settings)
    if embed_across and several_languages([*window_texts, *items]):
        for pair, finding in near_across(embed_across(window_texts), embed_across(items), cutting, items):
            close.append(pair)
            _put(nearest, cutting[pair.window].owner, finding)
    nearest |= {places[owner]: _partly(nearest[places[owner]]) for owner in cut}
    found: dict[Detector, Found] = {}
    if Detector.EMBEDDING in settings.detectors:
        found[Detector.EMBEDDING] = nearest
        known = known | convicted(found)
    if Detector.JUDGE in settings.detectors:
        if ask is None:
            raise ValueError("judge: needs `ask`")
        open_pairs = [pair for pair in close if cutting[pair.window].owner not in known]
        asked = _judged(ask, nearest_of_items(open_pairs, cutting, settings.k), cutting, items, settings.judge.prompts)
        unasked = {place: _unasked(finding) for place, finding in nearest.items() if place not in known}
        found[Detector.JUDGE] = unasked | asked
    return found


def decide(findings: Sequence[Finding], borderline: float) -> Finding | None:
    """Return the finding that decides: one that convicts, in the order of the detectors; else one that leaves it open;
    else the nearest miss, if it comes near; None of a text that nothing is known against.
    """
    ordered = sorted(findings, key=lambda finding: list(Detector).index(finding.detector))
    for verdict in (True, None):
        for finding in ordered:
            if finding.contaminated is verdict:
                return finding
    close = [finding for finding in reversed(ordered) if (finding.score or 0) >= borderline]
    return max(close, key=lambda finding: finding.score or 0, default=None)


def version(detector: Detector, settings: Detection, model: str) -> str:
    """Changes whenever findings of this detector may. `model` names those that embed."""
    bounds = f"{settings.borderline},{settings.with_numbers},{settings.alone}"
    near = f"{model}+{neighbours.VERSION}({bounds})+{cross_lingual.RULE}"
    if detector is Detector.NGRAM:
        return f"{ngrams.VERSION}+{python_code.VERSION}"
    if detector is Detector.EMBEDDING:
        return near
    replaced = changed(settings.judge.prompts)
    prompts = f",{content_key('prompts', replaced)}" if replaced else ""
    return f"{judge.VERSION}({settings.judge.model},{settings.k}{prompts})+{near}"


def _nearest(pairs: Sequence[Near], cutting: Sequence[Window], items: Sequence[str], settings: Detection) -> Found:
    found: Found = {}
    for pair in pairs:
        window = cutting[pair.window]
        _put(found, window.owner, convict(pair, window, items[pair.item], settings))
    return found


def _judged(
    ask: Ask, pairs: Sequence[Near], cutting: Sequence[Window], items: Sequence[str], prompts: Prompts
) -> Found:
    found: Found = {}
    for pair, finding in zip(pairs, judge_pairs(ask, pairs, cutting, items, prompts), strict=True):
        _put(found, cutting[pair.window].owner, finding)
    return found


def _put(found: Found, place: int, finding: Finding) -> None:
    """Keep what weighs most: that a text is contaminated, then that this is open, then that it is not."""
    known = found.get(place)
    if known is None or _weight(finding) > _weight(known):
        found[place] = finding


def _weight(finding: Finding) -> tuple[int, float]:
    return {True: 2, None: 1, False: 0}[finding.contaminated], finding.score or 0


def _partly(finding: Finding) -> Finding:
    """Of a text that was embedded in part: no acquittal."""
    if finding.contaminated:
        return finding
    evidence = f"too_long: only its first {neighbours.MOST_WINDOWS} windows were embedded; {finding.evidence}"
    return finding.model_copy(update={"contaminated": None, "evidence": evidence})


def _unasked(finding: Finding) -> Finding:
    """The judge's, of a text that it was not asked about: open, where the neighbours would convict."""
    evidence = finding.evidence if finding.contaminated is None else NOT_ASKED
    acquitted = False if finding.contaminated is False else None
    return finding.model_copy(update={"detector": Detector.JUDGE, "contaminated": acquitted, "evidence": evidence})
