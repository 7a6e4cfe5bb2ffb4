"""Whether a text begins with a verb, as far as that is certain.

The published checker of IFBench asks NLTK's perceptron tagger, whose weights no package ships. These words have one tag
in that tagger's dictionary whatever follows them; of any other word it depends on the next two, and mostly against
intuition (`Run to the shop` begins with a proper noun), so that is left open.
"""

from collections.abc import Sequence

from tasks.judging.constraints.text import listed

VERBS = frozenset(
    listed(
        "replace ensure establish reduce succeed be disclose acquire obtain "
        "totaled went took came said were gave was fell did surged rose grew wrote became began "
        "expects represents faces is has says adds goes appears believes gives sells intends comes seems provides "
        "includes takes follows requires continues makes reflects holds succeeds owns gets wants does carries "
        "talking involving ending representing adding becoming falling looking going acquiring according considering "
        "paying being using trying producing keeping seeking According creating helping allowing having citing putting "
        "giving pushing including doing reflecting calling declining getting "
        "been begun shown given written gone taken done priced seen based compared am are"
    )
)
OTHERS = frozenset(
    listed(
        "The A An This Some Those the a an this these those any each every another "
        "I It He She We They You it he she they them you me us him himself itself themselves "
        "my your his its our their His Its Our would shall must can may might could should will "
        "In On At By For From With Under Until Among Against If Although Since During Of Into Within After Unless "
        "Because Despite While Throughout in on of for if than until under after by despite against among between "
        "without since with at via beyond toward within unlike although whether "
        "When Where Why how why when where And But Or and but or nor There To to What what who whom which whose "
        "Also Here Indeed Instead Then However Still Perhaps Not Now Moreover Meanwhile Previously Two `` '' ( { # "
        "$ - -- ... : ; , . ! ?"
    )
)


def starts_with_verb(tokens: Sequence[str]) -> bool | None:
    """Whether the first token is tagged as a verb; None where that depends on what follows it."""
    if not tokens or tokens[0][0].isdigit() or tokens[0] in OTHERS:
        return False
    return True if tokens[0] in VERBS else None
