"""How many of some weekday, or of working days, lie between two dates, both counted."""

from calendar import month_name, monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from tasks.practice.weekday import DAY_FORMS, Weekday, write_rest
from tasks.practice.weekdays import RECHECKS
from tasks.practice.worked import SENTENCES, Pen, Worked

FROM_FIRST, BY_WEEKS = range(2)


class _Span(Worked):
    start: date
    end: date

    WAYS = 2
    LISTS = SENTENCES
    RECHECKS = RECHECKS

    @property
    def difficulty(self) -> float:
        return min(1.0, 0.25 + self.days / 150)

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def first(self) -> Weekday:
        return Weekday(self.start.weekday())

    @property
    def names(self) -> Mapping[str, object]:
        return {"start": _day(self.start), "end": _day(self.end), "first": self.first}

    def distance(self, pen: Pen, more: str = "") -> int:
        """Days from the one to the other, or with ` + 1` both counted."""
        days = self.days + (1 if more else 0)
        mistakes = [days - 1, days + 1, days - 1, days + 2]
        names = {"start": _day(self.start), "end": _day(self.end)}
        what = f"{_months(self.start, self.end)}{more}"
        return pen.compute(what, days, "both" if more else "days", [near for near in mistakes if near >= 0], **names)


_FORMS = MappingProxyType(
    {
        **DAY_FORMS,
        "days": (
            "from {start} to {end}: {what} = {value}[ days|]",
            "{end} is {what} = {value} days after {start}",
            "[distance|days between]: {what} = {value}",
        ),
        "both": (
            "[both ends counted|with both ends], that is {what} = {value} days",
            "from {start} to {end}[, both included,|] there are {what} = {value} days",
            "[days|number of days] in the span: {what} = {value}",
        ),
        "gap": (
            "from {first} to the first {weekday}: {value}[ days|]",
            "[until|to get to] the first {weekday} [takes|I wait] {value} days from {first}",
            "[the start is a {first}, so|since {first} comes first,] the first {weekday} is {value} days in",
        ),
        "count": (
            "one and the full weeks in the other {left} days: {value}",
            "[the first one|one], and one more for each full week in {left} days: {value}",
            "[every 7 days one more|it comes back every 7 days]: {what}, that is {value}",
        ),
        "none": (
            "[too short|not enough]: {what}, {value}",
            "[the span ends before|there is none, as it ends before]: {value}",
        ),
        "extra": (
            "[in|among] the {rest} days left over ({left}): {value}",
            "[left over|the rest]: {left}, that is {value} more",
            "{left} [add|bring] {value}",
        ),
        "weeks": (
            "{what} = {value}",
            "[each full week has 5|5 a week]: {what} = {value}",
            "{weeks} weeks: {what} = {value}",
        ),
        "weekend": (
            "Saturdays and Sundays among them: {value}",
            "[off|not counted]: {value} days on weekends",
            "[of these|among them], {value} [are|on] Saturday or Sunday",
        ),
        "total": (
            "{what} = {value}",
            "[together|in total|that makes] {what} = {value}",
            "[adding|so]: {what} = {value}",
        ),
    }
)


@dataclass(frozen=True)
class Occurrences(_Span):
    start: date
    end: date
    weekday: Weekday

    FORMS = _FORMS
    OPENINGS = (
        "[I need|We need] the number of {weekday}s from {start} to {end}.",
        "[Okay|Right|So|Alright], {weekday}s, from {first}, {start}, to {end}, both [included|counted].",
        "[Let me|I'll] count the days first.",
        "{weekday}s come every 7 days, so [the length of the span|the number of days] [almost |nearly |]decides.",
        "[The span|It] starts on a {first}; [wanted are|I am looking for] the {weekday}s.",
        "[The length of the span first|First the length of the span], then [how many weeks fit|the {weekday}s in it].",
    )
    GISTS = (
        "From {start} to {end} there [are|come] {answer} {weekday}s.",
        "{weekday} [occurs|comes up] {answer} times [in that span|between the two dates].",
        "[Counting|Stepping] by weeks [from the first {weekday}|through the span] gives {answer}.",
        "[Number of {weekday}s|{weekday}s in the span]: {answer}",
    )

    @property
    def names(self) -> Mapping[str, object]:
        return {**super().names, "weekday": self.weekday}

    def solve(self, way: int, pen: Pen) -> str:
        return str(self._by_weeks(pen) if way == BY_WEEKS else self._from_first(pen))

    def _from_first(self, pen: Pen) -> int:
        days, first = self.distance(pen), self.first
        gap = (self.weekday - first) % 7
        if gap:
            what, near = f"the wait from {first} to the first {self.weekday}", [(gap + 1) % 7, gap - 1]
            gap = pen.compute(what, gap, "gap", near, weekday=self.weekday, first=first)
        if days < gap:
            return pen.compute(f"{self.weekday}s within {days} days", 0, "none", [1])
        count = (days - gap) // 7 + 1
        return pen.compute(
            f"one plus the full weeks in {days - gap} days", count, "count", [count - 1, count + 1], left=days - gap
        )

    def _by_weeks(self, pen: Pen) -> int:
        days = self.distance(pen, " + 1")
        rest = write_rest(pen, days)
        if not rest:
            return pen.compute(f"{days} / 7", days // 7, "total")
        extra = int((self.weekday - self.first) % 7 < rest)
        names = {"rest": rest, "left": _listed(self.first, rest)}
        extra = pen.compute(
            f"the number of {self.weekday}s among {names['left']}", extra, "extra", [1 - extra], **names
        )
        return pen.compute(f"{days // 7} + {extra}", days // 7 + extra, "total", [days // 7 + 1 - extra])


@dataclass(frozen=True)
class BusinessDays(_Span):
    start: date
    end: date

    FORMS = _FORMS
    OPENINGS = (
        "[I need|We need] the working days from {start} to {end}.",
        "[Okay|Right|So|Alright], Monday to Friday, from {first}, {start}, to {end}, both [included|counted].",
        "[Let me|I'll] count all days first, then [leave out|drop] the weekends.",
        "[Each|Every] full week has 5 [working|business] days[, whatever day it starts on|].",
        "[The span|It] starts on a {first}[ and ends on a {last}|].",
        "[How long is the span?|The length of the span first.] [Then the weekends|Weekends come after].",
    )
    GISTS = (
        "From {start} to {end} there are {answer} [business|working] days.",
        "[Leaving out|Without] the weekends, {answer} days [remain|are left].",
        "[Five for each full week plus the rest|Weeks of five and the rest] [gives|make] {answer}.",
        "[Business days|Weekdays] from {start} to {end}: {answer}",
    )

    @property
    def names(self) -> Mapping[str, object]:
        return {**super().names, "last": Weekday(self.end.weekday())}

    def solve(self, way: int, pen: Pen) -> str:
        days = self.distance(pen, " + 1")
        if way != BY_WEEKS:
            off = days - _working(self.first, days)
            weekends = f"the number of Saturdays and Sundays in these {days} days"
            off = pen.compute(weekends, off, "weekend", [off + 1, off + 2, max(0, off - 1), max(0, off - 2)])
            return str(pen.compute(f"{days} - {off}", days - off, "total"))
        weeks, rest = days // 7, write_rest(pen, days)
        full = pen.compute(f"{weeks} * 5", 5 * weeks, "weeks", [5 * weeks + 5, 5 * max(0, weeks - 1)], weeks=weeks)
        if not rest:
            return str(full)
        extra, left = _working(self.first, rest), _listed(self.first, rest)
        mistakes = [extra + 1, max(0, extra - 1)]
        extra = pen.compute(f"the number of working days among {left}", extra, "extra", mistakes, rest=rest, left=left)
        return str(pen.compute(f"{full} + {extra}", full + extra, "total"))


def _working(first: Weekday, days: int) -> int:
    return sum(first.after(i) < Weekday.SATURDAY for i in range(days))


def _listed(first: Weekday, days: int) -> str:
    names = [str(first.after(i)) for i in range(days)]
    return names[0] if days == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _day(day: date) -> str:
    return f"{month_name[day.month]} {day.day}"


def _months(start: date, end: date) -> str:
    """The sum that gives the days from the one to the other, month by month."""
    first, last = (day.year * 12 + day.month - 1 for day in (start, end))
    if first == last:
        return f"{end.day} - {start.day}"
    lengths = [monthrange(month // 12, month % 12 + 1)[1] for month in range(first, last)]
    return " + ".join(map(str, [lengths[0] - start.day, *lengths[1:], end.day]))
