"""What is said of a small program: tables for `say`, and its lines in words."""

import ast
from collections.abc import Iterator
from random import Random

from tasks.wording import say

OPENINGS = (
    "[Okay, |Alright, |So, |]`{name}` [takes|gets] {arguments} and [has to return|must give back|returns] {does}.",
    "[I need|What is wanted is|Wanted:] {does}.",
    "[The task|My task]: {does}. [The function is called|It goes into] `{name}({given})`.",
    "[In|What goes in]: {arguments}. [Out|What comes out]: {does}.",
    "[Let me|I'll|Let's] [plan|sketch|think through] `{name}` [first|before writing it|line by line].",
    "[From {arguments} to|What comes back for {arguments} is] {does}.",
    "`{name}`: {does}[. Not much code, but easy to get wrong at the edges|. A few lines should do|].",
)
DEBUG_OPENINGS = (
    "What [should `{name}` do|is `{name}` supposed to do|is `{name}` for]? [It is to return|Return] {does}.",
    "[Reading|Let me read|I read] the code [line by line|from the top|against what it should do].",
    "[The wanted result is|It should give] {does}. [Where does the code leave that path|Now where is the bug]?",
    "{failure} [That is the symptom|So much is known|I start from there].",
    "{failure} [Which line|What in the code] [makes|does] that?",
    "[Debugging|To debug] `{name}`[: I follow the failing call|, I follow the data through it].",
)
MENDS = (
    "[The line `{bad}` is wrong|I stop at `{bad}`: that is it|`{bad}` cannot be right]; [I would"
    " write|it should be|make it] `{good}`.",
    "[Everything|The rest] looks right [except|but for|apart from] `{bad}`. [There|Instead] it should [say|read]"
    " `{good}`.",
    "`{bad}` [should be|has to become|wants to be] `{good}`.",
    "[Suspect|Culprit|The odd one out]: `{bad}`. [Better|Right would be]: `{good}`.",
)
REWRITES = (
    "[I would rather|It is simpler to] write it [again|anew] than [to patch|patch] it.",
    "[Patching one line is risky|I don't trust the structure], so [I start over|from the beginning].",
    "[Compare it|I compare it] with how I would write it:",
)
PLANS = (
    "",
    "",
    "[The plan|Plan|In words|Step by step]:",
    "[How it goes|My version|What I would write]:",
    "[Line by line|The steps][, in words|]:",
)
TRIALS = (
    "[Try|Trying|Take|With] `{call}`: {turns}[, which gives|. Result|, so it returns] {value}.",
    "[By hand|On paper], `{call}` [goes|runs] like this: {turns}. [At the end|It returns] {value}.",
    "`{call}` [by hand|step by step]: {turns}; [that returns|comes out as] {value}.",
    "[Does the example work?|An example:] `{call}`: {turns} → {value}.",
)
SHORT_TRIALS = (
    "[Try|Trying|With] `{call}`[, I get|: that gives] {value}.",
    "[Does|Would] `{call}` work? [It gives|Result:] {value}.",
    "`{call}` → {value}[ by hand|, as far as I can see|].",
)
TURNS = ("", "Turn by turn: {turns}. ", "[The values|What it holds after each turn]: {turns}. ", "({turns}.) ")
AS_WANTED = (
    "",
    "[As wanted|As in the question|That matches|That is what was asked for].",
    "[Right|Good|Fits].",
)
CHANGES = (
    "[Wait|Hold on|Hmm|Actually], [try|take|what about] `{call}`[?| by hand.] {turns}With `{bad}` [it gives|I get|that"
    " returns] {got}, [but|and] {wanted} is [wanted|right|what should come out]. [So the line must be|I need|Make it]"
    " `{good}`.",
    "`{call}` [should give|must return] {wanted}. {turns}`{bad}` [makes that|turns it into|leads to] {got}[, so no|]:"
    " `{good}`.",
    "[Let me|I should|I'll] [trace|follow|go through] `{call}`. {turns}[The result would be|That ends in] {got} instead"
    " of {wanted}. [The culprit is|It comes from] `{bad}`; [it has to be|better] `{good}`.",
    "[Is|Was] `{bad}` right? {turns}For `{call}` it [yields|gives] {got}, [not|and not] {wanted}."
    " [It should read|I meant] `{good}`.",
    "[Oh|Oops|Careful]: `{bad}` [breaks|fails] on `{call}`, [where I get|giving] {got}, [though|while] {wanted} is"
    " [expected|due]. [It takes|Needed is|Mended by] `{good}`.",
)
HARMS = (
    "[Wait|Hold on|Hmm|Actually], `{bad}` [looks off|seems wrong to me|cannot be right]. [I think|Surely] it"
    " [should be|has to be|ought to read] `{good}`.",
    "[Is|Was] `{bad}` right? [I don't think so|Probably not|At the edges it would fail]: [make it|better] `{good}`.",
    "[On second thoughts|Looking again], [I would write|I prefer] `{good}` [where I had|instead of] `{bad}`.",
    "`{bad}`[... is that not one off|? That bothers me]. `{good}` [is safer|seems right|it should be].",
)
STANDS = (
    "[Is|Was] `{line}` right? {trial}",
    "[Let me|I should|I want to] [double-check|check|look again at] `{line}`. {trial}",
    "[I am least sure of|The risky line is|The easiest to get wrong is] `{line}`. {trial}",
    "[Wait|Hmm|Hold on], `{line}`[...| again.] {trial}",
    "[Off by one|An edge case] [here|somewhere]? {trial} [`{line}` is fine|So `{line}` can stay].",
)
RECHECKS = (
    "{trial}",
    "[A second example|Another look|Once more]. {trial}",
    "[Running|Going] through it [again|in my head]. {trial}",
    "[The function has|It is] {k} lines; [each|every one] [does what I want|seems right]. {trial}",
    "[Names|The name] and parameters [fit|are as asked]: `{name}({given})`. {trial}",
    "[Does it return in every case|Is anything missing]? [I think not|It looks complete]. {trial}",
)
READ_AGAIN = (
    "[Reading the lines again|Line by line], [nothing|I see nothing that] [is|looks] wrong.",
    "[It reads well|The lines do what I planned].",
    "[The loop, the condition, the result|Start, middle and end]: [fine|all there].",
    "[I see no|There is no] [mistake|slip|case left out].",
)
GISTS = (
    "[This|The function|`{name}`] returns {does}.",
    "[Here is|Below is] `{name}`[, in {k} lines|].",
    "[How it works|In words|What it does]: {steps}.",
    "[The function|`{name}`] [works|goes] like this: {steps}.",
    "`{name}({given})` gives {does}[:|.]",
    "[My solution|What I came up with|The finished function]:",
)
DEBUG_GISTS = (
    "[The bug was in|The trouble came from|The culprit was] `{bad}`[; mended|. The corrected function|]:",
    "[I changed|Changed is] one line, `{bad}`[, and left the rest|].",
    "[Mended|Corrected], `{name}` returns {does}.",
    "`{call}` [now returns|gives] {wanted}[, as it should|]:",
)

_STARTS = (
    "[start with|begin with|set up] `{line}`",
    "`{target}` [starts as|is first] `{value}`",
    "`{line}`[ to start|]",
)
_SETS = ("`{line}`", "let `{target}` be `{value}`", "`{target}` [becomes|is now] `{value}`", "[set|take] `{line}`")
_ADDS = ("add `{value}` to `{target}`", "`{line}`", "[increase|grow] `{target}` by `{value}`")
_UPDATES = ("`{line}`", "do `{line}`")
_LOOPS = (
    "[go through|take|walk over] `{value}`, [each|every one] as `{target}`",
    "for [each|every] `{target}` in `{value}`",
)
_WHILES = ("[as long as|while] `{value}`", "[repeat|keep going] while `{value}`")
_IFS = ("if `{value}`", "[when|in case] `{value}`", "[test|check] whether `{value}`; if so")
_ELSES = ("otherwise", "if not", "else")
_RETURNS = ("[return|give back] `{value}`", "the result is `{value}`", "`return {value}`")


def told(rng: Random, source: str) -> list[str]:
    """The function's body, a phrase for each line."""
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    return list(_Teller(rng, source).block(function.body, top=True))


class _Teller:
    def __init__(self, rng: Random, source: str) -> None:
        self._rng = rng
        self._source = source

    def block(self, body: list[ast.stmt], top: bool = False) -> Iterator[str]:
        for statement in body:
            yield from self._statement(statement, top)

    def _statement(self, node: ast.stmt, top: bool) -> Iterator[str]:
        line = self._text(node)
        match node:
            case ast.Assign(targets=[target], value=value):
                constant = isinstance(value, ast.Constant | ast.List | ast.Dict)
                yield self._say(_STARTS if top and constant else _SETS, line=line, target=target, value=value)
            case ast.AugAssign(op=ast.Add(), target=target, value=ast.Name() | ast.Constant() as value):
                yield self._say(_ADDS, line=line, target=target, value=value)
            case ast.For(target=target, iter=over, body=body):
                yield f"{self._say(_LOOPS, target=target, value=over)}: {self._joined(body)}"
            case ast.While(test=test, body=body):
                yield f"{self._say(_WHILES, value=test)}: {self._joined(body)}"
            case ast.If(test=test, body=body, orelse=other):
                rest = f"; {self._say(_ELSES)}, {self._joined(other)}" if other else ""
                yield f"{self._say(_IFS, value=test)}, {self._joined(body)}{rest}"
            case ast.Return(value=ast.expr() as value):
                yield self._say(_RETURNS, value=value)
            case _:
                yield self._say(_UPDATES, line=line)

    def _joined(self, body: list[ast.stmt]) -> str:
        phrases = list(self.block(body))
        return (self._rng.choice(("; ", ", then ")) if len(phrases) == 2 else "; ").join(phrases)

    def _say(self, forms: tuple[str, ...], **parts: ast.AST | str) -> str:
        names = {name: part if isinstance(part, str) else self._text(part) for name, part in parts.items()}
        text = say(self._rng, forms, **names)
        return text[:1].lower() + text[1:]

    def _text(self, node: ast.AST) -> str:
        return ast.get_source_segment(self._source, node) or ""
