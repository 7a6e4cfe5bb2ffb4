"""llama.cpp's server over one GGUF file, in the environment that has it: `python llama_server.py FILE PORT SLOTS`."""

import signal
import sys

from xllamacpp import CommonParams, Server

model, port, slots = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
parameters = CommonParams()
parameters.model.path = model
parameters.n_ctx = 2048 * slots
parameters.n_parallel = slots
parameters.cpuparams.n_threads = 1
parameters.hostnames = ["127.0.0.1"]
parameters.port = port
server = Server(parameters)
signal.pause()
