"""What the teacher is asked so that it writes questions: to write some, to evolve one, to solve one. Pure.

Each request is a call like any other, keyed by all that it says; what it draws follows from the run's seed and from
what it is about, never from how many questions are wanted. Evolving is that of Evol-Instruct (WizardLM, arXiv
2304.12244): in depth by a constraint, a deeper question, particulars or more steps; in breadth by a new question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from schemas.call import Message, Request
from schemas.configuration import RunConfiguration
from schemas.question_source import Questions
from schemas.record import content_key
from schemas.teacher import TeacherSettings
from tasks.asking.sampling import request, sampling_key
from tasks.prompts import changed, fenced, prompt

LIMIT = 60
"""Questions wanted when `questions.limit` is unset."""
EXAMPLES = 3
"""Shown in one call, at most."""

METHODS: Mapping[str, str] = MappingProxyType(
    {
        "constrain": "Add one condition or requirement that changes how the question has to be answered.",
        "deepen": "Ask for something that takes a deeper understanding of the same matter.",
        "concretise": "Put particular things, names or amounts where the question is general.",
        "lengthen": "Make the way to the answer longer: at least one more step of reasoning has to be taken.",
        "broaden": "Leave the question: write a new one on the same topic, of about the same length and as hard, about"
        " something beside it that is asked more rarely.",
    }
)
"""Each is drawn as often as the others; the last is the one in breadth."""

SETTINGS = (
    "a household",
    "a shop or a market",
    "a workshop or a building site",
    "a school",
    "a sports club",
    "a hospital",
    "a laboratory",
    "a farm",
    "a journey",
    "a festival",
    "an office",
    "none: the bare problem, without a story",
)
"""Drawn for each call, so that the same topic is not met with the same questions."""


@dataclass(frozen=True)
class WritingSpec:
    """Questions to be written, by whom, and after which examples."""

    settings: Questions
    teacher: TeacherSettings
    endpoint: str
    """The identity of the teacher, not its address."""
    seed: int
    fresh: str
    examples: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: RunConfiguration, endpoint: str, fresh: str, examples: tuple[str, ...] = ()) -> "WritingSpec":
        return cls(run.questions, run.teacher, endpoint, run.run.seed, fresh, examples)

    @property
    def topics(self) -> tuple[str, ...]:
        return self.settings.topics or ()

    @property
    def wanted(self) -> int:
        return self.settings.limit or LIMIT

    @property
    def order_id(self) -> str:
        """Of all that decides what is written, but for how much."""
        decides = self.settings.model_dump(mode="json", exclude={"limit", "examples"})
        sampled = sampling_key(self.teacher, self.seed)
        asked = (self.endpoint, self.teacher.model, sampled, self.fresh)
        replaced = changed(self.teacher.prompts)
        return content_key("order", decides, self.examples, *asked, *([replaced] if replaced else []))


def writing_request(order: WritingSpec, topic: str, turn: int) -> Request:
    """Ask for `questions.per_call` questions on a topic, the `turn`th time (0-based)."""
    draw = _random(order, topic, turn)
    shown = draw.sample(order.examples, min(EXAMPLES, len(order.examples)))
    parts = [
        fenced("topic", topic),
        fenced("setting", draw.choice(SETTINGS)),
        fenced("count", str(order.settings.per_call)),
        *(fenced("example", example) for example in shown),
    ]
    return _request(order, "questions_write", "\n\n".join(parts), turn)


def draw_method(order: WritingSpec, topic: str, parent: str, number: int) -> str:
    return _random(order, topic, parent, number).choice(list(METHODS))


def evolving_request(order: WritingSpec, topic: str, parent: str, method: str, number: int) -> Request:
    """Ask for another question made from the text `parent`, in round `number` (1-based)."""
    parts = [
        fenced("topic", topic),
        fenced("question", parent),
        fenced("method", f"{method}: {METHODS[method]}"),
    ]
    return _request(order, "questions_evolve", "\n\n".join(parts), number)


def solving_request(order: WritingSpec, text: str, sample: int) -> Request:
    """Ask for one independent solution (0-based)."""
    return _request(order, "questions_solve", text, sample)


def _request(order: WritingSpec, name: str, said: str, sample_index: int) -> Request:
    system = Message(role="system", content=prompt(name, order.teacher.prompts))
    messages = (system, Message(role="user", content=said))
    return request(order.teacher, order.endpoint, messages, order.seed, sample_index, order.fresh)


def _random(order: WritingSpec, *parts: str | int) -> Random:
    return Random(int(content_key("draw", order.seed, *parts), 16))
