"""What is said over polynomial equations."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

OPENINGS = (
    "[I need|We want|The goal is] the real {x} with {equation}.",
    "[Okay|Right|So|Alright][, the equation is|:] {equation}.",
    "[Let me|I'll|Let's] [solve|work on] {equation} [step by step|for {x}].",
    "{equation}. [Real solutions only|Only real values count].",
    "[The highest power is|It has degree] {degree}[, the unknown is {x}|]: {equation}.",
    "[Solve|To solve:] {equation}.",
    "[Which|What] real {x} [make|makes] {equation} true?",
)
FACTORED = (
    "[Every term has|All terms share] a factor {power}: {power} * ({rest}) = 0. [One solution is|That gives] {x} = 0,"
    " [the others|the rest] come from {rest} = 0.",
    "[Factor|Take] out {power}: {power} * ({rest}) = 0, so {x} = 0 or {rest} = 0.",
    "{power} * ({rest}) = 0. [A product is 0 when a factor is|Either factor may vanish]: {x} = 0, or {rest} = 0.",
    "[Factoring|Pulling] out {power} leaves {rest} = 0 [beside|besides] {x} = 0.",
)
SIGNS = (
    "[No factor is in sight|It does not factor nicely|I see no rational root], so I look for a change of sign."
    " At {low} the left side is {at_low}, at {high} it is {at_high}.",
    "[With f for the left side|Let f be the left side]: f({low}) = {at_low}, f({high}) = {at_high}. [The sign"
    " changes|Different signs].",
    "[Numerically|By trial], then: {x} = {low} gives {at_low} and {x} = {high} gives {at_high}, so [there is a"
    " root|the curve crosses 0] between.",
    "[A cubic with one real root|One real root, it seems]. [Values|Signs]: {at_low} at {low}, {at_high} at {high}.",
)
NONE = (
    "{what} is negative, so there is no real root.",
    "[A negative number|{what}, being negative,] has no real [square |]root: [no real solution|nothing real fits].",
    "[That is below 0|Below zero]: [there is no real solution|only complex solutions].",
)

FORMS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "zero": (
            "{power} = {what} = {value}",
            "[dividing|divide] both sides: {power} = {what} = {value}",
            "[one term only|there is just one term], so {power} = {what} = {value}",
            "{what} = {value}, [which is|so that is] {power}",
            "{power} is {what}, and that is {value}",
        ),
        "linear": (
            "{x} = {what} = {value}",
            "[divide|dividing] [both sides |]by the factor [of|before] {x}: {x} = {what} = {value}",
            "[bringing|moving] the constant over and dividing: {x} = {what} = {value}",
            "{what} = {value}, [which is|that is] {x}",
        ),
        "square": (
            "{x}^2 = {what} = {value}",
            "[isolating|isolate] the square: {x}^2 = {what} = {value}",
            "[there is no linear term|no linear term], so {x}^2 = {what} = {value}",
        ),
        "both": (
            "{what} = {value}, with both signs",
            "{x} = ±{what} = ±{value}",
            "[square roots|the roots|taking roots]: {what} = {value}, [plus and minus|and its negative]",
        ),
        "inside": (
            "[with|here] a = {a}, b = {b}, c = {c}, [so |and ]b^2 - 4ac = {what} = {value}",
            "[discriminant|the discriminant]: {what} = {value}",
            "D = {what} = {value}",
            "D = b^2 - 4ac = {what} = {value}",
        ),
        "double": ("[a double root|the two roots coincide]: {x} = {what} = {value}", "{x} = {what} = {value}"),
        "sqrt": ("{what} = {value}", "{what} [is about|is|comes to] {value}", "[the root|its root]: {what} = {value}"),
        "solution": (
            "{x} = {what} = {value}",
            "{what} = {value}",
            "[one solution|a solution]: {x} = {what} = {value}",
            "{what} [gives|makes] {value}",
        ),
        "p": ("[divide|dividing] by the leading factor: p = {what} = {value}", "[set|put] p = {what} = {value}"),
        "q": ("[and|likewise] q = {what} = {value}", "{what} = {value} is q"),
        "under": (
            "(p/2)^2 - q = {what} = {value}",
            "{what} = {value}",
            "[under the root|inside the root]: {what} = {value}",
        ),
        "cube": (
            "{x}^3 = {what} = {value}",
            "[isolating|isolate] the cube: {x}^3 = {what} = {value}",
            "[only the cube and a constant|no middle terms], so {x}^3 = {what} = {value}",
        ),
        "root": ("{x} is {what}, [which is|that is] {value}", "{what} = {value}", "{what} [is|comes to] {value}"),
        "narrow": (
            "at {middle} it is {at_middle}[, close to 0|]; narrowing down, {what} is {value}",
            "[halving|bisecting] the interval[ again and again|]: {what} is {value}",
            "[Newton's steps|a few steps of Newton] from {middle} settle at {value}",
            "[near {middle}|around {middle}] already {at_middle}; [refined|more closely], {value}",
        ),
    }
)
RECHECKS = (
    "[Going over|Repeating|Retracing] [it|the steps] [again|once more|quickly]: {steps}. [Same|No change|As before].",
    "{steps}: [I see no slip|every step looks right|nothing to change].",
    "[The last step|The end], {last_step}, [checks|is fine|agrees].",
    "[The signs|All signs] [look|seem] right[, and|;] {last_step}.",
    "[Reading|Comparing with] {equation} again, the [factors|coefficients] [are copied right|match], and {last_step}.",
)
PUT_IN = (
    "[Putting|Plugging] {root} [in|into {left}] gives {value}[, 0 up to rounding|, close enough to 0].",
    "[Check|To check]: {left} at {x} = {root} is about {value}[. Good|. Fine|, as it should be|].",
    "[With|For] {x} = {root} the left side [is|comes to] {value}[ or so|], [within rounding|that fits|fine].",
)
GISTS = (
    "{x} = {answer}",
    "[Solving|The equation] {equation} [over the reals |]gives {x} = {answer}.",
    "{equation} [holds for|is satisfied by] {x} = {answer}.",
    "[Rounded to|To] four decimals: {x} = {answer}",
    "[Real solution|What solves {equation}][:|, rounded:] {answer}",
)
GISTS_NONE = (
    "{equation} has no real solution, so [the list is empty|nothing is listed]: {answer}",
    "[No real value of {x}|No real {x}] satisfies {equation}.",
    "[There is no|The equation has no] real solution.",
)
