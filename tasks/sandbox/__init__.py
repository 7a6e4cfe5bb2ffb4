"""A sandbox for Python that a model wrote: no root, no container engine, no namespaces.

    judge's process                     zygote (clean exec, no data)          one snippet (a fork of it)
    sandbox.Sandbox ──control socket──► imports the standard library,  ─fork─► rlimits, seccomp (default deny),
      one channel per snippet,          loses capabilities, Landlock           no descriptor but its channel
      limits, kill, self-check          then only forks and reaps              agent.serve: data in, data out

What a snippet says is data of exact types and nothing more (`values`); nothing is unpickled or evaluated outside. It
can compute, import the standard library, and answer. It cannot open any other file, write, make a socket, a process
or a thread, signal or trace anything, or outlast its limits. Not hidden from it: the names, sizes and times of
files (`stat`), the kernel's name and the clock; Landlock has no hook for the first, and none helps to forge an answer.

Everything here but `sandbox` and `check` also runs inside the zygote, so the package imports the standard library only.
"""
