"""Whether an answer says no more than that it stands elsewhere: `As shown above.`, `See my reasoning.`"""
# ruff: noqa: RUF001

import re

from tasks.extraction.vocabulary import any_of

MAX_CHARACTERS = 200
_PLACES = "above earlier before previously below reasoning thinking explanation derivation working work steps box"
_POINTERS = """
    as see refer look read check per shown given stated explained computed calculated derived described mentioned found
    written boxed answer result solution
"""
_BESIDE = """
    the a my in at to of is are was it i have that this which please final so thus hence therefore and for full detailed
    complete already been just we you can you'll in-depth step by
"""
_POINTER, _PLACE = (re.compile(rf"\b(?:{any_of(words)})\b") for words in (_POINTERS, _PLACES))
_WORDS = re.compile(rf"(?:\b(?:{any_of(f'{_PLACES} {_POINTERS} {_BESIDE}')})\b|[\s.,:;!*_()-])+")
_ELSEWHERE = re.compile(
    r"""[\s*_(]*(?:(?:siehe|wie)\s(?:oben|vorstehend)(?:\s(?:gezeigt|beschrieben|berechnet|angegeben|erklärt))?
    | (?:voir|comme)\s(?:(?:montré|indiqué|expliqué|calculé)\s)?(?:ci-dessus|plus\shaut)
    | (?:ver|véase|como\sse\s(?:muestra|indica|explica)|como\s(?:mostrado|indicado|explicado))\s(?:arriba|acima)
    | (?:vedi|come\s(?:mostrato|indicato|spiegato))\ssopra | (?:см\.?|смотри(?:те)?|как\sпоказано)\sвыше
    | 如上(?:所示|所述)? | [见見]上(?:文|面)?(?:推理|分析|解答)? | 上記の(?:通り|とおり) | 위와\s같(?:다|습니다|이) )
    [\s.。*_)]*""",
    re.VERBOSE,
)


def points_elsewhere(answer: str) -> bool:
    """Decide so of what names a place and nothing that could be an answer; `above` alone may be one."""
    if len(answer) > MAX_CHARACTERS:
        return False
    said = answer.casefold()
    if _ELSEWHERE.fullmatch(said):
        return True
    return _WORDS.fullmatch(said) is not None and bool(_PLACE.search(said) and _POINTER.search(said))
