#!/usr/bin/env bash
# Prefect 3.9.1: a schedule of every 24 hours whose local time lies in the hour that spring skips moves by an hour on that
# day, and stays there: daily at 02:00 in Berlin runs at 03:00 from the last Sunday of March on, in the next winter too.
# Its docstring says that the clock-hour remains constant. Every 48 hours it moves only where it meets that Sunday, so two
# schedules of one anchor part; a cron schedule is back on the next day. With 3.8.8 the daily one ran at 03:00 in summer
# and at 02:00 again in winter. It matters to what runs nightly and has to be over, or to read something, by the clock.
#
# Seen: daily, anchored at 02:00 on 15 January: 02:00 in March, 03:00 in July, 03:00 in December.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet "prefect==3.9.1" "fastapi==0.150.0" "sqlalchemy==2.0.54" 2>/dev/null
export PREFECT_HOME="$work/home" PREFECT_SERVER_ANALYTICS_ENABLED=false
cat >"$work/dates.py" <<'PY'
import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import prefect
from prefect.server.schemas.schedules import CronSchedule, IntervalSchedule

BERLIN = ZoneInfo("Europe/Berlin")
MONTHS = (3, 7, 12)


def every(days):
    anchor = datetime(2026, 1, 15, 2, tzinfo=BERLIN)
    return IntervalSchedule(interval=timedelta(days=days), anchor_date=anchor, timezone="Europe/Berlin")


def hours(schedule):
    """At which hour in Berlin it next runs after the first of each month."""
    found = []
    for month in MONTHS:
        [date] = asyncio.run(schedule.get_dates(1, start=datetime(2026, month, 1, tzinfo=BERLIN)))
        found.append(date.astimezone(BERLIN).strftime("%H:%M"))
    return found


print(f"prefect {prefect.__version__}; months {MONTHS}")
seen = {
    "every 24 hours since 15 January, 02:00": hours(every(1)),
    "every 48 hours since 15 January, 02:00": hours(every(2)),
    "cron 0 2 * * *": hours(CronSchedule(cron="0 2 * * *", timezone="Europe/Berlin")),
}
for name, each in seen.items():
    print(f"{name}: {each}")
daily, other, cron = seen.values()
assert other == cron == ["02:00"] * 3, "the control: these keep their hour"
assert daily == ["02:00", "03:00", "03:00"], "a daily schedule no longer moves"
PY
"$work/env/bin/python" "$work/dates.py"
