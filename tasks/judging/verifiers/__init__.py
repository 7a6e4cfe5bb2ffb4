"""The verifier of every answer kind, by the kind's name; one is imported when it is first asked for."""

from collections.abc import Iterator, Mapping
from functools import cache

from schemas.question import KINDS
from tasks.judging.verifiers.outside import outside_verifier
from tasks.judging.verifiers.verifier import KindVerifier


@cache
def _made(kind: str) -> KindVerifier:
    if KINDS.package(kind):
        return outside_verifier(kind)
    made: KindVerifier = KINDS.load(kind)()
    return made


class _Verifiers(Mapping[str, KindVerifier]):
    def __getitem__(self, kind: str) -> KindVerifier:
        """Raises `KeyError` for no kind, and `Refused` for that of an outside package that cannot be used."""
        if kind not in KINDS:
            raise KeyError(f"kind {kind}: no package that is installed here brings it")
        return _made(str(kind))

    def __contains__(self, kind: object) -> bool:
        return kind in KINDS

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)


VERIFIERS = _Verifiers()
