"""Which weekday, which day of the month, and whether a year is a leap year: questions about one date."""

from calendar import isleap, month_name, monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from tasks.practice.weekday import DAY_FORMS, Weekday, write_anchor, write_later, write_rest
from tasks.practice.worked import SENTENCES, Pen, Worked

RECHECKS = (
    "[Going over|Repeating|Retracing] [it|the steps] [again|once more|quickly]: {steps}. [Same|No change|As before].",
    "[Line by line|Step by step|Slowly]: {steps}. [I see no slip|Every step looks right|Nothing to change].",
    "[The last step|The end], {last_step}, [checks|is fine|agrees].",
    "[On a calendar|On my fingers|Counted on fingers]: {last_step}. [Good|Fine|Yes|Same].",
    "[Is anything off by one|Did I count a day twice]? [No|It seems not|I don't see it]: {last_step}.",
)
NTH = {"first": 0, "second": 1, "third": 2, "fourth": 3}


@dataclass(frozen=True)
class WeekdayLater(Worked):
    start: Weekday
    days: int
    """Negative: before it."""

    LISTS = SENTENCES
    FORMS = DAY_FORMS
    RECHECKS = RECHECKS
    OPENINGS = (
        "[Weekdays|The days of the week] repeat every 7 days, so [only the remainder|{days} mod 7] [matters|counts].",
        "[I start|We start|Starting] from {start} and go {days} days {direction}.",
        "[Okay|Right|So|Alright], {days} days {direction} from a {start}.",
        "[Whole weeks|Full weeks] [can be dropped|do not change the weekday].",
        "[The date itself|The month] does not matter here[, only the {start}|: weekday and number of days are enough].",
        "{start}, {days} days {direction}: [how many days beyond full weeks|what is left after full weeks]?",
    )
    GISTS = (
        "{days} days {direction} from {start}, it is a {answer}.",
        "[Dropping|Leaving out] [whole|full] weeks, {days} days {direction} [lead|bring us] to {answer}.",
        "[Counting|Going] {direction} from {start}[, modulo 7|] gives {answer}.",
        "That day [is|falls on] a {answer}.",
    )

    @property
    def difficulty(self) -> float:
        return min(1.0, 0.1 + abs(self.days) / 200)

    @property
    def names(self) -> Mapping[str, object]:
        direction = "back" if self.days < 0 else "forward"
        return {"start": self.start, "days": abs(self.days), "direction": direction}

    def solve(self, way: int, pen: Pen) -> str:
        rest = write_rest(pen, abs(self.days))
        return str(write_later(pen, self.start, -rest if self.days < 0 else rest))


@dataclass(frozen=True)
class WeekdayOfDate(Worked):
    """From January 1, whose weekday is given where the year is not."""

    month: int
    day: int
    year: int | None
    first: Weekday | None = None

    WAYS = 2
    LISTS = SENTENCES
    FORMS = MappingProxyType(
        {
            **DAY_FORMS,
            "days": (
                "[from|since] January 1 [it is|there are] {what} = {value} days",
                "{date} is {what} = {value} days after January 1",
                "[days|the days] [passed|gone by]: {what} = {value}",
                "{what} = {value}",
            ),
            "shifts": (
                "[month by month|the months] shift the weekday by what their lengths leave beyond 28, and the days"
                " add to it: {what} = {value}",
                "[shifts of the months|month shifts] and days: {what} = {value}",
                "{what} = {value}",
            ),
        }
    )
    RECHECKS = RECHECKS
    OPENINGS = (
        "[I count|Let me count|I'll count] from January 1 to {date}.",
        "[Okay|Right|So|Alright], {date}. [The number of days since January 1|How far into the year it is] decides.",
        "[I need|We need] the weekday of January 1 and the [distance|number of days] [from there to|until] {date}.",
        "[The idea|Plan]: [start at|begin with] January 1, [add|count] the days to {date}, [reduce|take it] mod 7.",
        "{date}: [which day of the year is that|how many days into the year]?",
        "[A weekday|The weekday] needs an anchor; [mine is January 1|January 1 will do].",
    )
    GISTS = (
        "{date} [is|falls on] a {answer}.",
        "[Counting|Counted] from January 1, {date} [comes out as|is] a {answer}.",
        "[From|With] the weekday of January 1 and the days since, {date} is a {answer}.",
        "[The weekday|It] [is|comes out as] {answer}.",
    )

    @property
    def difficulty(self) -> float:
        return min(1.0, 0.15 + self.month / 16)

    @property
    def names(self) -> Mapping[str, object]:
        return {"date": f"{month_name[self.month]} {self.day}"}

    def solve(self, way: int, pen: Pen) -> str:
        first = self.first
        if first is None:
            first = write_anchor(pen, date(self.year or 1, 1, 1))
        days = self._days(way, pen) if self.month > 1 else self._in_january(pen)
        return str(write_later(pen, first, write_rest(pen, days)))

    def _days(self, way: int, pen: Pen) -> int:
        """Since January 1; the second way counts of each month only what lies beyond four weeks."""
        leap = isleap(self.year) if self.year else (self.month, self.day) == (2, 29)
        lengths = [monthrange(2000 if leap else 2001, month)[1] for month in range(1, self.month)]
        parts = [*(length % 7 if way else length for length in lengths), self.day - 1]
        days, kind = sum(parts), "shifts" if way else "days"
        mistakes = [days + 1, days - 1, days + (-1 if leap else 1), days + 2]
        return pen.compute(" + ".join(map(str, parts)), days, kind, mistakes, **self._date)

    def _in_january(self, pen: Pen) -> int:
        return pen.compute(f"{self.day} - 1", self.day - 1, "days", [self.day], **self._date)

    @property
    def _date(self) -> dict[str, str]:
        return {"date": f"{month_name[self.month]} {self.day}"}


@dataclass(frozen=True)
class NthWeekday(Worked):
    nth: str
    """`first` … `fourth`, or `last`."""
    weekday: Weekday
    month: int
    year: int

    LISTS = SENTENCES
    FORMS = MappingProxyType(
        {
            **DAY_FORMS,
            "first": (
                "the first {weekday} is {month} {value}",
                "{month} {value} is [the first one|a {weekday}]",
                "[that puts|this puts] {what} on {month} {value}",
            ),
            "later": (
                "{what} = {value}",
                "[{weeks} weeks on|{weeks} weeks later|every 7 days]: {what} = {value}",
                "the {nth} one: {what} = {value}",
            ),
            "last": (
                "{what} = {value}[, and a week more would leave the month|]",
                "{month} has {length} days, so [at most|as far as] {what} = {value}",
                "[the last that fits into|the last within] {length} days: {what} = {value}",
            ),
        }
    )
    RECHECKS = RECHECKS
    OPENINGS = (
        "[First|To begin with,] I [need|find] the weekday of {month} 1, {year}.",
        "[Okay|Right|So|Alright], the {nth} {weekday} of {month} {year}.",
        "[Find|I look for] the first {weekday}[ of the month|], then [add weeks|go on in sevens].",
        "[Let me|I'll] lay out {month} {year}[ in my head|].",
        "{weekday}s [come|are] 7 days apart, so the first one [decides|fixes all of them].",
        "[Which date is|When is] the {nth} {weekday}? [The month starts somewhere in the week|It depends on the 1st].",
    )
    GISTS = (
        "The {nth} {weekday} of {month} {year} is {month} {answer}.",
        "[It|The event] [falls|is] on {month} {answer}.",
        "[Counting|Going] in [weeks|sevens] from the first {weekday}, the {nth} one is on day {answer}.",
        "In {month} {year}, the {nth} {weekday} [has|is on] the date {answer}.",
    )

    @property
    def difficulty(self) -> float:
        return 0.3 if self.nth == "first" else 0.6 if self.nth == "last" else 0.45

    @property
    def names(self) -> Mapping[str, object]:
        return {"nth": self.nth, "weekday": self.weekday, "month": month_name[self.month], "year": self.year}

    def solve(self, way: int, pen: Pen) -> str:
        month, length = month_name[self.month], monthrange(self.year, self.month)[1]
        start = write_anchor(pen, date(self.year, self.month, 1))
        first = 1 + (self.weekday - start) % 7
        mistakes = [first % 7 + 1, (first - 2) % 7 + 1]
        first = pen.compute(f"the first {self.weekday}", first, "first", mistakes, month=month, weekday=self.weekday)
        last = self.nth == "last"
        weeks = (length - first) // 7 if last else NTH[self.nth]
        if not weeks:
            return str(first)
        day = first + 7 * weeks
        mistakes = [day - 7, day - 1, day + 1] + [day + 7] * (day + 7 <= length)
        names = {"month": month, "length": length, "weeks": weeks, "nth": self.nth}
        return str(pen.compute(f"{first} + 7 * {weeks}", day, "last" if last else "later", mistakes, **names))


@dataclass(frozen=True)
class LeapYear(Worked):
    year: int

    WAYS = 2
    LISTS = SENTENCES
    FORMS = MappingProxyType(
        {
            "mod": (
                "{what} = {value}",
                "{number} / 4 leaves {value}",
                "[divided|dividing] by 4, {number} [leaves|has remainder] {value}",
                "[remainder|the remainder] [of|for] {what}: {value}",
            ),
            "century": (
                "[a century|the century rule applies]: {what} = {value}",
                "{year} ends in 00, so 400 decides: {what} = {value}",
                "[full centuries|years in 00] must be divisible by 400, and {what} = {value}",
            ),
        }
    )
    RECHECKS = (
        "[Again|Once more]: {last_step}. [The rule is applied right|Nothing else matters|Good|Fine].",
        "[Is the rule right|Do I have the rule right]? [Every fourth year, centuries apart|4, then 100, then 400]:"
        " [yes|I think so]. {last_step}.",
        "[The last step|The division], {last_step}, [checks|is fine|agrees].",
        "[Certainly|For comparison], {near} is a leap year, and {last_step}[. That fits|].",
        "[Dividing|Divided] {year} [again|slowly]: {last_step}. [Same|As before|No change].",
    )
    OPENINGS = (
        "[Leap years are|A leap year is] divisible by 4, [except|but not] centuries that are not divisible by 400.",
        "[The rule|Rule]: every fourth year, not the centuries, but every 400 years again.",
        "[Okay|Right|So|Alright], {year}. [Is it divisible by 4|Divisible by 4]?",
        "[First|To begin with,] divisibility by 4; [the last two digits are enough|then the century rule].",
        "[Gregorian rule|By the calendar's rule]: 4, 100, 400. [Take|Here] {year}.",
        "[Let me|I'll] [check|test] {year} [against|by] the rule of 4, 100 and 400.",
    )
    GISTS = (
        "{year} [as a leap year|a leap year?]: {answer}",
        "[By the rule of 4, 100 and 400|Checking divisibility by 4, 100 and 400], {year}: {answer}.",
        "[Is {year} a leap year|Does {year} have a February 29]? {answer}.",
        "{answer}: [that is what|so] the rule [says|gives] for {year}.",
    )

    @property
    def difficulty(self) -> float:
        return 0.6 if self.year % 100 == 0 else 0.2

    @property
    def names(self) -> Mapping[str, object]:
        return {"year": self.year, "near": 2000 + 400 * ((self.year - 2000) // 400)}

    def solve(self, way: int, pen: Pen) -> str:
        number = self.year % 100 if way else self.year
        rest = number % 4
        rest = pen.compute(f"{number} mod 4", rest, "mod", [0] if rest else [2, 1, 3, 2], number=number)
        if rest == 0 and self.year % 100 == 0:
            rest = self.year % 400
            mistakes = [0] if rest else [100, 200]
            rest = pen.compute(f"{self.year} mod 400", rest, "century", mistakes, year=self.year)
        return "No" if rest else "Yes"
