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

# --- how a problem is worked out: `{given}` is quoted from the question

OPENINGS = (
    "[Let me|I'll|Let's] [take|go through] this [step by step|slowly|from the start]: {given}",
    "[Okay|Right|So|Alright], [first what is given|what is given]: {given}",
    "[I|Let me] [read|note] what is given and [follow it|go on] [in order|one part at a time]: {given}",
    "[Given|The data|To work out|It says]: {given}",
    "[We have|I have to deal with|The task is] {given}",
    "{given}[: what follows from that|: that is where to begin].",
)
LISTS = (
    # how a step is put into a list, what stands between two
    ("{said}", "\n"),
    ("- {said}", "\n"),
    ("{i}) {said}", "\n"),
    ("{i}. {said}", "\n"),
    ("Step {i}: {said}", "\n"),
    ("{said}", ", "),
    ("{said}", ", then "),
    ("{said}", "; "),
)
RECHECKS = (
    "[Running through|Going over|Repeating] [it|the steps] [again|once more]: {steps}. [Same|No change|All as before].",
    "{steps}: [I see no slip|every step looks right|nothing to change].",
    "[All of|Everything in] {given} [is used|went in][, and {last_step} holds|].",
    "[Let me check|Checking] the [end|last step]: {last_step}. [Good|Fine|Yes].",
)
GISTS = (
    "[Going|Working] through {given} [step by step|in order] [gives|leads to] {answer}",
    "[What is given|The question], {given}, [leads to|comes to] {answer}",
    "[Taken|Done] in order, {given} [gives|comes to|makes] {answer}",
    "From {given} [follows|comes|I get] {answer}",
)
MENDED = (
    "[Wait|Hold on|Hmm|Actually], {what} [is|comes to|makes|should be] {now}, not {was}.",
    "[Let me|I should|I'll] [redo|recompute|look again at] {what}. [I get|It comes to|That is] {now}[,"
    " where I had {was}| this"
    " time, not {was}|; {was} was wrong].",
    "[The step|The part] with {what} [bothers me|looks off|does not look right]. [Done"
    " slowly|Again|Carefully], it gives"
    " {now} [instead of|rather than] {was}.",
    "I [wrote|had] {was} for {what}[, but|. Really] it [is|equals] {now}.",
    "[Is|Was] {what} really {was}? No, {now}. [I slipped there|A slip|That was careless].",
    "[Checking|Testing] {what} on its own[ gives|:] {now}. [That does not match|It disagrees with] the"
    " {was} [above|I wrote|from"
    " before].",
)

STANDS = (
    "[Let me|I should|I'll|I want to] [redo|recompute|double-check|look again at] {what}. [I get|It comes"
    " to|That is] {now}"
    "[ again|, as before|, same as above].",
    "[Is|Was] {what} really {now}? [Yes|Yes, it is|It is].",
    "[Wait|Hmm|Hold on], {what}[...|:] {now}. [Right|Fine|Good|That is what I had].",
    "[I am least sure of|The riskiest step is|The easiest place to slip is] {what}. [Once"
    " more|Again|Slowly]: {now}."
    " [No slip there|That one is right|Good].",
    "[Could {what} be wrong?|I doubt {what} a little.] [Another try|A fresh start|From scratch] gives"
    " {now} [too|as well|again].",
)
