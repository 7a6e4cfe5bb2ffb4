"""A Prefect server for as long as its parent lives, where the user has none: `python -m flows.prefect_server PORT`.

It ends when its standard input closes: with the command that started it, however that ends. Prefect's own ephemeral
server outlives a killed run, and starting it costs the run four seconds of imports. With a second argument, `full`,
it has the UI and every service, the scheduler among them.
"""

import os
import sys
import threading

import uvicorn

from flows.prefect_settings import keep_ui_apart
from flows.prefect_tables import make_configured_tables
from tasks.garbage import collect_rarely

LAST_WORDS_S = 10.0
_AS_EPHEMERAL = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "0",
}
"""What Prefect sets for its own ephemeral server: no UI, and only the services that a single run needs. And no list of
block types, which a server with a UI makes when it first needs one."""


def main() -> None:
    collect_rarely()
    if sys.argv[2:] == ["full"]:
        keep_ui_apart()
    else:
        os.environ |= _AS_EPHEMERAL
    application = "prefect.server.api.server:create_app"
    server = uvicorn.Server(
        uvicorn.Config(application, factory=True, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
    )
    threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
    make_configured_tables()
    server.run()
    os._exit(0)  # all is closed, and Python would take half a second to forget what it has imported


def _end_with_stdin(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True
    threading.Event().wait(LAST_WORDS_S)
    os._exit(1)


if __name__ == "__main__":
    main()
