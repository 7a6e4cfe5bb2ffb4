"""Reflectory from Python: judge, score and check plain values, and make or query a warehouse of reflection traces.

    import reflectory

    reflectory.verify([{"id": 1, "gold": "4", "response": "2 + 2 is 4. Answer: 4"}])
    with reflectory.connect("data/warehouse") as warehouse:
        warehouse.run("deploy/demo.toml")
        warehouse.sql("select verdict, count(*) from traces_full group by all").show()

Functions on plain values need no warehouse, Prefect or Ray. What is refused raises `Refused`, whose message says what
came, what is needed and what to do; every error of the project is a `ReflectoryError`.
"""

from reflectory.plain_values import VerifierPool, decontaminate, ifd, parse, score, verify
from reflectory.warehouse import Connection, connect
from schemas.errors import ReflectoryError, Refused

__all__ = [
    "Connection",
    "ReflectoryError",
    "Refused",
    "VerifierPool",
    "connect",
    "decontaminate",
    "ifd",
    "parse",
    "score",
    "verify",
]
