"""Units of measure and currencies, by pint: which word or symbol names one, and what one is in another.

Its version is part of a verifier's version.
"""

import re
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from schemas.verdict import Reason
from tasks.mathematics.spelt import SPELT

_CURRENCIES = {
    "dollar": "$ us$ a$ au$ c$ ca$ usd dollars buck bucks",
    "cent": "¢ cents c",
    "euro": "€ eur euros",
    "sterling": "£ gbp quid",
    "penny": "pence",
    "yen": "¥ jpy 円",
    "rupee": "₹ inr rs rs. rupees",
    "yuan": "cny rmb 元 块",
    "won": "krw ₩ 원",
    "rouble": "rub ₽ ruble rubles roubles",
    "franc": "chf francs",
    "peso": "mxn pesos",
}
"""Signs, codes and words of each; a word that also means a unit of mass (`pounds`) stays that."""
CURRENCY = {alias: name for name, aliases in _CURRENCIES.items() for alias in (name, *aliases.split())}
_KNOWN_SYMBOLS = (
    "mm cm dm m km in ft yd mi nm mg g kg oz lb lbs ms s sec secs min mins h hr hrs ml mL cl dl l L gal qt pt tsp "
    "tbsp N kN J kJ MJ cal kcal W kW MW kWh V mV A mA Hz kHz MHz GHz Pa kPa MPa bar atm psi mol K mph kph rpm "
    "kB MB GB TB eV keV MeV GeV rad deg °C °F ° Ω ohm kΩ MΩ ha μm μs ns μg μL mmol μmol kmol mW GW THz kV μV μA nA "
    "mJ μJ GJ mN MN GPa mT μT nT pF nF μF μC nC pC mH Wb Bq kBq Sv mSv"
)
_OTHER_SYMBOLS = {"°": "degree", "deg": "degree", "secs": "s", "mins": "min", "KB": "kB", "kmh": "kph", "°c": "°C"} | {
    "AU": "au",
    "Å": "angstrom",
    "lightyear": "light_year",
    "lightyears": "light_year",
}
SYMBOLS = {name: name for name in _KNOWN_SYMBOLS.split()} | _OTHER_SYMBOLS
"""Short symbols are taken only from here: most letters are symbols of something."""
_PURE = frozenset(["radian", "degree", "turn", "arcminute", "arcsecond", "bit", "byte"])
"""The units without a dimension that are units all the same; decibel, percent and count are none."""
_EVERYDAY = (
    "second minute hour day week year millimeter centimeter meter kilometer inch foot yard mile milligram gram "
    "kilogram ounce pound milliliter liter gallon quart pint cent dollar degree radian"
)
_MINUTE = "minute"
_TIMES = frozenset(["second", "hour", "day"])
"""Beside these \u5206 are minutes; alone they may be points or cents."""
_EVERYDAY_UNITS = frozenset((*_EVERYDAY.split(), "month", *_CURRENCIES))
_REGIONAL = re.compile(r"ton|gallon|quart|pint|cup|fluid|ounce|tablespoon|teaspoon|barrel|bushel")
"""Units of which countries have different ones."""
_LETTERS = {"kelvin": 10**3, "meter": 10**6}
_NAMESAKES = frozenset(
    frozenset(pair.split("/"))
    for pair in ["pound/sterling", "degree/degree_Celsius", "degree/degree_Fahrenheit", "meter/minute"]
)
"""Units of different kinds that one word or letter means."""
TEMPERATURES = frozenset(["kelvin", "degree_Celsius", "degree_Fahrenheit"])
_AMBIGUOUS = frozenset(["mil", "mils", "bar", "point", "count"])


@lru_cache(50_000)
def unit_name(word: str) -> str:
    """Find the unit of measure or currency that a word or symbol names, in pint's spelling; empty for none."""
    if word.lower() in CURRENCY and (len(word) > 1 or not (word.isascii() and word.isalpha())):
        return CURRENCY[word.lower()]
    symbol = SYMBOLS.get(word)
    if symbol is None and (len(word) < 3 or word.lower() in _AMBIGUOUS or not word.isalpha()):
        return ""
    name = symbol or word.lower()
    parsed = _registry().parse_unit_name(name)
    if not parsed:
        return ""
    prefix, unit, _ = parsed[0]
    if symbol is None and (unit in _constants() or not _spelt_out(name, prefix)):
        return ""
    pure = not _registry().get_dimensionality(unit)
    return "" if pure and unit not in _PURE else prefix + unit


def _spelt_out(name: str, prefix: str) -> bool:
    """Neither a chance symbol such as `hat` (hectotechnical atmosphere), nor a number such as `hundredweight`."""
    number = any(name.startswith(word) for word in SPELT if len(word) > 4)
    return name.startswith(prefix) and not number and (bool(prefix) or len(name) > 3 or name in ("day", "ton", "cup"))


@cache
def _registry() -> Any:
    from pint import UnitRegistry

    registry: Any = UnitRegistry(non_int_type=Fraction)
    for name in _CURRENCIES.keys() - {"cent", "penny"}:
        registry.define(f"{name} = [{name}]")
    registry.define("cent = dollar / 100")
    registry.define("penny = sterling / 100")
    return registry


@cache
def _constants() -> frozenset[str]:
    """The physical constants, which pint keeps among the units."""
    lines = files("pint").joinpath("constants_en.txt").read_text("utf-8").splitlines()
    return frozenset(line.split("=")[0].strip() for line in lines if "=" in line)


def convert(value: Fraction, unit: str, into: str) -> Fraction | Reason:
    """Convert exactly, or return why it is not to be done: UNIT_UNKNOWN, or UNIT_DIFFERS where dimensions do.

    Units of which one may be meant by the other are UNIT_UNKNOWN: `$5` and `$5 per hour`, `30 degrees` and `30 °C`.
    """
    from pint import DimensionalityError, UndefinedUnitError

    if unit == into:
        return value
    if "\u5206" in (unit, into) and not _TIMES.isdisjoint((unit, into)):
        unit, into = (_MINUTE if each == "\u5206" else each for each in (unit, into))
    try:
        there = _registry().Quantity(value, unit).to(into).magnitude
    except UndefinedUnitError:
        return Reason.UNIT_UNKNOWN
    except DimensionalityError:
        shared = "ounce" in (unit, into) or frozenset((unit, into)) in _NAMESAKES
        rate = unit.startswith(f"{into} / ") or into.startswith(f"{unit} / ")
        return Reason.UNIT_UNKNOWN if shared or rate else Reason.UNIT_DIFFERS
    except (ValueError, AttributeError, TypeError):  # a text that only looks like units
        return Reason.UNIT_UNKNOWN
    return Fraction(there) if isinstance(there, int | Fraction) else Reason.UNIT_UNKNOWN


def units_agree(gold: str, answer: str) -> Fraction | Reason:
    """Return what one `answer` is in `gold`s, or why the two cannot be compared; a zero elsewhere, as of °F, is
    none.
    """
    zero, one = convert(Fraction(0), answer, gold), convert(Fraction(1), answer, gold)
    return one if isinstance(one, Reason) else Reason.UNIT_UNKNOWN if zero != 0 else one


def may_be_meant(gold: Fraction, value: Fraction, unit: str) -> bool:
    """Decide whether `value` of `unit` is `gold` in some other everyday unit of the same dimension, or the letter of
    the unit stands for thousands or millions.
    """
    if value * _LETTERS.get(unit, 0) == gold != 0:
        return True
    others = TEMPERATURES if unit in TEMPERATURES else _EVERYDAY.split()
    return any(convert(value, unit, other) == gold for other in others if other != unit)


def may_be_difference(gold: str, answer: str) -> bool:
    """Decide whether as many of one unit may be as many of the other, though no value is: a rise by 10 K or °C."""
    return gold != answer and {gold, answer} <= TEMPERATURES - {"degree_Fahrenheit"}


def is_everyday(unit: str) -> bool:
    """Decide whether `unit` is made of everyday units of measure and currencies alone, as `mile / hour` is."""
    return all(part in _EVERYDAY_UNITS for part in re.sub(r" \*\* \d", "", unit).split(" / "))


def is_regional(unit: str) -> bool:
    """Decide whether countries disagree on how much `unit` is."""
    return _REGIONAL.search(unit) is not None
