"""The Secret blocks of Prefect's server, as values of keys."""

from typing import Any, cast

from pydantic import SecretStr

from flows.prefect_settings import configure_prefect, wait_for_prefect
from schemas.errors import Refused


def load(setting: str, name: str) -> SecretStr:
    """Return the text of the Secret block `name`. Raises `Refused`, with the setting's name, where there is none."""
    configure_prefect()
    from prefect.blocks.system import Secret

    wait_for_prefect()
    try:
        value = cast(Secret[Any], Secret.load(name, _sync=True)).get()  # type: ignore[call-arg]
    except ValueError as error:
        raise Refused(
            f"{setting}: Prefect has no Secret block {name!r}; make it under Blocks in its UI, or name another"
        ) from error
    if not isinstance(value, str) or not value:
        raise Refused(f"{setting}: the Secret block {name!r} of Prefect's server holds no text; needs a key")
    return SecretStr(value)
