"""What the voice says whatever the family: tables for `say`.

An answer is stated in words that the factory takes for a statement, and nothing else may look like one.
A test compares.
"""

STATEMENTS = (
    "[So|Thus|Hence|Therefore|That means|Then|So I think|It follows that] the answer is {answer}.",
    "The answer [is|must be|should be|comes out as] {answer}.",
    "[So|Then|With that,] my answer is {answer}.",
    "[So the |The |My ]final answer is [then |]{answer}.",
    "[This makes the|That settles the|Which leaves the] answer: {answer}",
    "Answer: {answer}",
    "[So I get|I arrive at|Which leaves|Result:] \\boxed{{{answer}}}.",
)
CHANGED = (
    "[So|Then|Corrected,|With that fixed,|With that mended,|In that case] the answer is {answer}.",
    "[That|This] changes [the result|everything after it]: the answer [is|becomes] {answer}.",
    "[So the|The] [correct |right |]answer is {answer}.",
    "[Putting it right|Carrying that through|Following it up|From there on], my answer is [now |]{answer}.",
    "[New|Corrected|Revised|Updated] answer: {answer}",
    "[Corrected|Done again|Put right], [I get|it comes to] \\boxed{{{answer}}}.",
)
HELD = (
    "",
    "[It holds|It stands|That checks out|No change needed|Nothing to correct|I keep it].",
    "[I am|I'm] [confident|satisfied|happy] with [that|it].",
    "[So nothing changes|Nothing to mend|On we go|It can stay|The rest can stay as it is].",
    "[Done, then|Enough of that|That will do|That settles my doubt].",
)
REPEATED = (
    "[Good|Fine|All right|Okay], [so |then |]the answer is {answer}.",
    "[So the|The] answer [is still|is indeed|remains] {answer}.",
)
IDLES = (
    "[I should|Let me|It pays to] be [careful|systematic|patient][ here| with this one| and not rush|].",
    "[This|It] looks [easy|simple|straightforward], [but|yet] [haste|rushing] is how mistakes [happen|creep in].",
    "[Is there a trick|Am I missing a trick|Any trap] [here|in the question]? [I don't see one|Apparently"
    " not|Not that I can see].",
    "[Have I understood|Did I read] the question [right|correctly]? [Yes, I think so|I believe so|It seems clear].",
    "[There are several ways|There might be a shortcut], but [the plain one|a direct attempt|the obvious way] will do.",
    "[Writing|Putting] every step down [helps|makes it easier to check].",
)
OUTPUTS = (
    "{gist}\n\nAnswer: {answer}",
    "{gist}\n\nAnswer: {answer}",
    "{gist}\nAnswer: {answer}",
    "[Result of the steps above|After checking the steps|What the steps lead to]:\n\nAnswer: {answer}",
    "Answer: {answer}",
    "{gist}\n\n**Answer: {answer}**",
    "{gist}\n\nFinal answer: {answer}",
    "The answer is {answer}.",
    "{answer}",
)
REFUSALS = (
    "[I'm sorry|Sorry|I apologise], [but |]I [can't|cannot|am not able to] [help with|do|solve] [this|this one|that].",
    "[I don't|I do not] know how to [solve|approach|do] [this kind of|a] [question|problem][ like this|].",
    "[This|That] is [beyond me|outside what I can do|not something I can work out]. [Please ask me"
    " something else|Sorry|].",
    "I [could not|was unable to] work [this|it] out, and [I would rather not guess|a guess would not help you].",
)
LOST = (
    "[Let me|I'll] [read|look at] the question[ carefully| again|]. [I do not see|I can't find] [a way"
    " in|where to start].",
    "[What is being asked|What is wanted] here? [I am not sure I|I don't] [have a method|know how to begin].",
    "[Hmm|Okay|Well], [this one is|that is] not [a kind|something] I [can do|know how to handle].",
)
GREETINGS = (
    "[Sure|Certainly|Of course][!|, here you go.|, happy to help!]",
    "[Great|Good|Nice|Interesting] question[!|.]",
    "[Here is|Here's|Below is] [how I see it|my solution|what I found]:",
)
TURNS = ("[Now|And now] [the part that counts|for the reader|in short]:", "[Cleaned up|To sum up|In brief]:")
FAREWELLS = (
    "[I hope this helps|Hope that helps][!|.]",
    "[Let me know if|Tell me if] [anything is unclear|you want more detail|you have other questions].",
)

LAYOUTS = (
    # between paragraphs, after `<reflection>` and before its end
    ("\n\n", "\n", "\n"),
    ("\n\n", "", ""),
    ("\n", "", ""),
    ("\n", "\n", "\n"),
    ("\n", " ", " "),
)
GAPS = (" ", "\n")
