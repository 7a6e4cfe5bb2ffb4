"""A sandbox for Python that a model wrote: no root, no container engine, no namespaces.

    judge's process                     zygote (clean exec, no data)          one snippet (a fork of it)
    sandbox.Sandbox ──control socket──► imports what snippets import,  ─fork─► rlimits, seccomp (default deny),
      one channel per snippet,          or takes it into memory, loses        no descriptor but its channel
      limits, kill, self-check          capabilities, opens no file more      agent.serve: data in, data out
                                        then only forks and reaps

What a snippet says is data of exact types and nothing more (`values`); nothing is unpickled or evaluated outside. It
can compute, import the standard library from memory, and answer. It cannot open or list a file, nor learn whether there
is one; write, make a socket, a process or a thread, signal or trace anything, or outlast its limits; nor learn where
the checkout and Python lie, how the machine is called and under which user it runs. Not hidden from it: the clock, its
own process's number, and what the memory of its own process holds for one who reads it by address, where the path of
the interpreter's shared library is found.

Everything here but `sandbox` and `check` also runs inside the zygote, so the package imports the standard library only.
"""
