"""knights_knaves: who always tells the truth and who always lies, from what each of them says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from random import Random

from tasks.practice.claim import Claim, read_claim
from tasks.practice.problem import Slip
from tasks.wording import in_words, say

_ROLES = re.compile(r"So who is (an? \w+) and who is (an? \w+)\?")
_NAMES = re.compile(r"You meet \d+ inhabitants: ([\w ,]+?)\. ")
_CONTENT = r'[^".]+'
MOST = 5
"""People: the cases double with each."""
SHOWN = 4
"""Cases that are told at most besides the one that is taken."""

OPENINGS = (
    "[There are|That makes] {cases} cases[ to try|] for {listed}.",
    "[A statement|What somebody says] [holds|is true] exactly when [its speaker|whoever says it] is {a}.",
    "[Let me|I'll|Let's] [try|test|go through] the [cases|combinations][ one by one| and see what contradicts|].",
    "[Okay|Right|So|Alright], {listed}, [each|every one] {a} or {b}.",
    "[Whatever|What] {a} says is true, [whatever|what] {b} says is false. [I assume|Suppose] and [compare|check].",
    "{claims}. [Which combination fits|What fits all of that]?",
    "[Assume|Suppose] and contradict: [that is|seems] the [safest|plain] way here.",
)
FAILS = (
    "{short}: then {claim} is {truth}, but {name} is {role}. [No|Contradiction|Out|That fails].",
    "[If|Suppose] {case}: [what {name} says|{name}'s statement] [is|would be] {truth}, [impossible|not possible] for"
    " {role}.",
    "{short} [fails|is out]: {name}, {role}, would be saying something {truth}.",
    "[Try|Take|Now] {short}. {name}'s claim is {truth} [there|then], and {role} cannot say that.",
    "[With|For] {short}, {claim} is {truth}, [though|while] {name} [would be|is] {role}.",
)
FITS = (
    "{short}: {told}. [Everything|All of it] fits.",
    "[If|Suppose] {case}: {told}. [No contradiction|Consistent].",
    "[Try|Take|Now] {short}. {told}[, as it must be|]. [That works|This one fits].",
    "{short} [works|is consistent]: {told}.",
    "[With|For] {short}, {told}[. That fits|, and that is consistent].",
)
OTHERS = (
    "[The other|The remaining] {n} [fail|break] in the same way.",
    "[I went|Going] through the other {n} [too|as well]: each breaks [at|on] some statement.",
    "[None of the other|No other of the] {n} [works|holds].",
)
CHANGES = (
    "[Wait|Hold on|Hmm|Actually], [if|when] {case}, {claim} is {now}, not {was}. {verdict}.",
    "[Is|Was] {name}'s statement really {was} [when|if] {case}? No, {now}. {verdict}.",
    "[Let me|I should|I'll] [recheck|look again at] what {name} says [with|given] {short}. It is {now}, [and I took it"
    " for|where I had] {was}. {verdict}.",
    "[Something|One case] [bothers me|looks off]: [given|with] {short}, {claim} [comes out|is] {now}; I had {was}."
    " {verdict}.",
)
STANDS = (
    "[Is|Was] {name}'s statement really {now} [when|if] {case}? [Yes|Yes, it is|It is].",
    "[Let me|I should|I want to] [recheck|double-check] what {name} says [with|given] {short}. [It is|Still] {now}, as"
    " [I had it|before].",
    "[Wait|Hmm|Hold on], {claim}, [with|given] {short}... {now}. [Right|Fine|Good].",
    "[The riskiest step is|I am least sure of] {name}'s claim [with|for] {short}. [Once more|Slowly]: {now}.",
)
FALLS, HOLDS = (
    ("[So that case is out|That case falls]; {other} [fits|holds]", "Then it [fails|is out], which leaves {other}"),
    ("[So that case fits|Then that case holds], and not {other}", "That makes {other} wrong"),
)
RECHECKS = (
    "[Going over|Checking] [all|the] statements [again|once more]: {told}. [All fit|It holds together|No clash].",
    "[Once more|Again] with {short}: {told}.",
    "[Each|Every] statement against its speaker: {told}[. Good|. Fine|].",
    "[Read again|Rereading]: {claims}. [With|For] {short} [nothing contradicts|I see no contradiction].",
    "[Did I misread who says what|Have I mixed anybody up]? {claims}. [No|It seems not].",
)
GISTS = (
    "[Only one combination|Just one case] [agrees|is consistent] with all {n} statements: {answer}.",
    "[Trying|Testing] the cases leaves {answer}.",
    "{answer}: [then|that way] {a} speaks only truth and {b} only lies.",
    "[Of|Among] {cases} cases [this one|one] is without contradiction: {answer}.",
)

Case = tuple[bool, ...]
"""For each person whether they tell the truth."""


@dataclass(frozen=True)
class Knights:
    names: tuple[str, ...]
    roles: tuple[str, str]
    """With their articles: who lies, who tells the truth."""
    claims: tuple[Claim, ...]
    """What each of them says."""

    @property
    def answer(self) -> str:
        return self._said(self._solution)

    @property
    def difficulty(self) -> float:
        return min(1.0, 0.1 * len(self.names) + 0.08 * sum(claim.size for claim in self.claims))

    def slip(self, rng: Random) -> Slip:
        """A false case that is taken because one statement in it is misjudged: one that fails there, alone if any
        case fails in one statement only."""
        cases = [case for case in self._cases if case != self._solution]
        fewest = min(len(self._clashes(case)) for case in cases)
        case = rng.choice([case for case in cases if len(self._clashes(case)) == fewest])
        at = rng.choice(self._clashes(case))
        right = self.claims[at].holds(case)
        way = self._cases.index(case)
        return Slip(way, at, f"{self.names[at]}'s statement", int(right), int(not right), self._said(case))

    def work(self, rng: Random, slip: Slip, fell: bool) -> str:
        """Some failing cases, then the one that is taken."""
        taken = self._cases[slip.way] if fell else self._solution
        first = [case for case in (self._cases[slip.way],) if not fell]
        failing = [case for case in self._cases if case not in (taken, self._solution, *first)]
        told = first + rng.sample(failing, min(rng.randrange(SHOWN), len(failing)))
        rng.shuffle(told)
        between = rng.choice(("\n", "\n", " "))
        fails, fits = rng.choice(FAILS), rng.choice(FITS)
        lines = [say(rng, OPENINGS, **self._words)]
        lines += [self._failure(rng, fails, case) for case in told]
        lines.append(_capital(say(rng, (fits,), **self._named(taken), told=self._told(taken, fell))))
        left = len(self._cases) - 1 - len(told)
        if left > 1 and not fell:
            lines.append(say(rng, OTHERS, n=in_words(left)))
        return between.join(lines)

    def look(self, rng: Random, slip: Slip, was: int, now: int) -> str:
        case = self._cases[slip.way]
        names = {**self._named(case), "name": self.names[slip.at], "claim": f'"{self.claims[slip.at].text}"'}
        if was == now:
            return _capital(say(rng, STANDS, **names, now=_truth(now)))
        found = HOLDS if now == slip.wrong else FALLS
        verdict = _capital(say(rng, found, other=self._named(self._solution)["short"]))
        return _capital(say(rng, CHANGES, **names, was=_truth(was), now=_truth(now), verdict=verdict))

    def recheck(self, rng: Random, slip: Slip, fell: bool) -> str:
        case = self._cases[slip.way] if fell else self._solution
        return _capital(say(rng, RECHECKS, **self._words, told=self._told(case, fell), **self._named(case)))

    def gist(self, rng: Random, answer: str) -> str:
        return say(rng, GISTS, **self._words, answer=answer)

    @cached_property
    def _cases(self) -> tuple[Case, ...]:
        return tuple(product((True, False), repeat=len(self.names)))

    @cached_property
    def solutions(self) -> tuple[Case, ...]:
        return tuple(case for case in self._cases if not self._clashes(case))

    @property
    def _solution(self) -> Case:
        return self.solutions[0]

    @property
    def _words(self) -> dict[str, object]:
        claims = "; ".join(f'{name}: "{claim.text}"' for name, claim in zip(self.names, self.claims, strict=True))
        liar, honest = self.roles
        listed = _listed(self.names)
        number = len(self.names)
        return {"a": honest, "b": liar, "listed": listed, "claims": claims, "n": number, "cases": len(self._cases)}

    def _clashes(self, case: Case) -> list[int]:
        """Who says what they could not say."""
        return [i for i, claim in enumerate(self.claims) if claim.holds(case) != case[i]]

    def _said(self, case: Case) -> str:
        said = [f"{name} is {self.roles[honest]}" for name, honest in zip(self.names, case, strict=True)]
        return f"{', '.join(said[:-1])}, and {said[-1]}"

    def _named(self, case: Case) -> dict[str, str]:
        """The case as a clause, and as what stands after `with`."""
        pairs = [(name, self.roles[honest]) for name, honest in zip(self.names, case, strict=True)]
        clause, short = [f"{name} is {role}" for name, role in pairs], [f"{name} as {role}" for name, role in pairs]
        return {"case": _listed(clause), "short": _listed(short)}

    def _failure(self, rng: Random, form: str, case: Case) -> str:
        at = rng.choice(self._clashes(case))
        names = {"name": self.names[at], "role": self.roles[case[at]], "claim": f'"{self.claims[at].text}"'}
        truth = _truth(self.claims[at].holds(case))
        return _capital(say(rng, (form,), **self._named(case), truth=truth, **names))

    def _told(self, case: Case, fell: bool) -> str:
        """Each statement's truth; where the mistake is, all of them are taken to fit."""
        judged = [case[i] if fell else claim.holds(case) for i, claim in enumerate(self.claims)]
        said = [f"{name} says something {_truth(holds)}" for name, holds in zip(self.names, judged, strict=True)]
        return _listed(said)


def read(question: str) -> Knights | None:
    """None also where the statements leave no case, or more than one."""
    roles, people = _ROLES.search(question), _NAMES.search(question)
    if not roles or not people or "always tell the truth" not in question:
        return None
    names = tuple(re.findall(r"\w+", re.sub(r"\band\b", "", people[1])))
    if not 2 <= len(names) <= MOST or len(set(names)) < len(names):
        return None
    said = question[people.end() : roles.start()]
    spoken = _spoken(said, names)
    honest, liar = roles.groups()
    claims = [read_claim(text, names, honest, liar) for text in spoken or ()]
    found = tuple(claim for claim in claims if claim is not None)
    if len(found) < len(names):
        return None
    problem = Knights(names, (liar, honest), found)
    return problem if len(problem.solutions) == 1 else None


def _spoken(text: str, names: tuple[str, ...]) -> list[str] | None:
    """What each person says, in the order of the names; None unless everybody says one thing and all is understood."""
    name = f"(?P<name>{'|'.join(names)})"
    sentence = re.compile(
        rf'(?:(?:According to |In |As |In a statement by )?{name}\b[^".]*"(?P<after>{_CONTENT})\.?"\.?'
        rf'|"(?P<before>{_CONTENT}?),?" (?:- )?{name.replace("name", "name2")}(?: \w+)?\.'
        rf"|{name.replace('name', 'name3')} (?:said|told you|expressed) that (?P<plain>{_CONTENT})\.)\s*"
    )
    spoken: dict[str, str] = {}
    at = 0
    while found := sentence.match(text, at):
        who = found["name"] or found["name2"] or found["name3"]
        spoken[who] = found["after"] or found["before"] or found["plain"]
        at = found.end()
    return [spoken[name] for name in names] if at == len(text) and len(spoken) == len(names) else None


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _truth(holds: int) -> str:
    return "true" if holds else "false"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
