"""Looking back at one computation: shared by the families whose steps are computations."""

from random import Random

from tasks.practice.problem import Slip
from tasks.wording import say

CHANGES = (
    "[Wait|Hold on|Hmm|Actually], {what} [is|comes to|makes|should be] {now}, not {was}.",
    "[Let me|I should|I'll] [redo|recompute|look again at] {what}. [I get|It comes to|That is] {now}[,"
    " where I had {was}| this"
    " time, not {was}|; {was} was wrong].",
    "[The step|The part] with {what} [bothers me|looks off|does not look right]. [Done"
    " slowly|Again|Carefully], it gives"
    " {now} [instead of|rather than] {was}.",
    "I [wrote|had] {was} for {what}[, but|. Really] it [is|equals] {now}.",
    "[Is|Was] {what} really {was}? No, {now}. [I slipped there|A slip|That was careless].",
    "[Checking|Testing] {what} on its own[ gives|:] {now}. [That does not match|It disagrees with] the"
    " {was} [above|I wrote|from"
    " before].",
)

STANDS = (
    "[Let me|I should|I'll|I want to] [redo|recompute|double-check|look again at] {what}. [I get|It comes"
    " to|That is] {now}"
    "[ again|, as before|, same as above].",
    "[Is|Was] {what} really {now}? [Yes|Yes, it is|It is].",
    "[Wait|Hmm|Hold on], {what}[...|:] {now}. [Right|Fine|Good|That is what I had].",
    "[I am least sure of|The riskiest step is|The easiest place to slip is] {what}. [Once"
    " more|Again|Slowly]: {now}."
    " [No slip there|That one is right|Good].",
    "[Could {what} be wrong?|I doubt {what} a little.] [Another try|A fresh start|From scratch] gives"
    " {now} [too|as well|again].",
)


def look(rng: Random, slip: Slip, was: int, now: int) -> str:
    return say(rng, STANDS if was == now else CHANGES, what=slip.what, was=was, now=now)
