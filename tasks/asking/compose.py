"""One text from the two fields in which an endpoint may answer: its content and its separate reasoning."""

from tasks.parsing.grammar import TAG


def compose(content: str | None, reasoning: str | None) -> str:
    """Return the text of a trace: the reasoning as `<thinking>`, then the content.

    Without reasoning (None or white space) it is the content, character for character. With it, a content
    that has none of our tags becomes the `<output>`, untrimmed; one that opens a thinking of its own takes
    the reasoning in at its start, since it thought twice but answered once; any other follows as it is.
    """
    content = content or ""
    if not reasoning or reasoning.isspace():
        return content
    # a model that was told to use our tags talks of them while it reasons; left in, that talk would be a defect
    reflections = [tag[0] for tag in TAG.finditer(reasoning) if tag[2] == "reflection"]
    pairs = len(reflections) // 2
    in_turn = reflections == ["<reflection>", "</reflection>"] * pairs
    reasoning = TAG.sub(lambda m: m[0] if in_turn and m[2] == "reflection" else "&lt;" + m[0][1:], reasoning)
    first = TAG.search(content)
    if first and first[0] in ("<thinking>", "<think>"):
        return f"{content[: first.end()]}{reasoning}\n\n{content[first.end() :]}"
    thinking = f"<thinking>{reasoning}</thinking>"
    if not content or content.isspace():
        return thinking
    return f"{thinking}\n{content}" if first else f"{thinking}\n<output>{content}</output>"
