"""The tables of `phrases` that state an answer, for answers of several lines: programs, in a fence of their own."""

STATEMENTS = (
    "[So the function is|Which makes the function|In code|Written down|As code]:\n```python\n{answer}\n```",
    "[My version|First version|The code|Draft]:\n```python\n{answer}\n```",
    "[That gives|This becomes|So I write|So]\n```python\n{answer}\n```",
    "[Putting it together|Put together|All of it]:\n\n```python\n{answer}\n```",
    "[Code|The function|Here it is]:\n```python\n{answer}\n```",
)
CHANGED = (
    "[Corrected|Mended|Again, then|Better|Changed]:\n```python\n{answer}\n```",
    "[With that changed|With that line|The new version]:\n```python\n{answer}\n```",
    "[So the function becomes|The whole function then|So now]:\n\n```python\n{answer}\n```",
)
REPEATED = (
    "[So it stays|Unchanged, then|I keep]:\n```python\n{answer}\n```",
    "[The function is still|Still|Once more, as it stands]:\n```python\n{answer}\n```",
)
OUTPUTS = (
    "{gist}\n\n```python\n{answer}\n```",
    "{gist}\n\n```python\n{answer}\n```",
    "{gist}\n```python\n{answer}\n```",
    "```python\n{answer}\n```",
)
