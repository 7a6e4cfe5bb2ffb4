#!/usr/bin/env bash
# distilabel 1.5.3: `UltraFeedback` cuts what the judge says at every blank line, and each piece is the rating of the next
# generation, with or without one in it. A sentence before the first heading, a blank line below a heading, as Markdown has
# it, or a rationale of two paragraphs gives more ratings than there are generations: null to the first, the first's to the
# second, the best to the worst. Of 4.5 it keeps 4. Nothing is said; the headings, which name the text, are not read. Needed:
# a rating for each generation, or none. `use_default_structured_output=True` asks for JSON instead. Seen: the ratings of a
# right answer (5) and a wrong one (1), as the judge puts them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check distilabel==1.5.3 requests
seen=$(HF_HUB_OFFLINE=1 HOME=$folder "$folder/venv/bin/python" - 2> "$folder/log" <<'PYTHON' || tail -20 "$folder/log"
from distilabel.models.llms.base import LLM
from distilabel.steps.tasks import UltraFeedback


class Judge(LLM):
    @property
    def model_name(self):
        return "judge"

    def load(self):
        pass

    def generate(self, inputs, num_generations=1, **options):
        return []


ASKED = {"instruction": "What is 3 times 4?", "generations": ["12", "7"]}
FIRST, SECOND = "Rating: 5\nRationale: It is right.", "Rating: 1\nRationale: It adds."
SAID = {
    "as its prompt has it": f"#### Output for Text 1\n{FIRST}\n\n#### Output for Text 2\n{SECOND}",
    "a sentence before": f"Here is my annotation.\n\n#### Output for Text 1\n{FIRST}\n\n#### Output for Text 2\n{SECOND}",
    "blank lines below headings": f"#### Output for Text 1\n\n{FIRST}\n\n#### Output for Text 2\n\n{SECOND}",
    "two paragraphs": f"#### Output for Text 1\n{FIRST}\n\nThree fours are 12.\n\n#### Output for Text 2\n{SECOND}",
    "a half": f"#### Output for Text 1\n{FIRST.replace('5', '4.5')}\n\n#### Output for Text 2\n{SECOND}",
}
task = UltraFeedback(llm=Judge(), aspect="overall-rating")
for name, text in SAID.items():
    print(f"{name}:", task.format_output(text, ASKED)["ratings"])
PYTHON
)
echo "$seen"
diff - <(echo "$seen") <<'SEEN'
as its prompt has it: [5, 1]
a sentence before: [None, 5, 1]
blank lines below headings: [None, 5, None, 1]
two paragraphs: [5, None, 1]
a half: [4, 1]
SEEN
