"""Numbers and their units as Chinese, Japanese, Korean, Hindi, Arabic and a few more write them, put into English."""
# ruff: noqa: RUF001

import re
from collections.abc import Iterable
from fractions import Fraction

from tasks.late_pattern import late_pattern

MAX_CHARACTERS = 60
_DIGITS = {**{c: n for n, c in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2, "兩": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000, "십": 10, "백": 100, "천": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "만": 10**4, "亿": 10**8, "億": 10**8, "억": 10**8, "조": 10**12}
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_HAN = f"(?:{_NUMBER}|[{''.join([*_DIGITS, *_SMALL, *_LARGE])}])+"
_FIRST = re.compile(rf"(?P<sign>[-+负負]|マイナス)?\s?(?P<number>{_HAN}(?:\s(?={_NUMBER}[천백만억]){_HAN})*)", re.ASCII)
_SHARE = re.compile(rf"(?P<bottom>{_HAN})分之(?P<top>{_HAN})(?P<rest>.*)")
_PART = re.compile(rf"(?P<times>{_NUMBER}|[{''.join(_DIGITS)}])?(?P<scale>[{''.join(_SMALL)}])?", re.ASCII)
_METRIC = re.compile(r"[千百兆](?=[米克瓦卡赫帕焦升])")
_EACH = re.compile(r"(?:每(?P<per>小时|小時|分钟|分鐘|秒|天)|(?P<speed>[时時]速)(?:约|約|为|為|是)?)\s?(?P<rest>\d.*)")
_MARKS = (
    (re.compile(r"(?<=\d)[\uff0c\u066c](?=\d{3}(?!\d))"), ","),
    (re.compile(r"(?<=\d)[\uff0e\u066b](?=\d)"), "."),
    (re.compile(r"[\uff05\u066a]"), "%"),
)
_UNITS = {
    "km": "公里 千米 キロメートル किलोमीटर किमी كيلومتر كيلومترا كيلومترًا كم 킬로미터 км километр километра километров",
    "m": "米 公尺 メートル मीटर متر مترا مترًا أمتار 미터 метр метра метров",
    "cm": "厘米 公分 センチメートル センチ सेंटीमीटर सेमी سنتيمتر سم 센티미터 см сантиметр сантиметра сантиметров",
    "mm": "毫米 ミリメートル मिलीमीटर ملم 밀리미터 мм",
    "kg": "千克 公斤 キログラム किलोग्राम किग्रा كيلوغرام كيلوجرام كغم كجم كغ 킬로그램 кг килограмм килограмма"
    " килограммов",
    "g": "克 グラム ग्राम غرام جرام غرامًا 그램 грамм грамма граммов",
    "liters": "升 リットル लीटर لتر لترا لترًا 리터 литр литра литров",
    "ml": "毫升 ミリリットル मिलीलीटर مل 밀리리터 мл",
    "hours": "小时 小時 个小时 個小時 時間 घंटे घंटा घण्टे ساعة ساعات 시간 час часа часов",
    "minutes": "分钟 分鐘 分間 मिनट دقيقة دقائق минута минуты минут",
    "seconds": "秒 秒钟 秒鐘 秒間 सेकंड सेकेंड ثانية ثوان ثواني 초 секунда секунды секунд",
    "days": "天 日間 दिन يوم يوما يومًا أيام день дня дней",
    "weeks": "周 週 週間 星期 सप्ताह أسبوع أسابيع недель недели неделя",
    "months": "个月 個月 か月 ヶ月 カ月 महीने أشهر 개월 месяц месяца месяцев",
    "years": "年間 साल वर्ष سنة سنوات год года лет",
    "dollars": "美元 ドル 달러 डॉलर دولار دولارا دولارًا دولارات доллар доллара долларов",
    "euros": "欧元 歐元 ユーロ 유로 यूरो يورو евро",
    "yuan": "元 块 块钱 人民币",
    "yen": "円 日元",
    "won": "원",
    "rupees": "रुपये रुपए रुपया",
    "rubles": "рубль рубля рублей",
    "square km": "平方公里 平方千米",
    "square m": "平方米 平方メートル",
    "square cm": "平方厘米 平方センチメートル",
    "cubic m": "立方米 立方メートル",
    "cubic cm": "立方厘米 立方センチメートル",
    "degrees": "度 درجة градус градуса градусов",
}
_IN_ENGLISH = {word: unit for unit, words in _UNITS.items() for word in words.split()}


def _any(words: Iterable[str]) -> str:
    """The longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_ASKED = late_pattern(
    rf"(?:何|几|幾|多少|몇\s?|(?:कितने|कितनी|कितना|كم|сколько)\s)({_any(_IN_ENGLISH)}|分(?!之))", re.IGNORECASE
)
ASKS_PERCENT = late_pattern(
    r"""百分之(?:几|幾|多少) | (?:几|幾|多少|何)(?:[%％]|パーセント) | 百分比[是为為](?:多少|几|什么)
    | 몇\s?(?:퍼센트|%)
    | कितने\sप्रतिशत | النسبة\sالمئوية | كم\sفي\sالمئة | (?:сколько|какой)\sпроцент | wie\s?viel\sprozent
    | (?:quel|en)\spourcentage | qué\sporcentaje | qual\s(?:é\s|è\s)?[ao]?\s?(?:porcentagem|percentual)
    | quale?\spercentuale""",
    re.VERBOSE | re.IGNORECASE,
)
_SCALES = {
    "hundred": "सौ مئة مائة",
    "thousand": "हज़ार हज़ार हजार ألف آلاف الف тысяч тысячи тысяча тыс. тыс tausend duizend mila tysięcy tys. nghìn ngàn"
    " ribu",
    "lakh": "लाख",
    "crore": "करोड़ करोड़ करोड",
    "million": "مليون ملايين миллион миллиона миллионов млн. млн Millionen Mio. Mio millionen millones milhões milioni"
    " miljoen milyon milionów triệu juta",
    "billion": "مليار مليارات миллиард миллиарда миллиардов млрд. млрд Milliarden Mrd. Mrd milliarden milliards"
    " milliard miliardi miljard milyar miliardów tỷ tỉ",
}
_TIMES = {word: scale for scale, words in _SCALES.items() for word in words.split()}
_SCALED = late_pattern(rf"({_NUMBER})\s({_any(_TIMES)})(?:\s(?:de|di)\s|\sd['\u2019](?=[a-z])|(?=\s|\Z))")
_FRENCH = late_pattern(rf"({_NUMBER}) millions?(?: de | d['\u2019])(?=[a-z])")


def plain_marks(text: str) -> str:
    """Return `text` with a comma, a point and a percent sign of ASCII for those of other scripts within numbers."""
    for mark, plain in _MARKS:
        text = mark.sub(plain, text)
    return text


def asked_abroad(question: str) -> set[str]:
    """Return, of each `何分`, `多少公里`, `сколько часов` in a question, the unit in English."""
    found = (asked[1] for asked in _ASKED.finditer(question)) if not question.isascii() else ()
    return {"minutes" if word == "分" else _IN_ENGLISH[word] for word in found}


def in_figures(text: str) -> str:
    """Put `3.5万元` as `35000 yuan`, `百分之二十` as `20%`, `1.5 लाख` as `1.5 lakh`; no other text changes."""
    if len(text) > MAX_CHARACTERS:
        return text
    text = _FRENCH.sub(r"\1 million ", text)
    text = _SCALED.sub(lambda found: f"{found[1]} {_TIMES[found[2]]} ", text).rstrip()
    if text.isascii():
        return text
    if share := _SHARE.fullmatch(text):
        top, bottom = _value(share["top"]), _value(share["bottom"])
        if top is None or not bottom:
            return text
        percent = bottom == 100 and share["bottom"] == "百"
        return f"{_spelt(top)}%{share['rest']}" if percent else f"{_spelt(top)}/{_spelt(bottom)}{share['rest']}"
    if rate := _EACH.fullmatch(text):
        return f"{_with_unit(rate['rest'])} per {_IN_ENGLISH[rate['per']].removesuffix('s') if rate['per'] else 'hour'}"
    return _with_unit(text)


def _with_unit(text: str) -> str:
    first = _FIRST.match(text)
    if first is None:
        return text
    number, end = first["number"], first.end()
    if metric := _METRIC.search(text, end - 1, end + 1):
        number, end = number[:-1], metric.start()
    value = _value(number)
    if value is None:
        return text
    rest = text[end:].strip()
    if rest[:1] in tuple(".,:/+*^-") or rest[:1].isdecimal():
        return text
    parts = [_IN_ENGLISH.get(part.strip(), "") for part in re.split(r"/|每", rest)]
    unit = " per ".join(parts) if all(parts) else " ".join(_IN_ENGLISH.get(word, word) for word in rest.split())
    figures = number if re.fullmatch(_NUMBER, number, re.ASCII) else _spelt(value)
    sign = "-" if first["sign"] and first["sign"] != "+" else ""
    return f"{sign}{figures} {unit}".strip()


def _spelt(value: Fraction) -> str:
    """Only decimals come out of decimals and scales."""
    return str(value.numerator) if value.denominator == 1 else str(float(value))


def _value(number: str) -> Fraction | None:
    """None where it is no number, or may be several: `二三`, `1万2`."""
    total, section, rest = Fraction(0), "", number.replace(" ", "").replace(",", "")
    largest = Fraction(10**13)
    for c in rest:
        if c not in _LARGE:
            section += c
            continue
        part = _section(section)
        if part is None or not section or _LARGE[c] >= largest:
            return None
        total, section, largest = total + part * _LARGE[c], "", Fraction(_LARGE[c])
    last = _section(section)
    if last is None or (total and 0 < last < 10 and not section.startswith(("零", "〇"))):
        return None
    return total + last


def _section(text: str) -> Fraction | None:
    """Below 10,000, or any number in figures."""
    total, at, below, gap = Fraction(0), 0, 10**4, False
    while at < len(text):
        if gap := text[at] in "零〇" and at + 1 < len(text):
            at += 1
        part = _PART.match(text, at)
        if part is None or part.end() == at:
            return None
        times = _DIGITS[part["times"]] if part["times"] in _DIGITS else Fraction(part["times"] or 1)
        scale = _SMALL[part["scale"]] if part["scale"] else 1
        if scale >= below or (scale == 1 and below in (100, 1000) and not gap):
            return None
        total, at, below = total + times * scale, part.end(), scale
    return total
