"""The days of the week as numbers that say their names."""

from calendar import month_name
from collections.abc import Mapping, Sequence
from datetime import date
from enum import IntEnum
from types import MappingProxyType

from tasks.practice.worked import Pen


class Weekday(IntEnum):
    """A number, so that it can come out of a step."""

    MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)

    def __str__(self) -> str:
        return self.name.title()

    def after(self, days: int) -> "Weekday":
        return Weekday((self + days) % 7)

    @property
    def others(self) -> list["Weekday"]:
        """What it may be taken for: mostly its neighbours."""
        return [self.after(days) for days in (-1, 1, -1, 1, -2, 2, 3)]


DAY_FORMS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "rest": (
            "{days} = 7 * {weeks} + {value}",
            "{what} = {value}",
            "{weeks} full [weeks|rounds of seven] [out of|in] {days} days, {value} left over",
            "{days} / 7 = {weeks}, remainder {value}",
            "[whole weeks|sevens] change nothing[, so|:] {days} [acts like|counts as|leaves] {value}",
        ),
        "weekday": (
            "{what} is a {value}",
            "{what}: {value}",
            "[counting on|counting|so], {what} [comes|is] {value}",
            "{value} is what lies {what}",
        ),
        "anchor": (
            "{date} [is|was] a {value}",
            "[I know that|As I recall,|From memory:] {date} [is|was] a {value}",
            "{date}: {value}",
            "[Start|Starting point|Anchor]: {date}, a {value}",
        ),
    }
)
"""How a weekday is told, from the days over and above whole weeks."""


def write_rest(pen: Pen, days: int) -> int:
    """Days over and above whole weeks; nothing to write below one."""
    if days < 7:
        return days
    mistakes = [(days + off) % 7 for off in (-1, 1, 2)]
    return pen.compute(f"{days} mod 7", days % 7, "rest", mistakes, days=days, weeks=days // 7)


def write_later(pen: Pen, start: Weekday, days: int) -> Weekday:
    """The weekday `days` later, or earlier where they are negative."""
    size = "1 day" if abs(days) == 1 else f"{abs(days)} days" if days else "a whole number of weeks"
    what = f"{size} {'before' if days < 0 else 'after'} {start}"
    there = start.after(days)
    return Weekday(pen.compute(what, there, "weekday", [*there.others, start.after(-days)]))


def write_anchor(pen: Pen, day: date) -> Weekday:
    """The weekday of a date that one has to know."""
    known, said = Weekday(day.weekday()), f"{month_name[day.month]} {day.day}, {day.year}"
    return Weekday(pen.compute(f"the weekday of {said}", known, "anchor", known.others, date=said))
