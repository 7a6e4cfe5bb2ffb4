"""calendar_arithmetic: weekdays, spans of days and leap years. Reads its seven kinds of question."""

import re
from calendar import month_name, monthrange
from datetime import date

from tasks.practice.day_counts import BusinessDays, Occurrences
from tasks.practice.problem import Problem
from tasks.practice.weekday import Weekday
from tasks.practice.weekdays import LeapYear, NthWeekday, WeekdayLater, WeekdayOfDate

_MONTHS = {name: number for number, name in enumerate(month_name) if name}
_MONTH, _DAY = f"(?:{'|'.join(_MONTHS)})", f"(?:{'|'.join(map(str, Weekday))})"
_SPAN = rf"(?P<weekday>{_DAY}), (?P<start>{_MONTH} \d+)(?:, (?P<year>\d+))? (?:to|and) (?P<last>{_DAY}),"
_SPAN += rf" (?P<end>{_MONTH} \d+), (?P<end_year>\d+) \("

_LATER = re.compile(
    rf"(?:If today is|Starting from|Count (?:for|back)ward (?P<n>\d+) days from) (?P<weekday>{_DAY}), {_MONTH} \d+, \d+"
    r"(?:, what day of the week (?:will it be in|was it) (?P<n2>\d+) days"
    r"|, which weekday (?:falls after a|was it) (?P<n3>\d+)[- ]days? ?| - what's the weekday)"
)
_OF_DATE = re.compile(
    rf"(?:What day of the week was|On which weekday did) (?P<day>{_MONTH} \d+), (?P<year>\d+)"
    r"|Name the day of the week for (?P<digits>\d\d/\d\d/\d+)"
)
_FROM_FIRST = re.compile(
    rf"(?:the first day of the year was an? (?P<a>{_DAY})|January 1 fell on an? (?P<b>{_DAY})"
    rf"|where (?P<c>{_DAY}) is January 1st)\b.* (?P<day>{_MONTH} \d+)(?: be)?[?.]"
)
_NTH = re.compile(
    rf"the (?P<nth>first|second|third|fourth|last) (?P<weekday>{_DAY})(?: (?:of|in) (?P<month>{_MONTH}) (?P<year>\d+)"
    r"[,. ]|, what is the date)"
)
_NTH_MONTH = re.compile(rf"In (?P<month>{_MONTH}) (?P<year>\d+), if an event")
_OCCURRENCES = re.compile(
    rf"(?:How many (?P<a>{_DAY})s are there from|Count the occurrences of (?P<b>{_DAY}) from|Between) {_SPAN}"
    rf"(?:(?:inclusive of|including)|counting both dates\), how many times does (?P<c>{_DAY}) occur)"
)
_BUSINESS = re.compile(
    rf"(?:How many business days \(Monday-Friday\) are there from|Count the weekdays \(excluding weekends\) from"
    rf"|Between) {_SPAN}(?:(?:inclusive of|including)|counting both dates\), what's the total count of business days)"
)
_LEAP = re.compile(r"(?:the year|Is|whether) (\d+)(?: is)? a leap year")


def read(question: str) -> Problem | None:
    """None also for a date that does not exist, or one on another weekday than the question says."""
    readers = (_later, _of_date, _from_first, _nth, _span, _leap)
    return next((problem for reader in readers if (problem := reader(question))), None)


def _later(question: str) -> Problem | None:
    found = _LATER.search(question)
    if not found:
        return None
    back = re.search(r"Count backward|days ago|days before", question)
    days = int(found["n"] or found["n2"] or found["n3"] or 0)
    return WeekdayLater(_weekday(found["weekday"]), -days if back else days) if days else None


def _of_date(question: str) -> Problem | None:
    found = _OF_DATE.search(question)
    if not found:
        return None
    if found["digits"]:
        month, day, year = map(int, found["digits"].split("/"))
    else:
        (month, day), year = _month_day(found["day"]), int(found["year"])
    return WeekdayOfDate(month, day, year) if _exists(month, day, year) else None


def _from_first(question: str) -> Problem | None:
    """A year without a number is a common one, unless the date itself is in none."""
    found = _FROM_FIRST.search(question)
    if not found:
        return None
    month, day = _month_day(found["day"])
    first = _weekday(found["a"] or found["b"] or found["c"])
    return WeekdayOfDate(month, day, None, first) if _exists(month, day, 2000) else None


def _nth(question: str) -> Problem | None:
    found = _NTH.search(question)
    when = found if found and found["month"] else _NTH_MONTH.search(question)
    if not found or not when or not _exists(1, 1, int(when["year"])):
        return None
    return NthWeekday(found["nth"], _weekday(found["weekday"]), _MONTHS[when["month"]], int(when["year"]))


def _span(question: str) -> Problem | None:
    if found := _OCCURRENCES.search(question):
        dates = _dates(found)
        wanted = found["a"] or found["b"] or found["c"]
        return Occurrences(*dates, _weekday(wanted)) if dates and wanted else None
    if found := _BUSINESS.search(question):
        dates = _dates(found)
        return BusinessDays(*dates) if dates else None
    return None


def _leap(question: str) -> Problem | None:
    found = _LEAP.search(question)
    return LeapYear(int(found[1])) if found else None


def _dates(found: re.Match[str]) -> tuple[date, date] | None:
    """Both ends. A span may run into the next year and still be printed with the first one's number: the weekdays
    tell."""
    year = int(found["year"] or found["end_year"])
    starts, ends = _month_day(found["start"]), _month_day(found["end"])
    for end_year in (int(found["end_year"]), year + 1):
        if _exists(*starts, year) and _exists(*ends, end_year):
            start, end = date(year, *starts), date(end_year, *ends)
            said = (_weekday(found["weekday"]), _weekday(found["last"]))
            if start <= end and said == (start.weekday(), end.weekday()):
                return start, end
    return None


def _weekday(name: str) -> Weekday:
    return Weekday[name.upper()]


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split()
    return _MONTHS[month], int(day)


def _exists(month: int, day: int, year: int) -> bool:
    return 1 <= year <= 9998 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
