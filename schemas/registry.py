"""Registries: names in configurations, each with the path of its class. Outside packages enter by entry points."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pkgutil import resolve_name
from typing import Any

from schemas.errors import Refused


class Registry(Mapping[str, str]):
    """The shipped names, then those of installed packages, in order of their names. Read when it is first asked.

    A class is named by its path, as in an entry point, because no room imports one above it.
    """

    def __init__(
        self,
        group: str,
        shipped: Mapping[str, str],
        base: str,
        reserved: tuple[str, ...] = (),
        flaw_of: str | None = None,
    ) -> None:
        """`group` is that of the entry points, `base` the path of what every class must be, and `reserved` are names
        that an entry must not have. `flaw_of` is the path of a function that says what keeps a class of another
        package from being used, or None.
        """
        self.group, self._shipped, self._base, self._reserved = group, shipped, base, reserved
        self._flaw_of = flaw_of

    @cached_property
    def outside(self) -> Mapping[str, EntryPoint]:
        """The entries of installed packages. Raises `Refused` for one whose name is taken, or is no name."""
        found: dict[str, EntryPoint] = {}
        for entry in sorted(entry_points(group=self.group), key=lambda entry: (entry.name, package_of(entry))):
            if entry.name in self._shipped or entry.name in self._reserved:
                raise Refused(f"{self._describe(entry)}: the name is one of reflectory's own; give it another")
            if entry.name in found:
                raise Refused(
                    f"{self._describe(entry)}: {package_of(found[entry.name])} has it, too; uninstall one of them"
                )
            if not (entry.name.isidentifier() and entry.name.islower() and entry.name.isascii()):
                raise Refused(f"{self._describe(entry)}: needs a name of small letters, digits and _")
            found[entry.name] = entry
        return found

    def package(self, name: str) -> str | None:
        """Return the package that brings a name, and its version, as in `parity-1.0`; None for a shipped one."""
        return package_of(self.outside[name]) if name in self.outside else None

    def load(self, name: str) -> Any:
        """Return the class. Raises `Refused` for an entry that cannot be imported, or is not of the right class."""
        if name not in self.outside:
            return resolve_name(self[name])
        entry, base = self.outside[name], resolve_name(self._base)
        try:
            found = entry.load()
        except Exception as error:
            raise Refused(
                f"{self._describe(entry)}: cannot load {entry.value} ({type(error).__name__}: {error})"
            ) from error
        if not (isinstance(found, type) and issubclass(found, base)):
            raise Refused(f"{self._describe(entry)}: {entry.value} is no subclass of {self._base.replace(':', '.')}")
        if flaw := self._flaw(found):
            raise Refused(f"{self._describe(entry)}: {entry.value} {flaw}")
        return found

    def _flaw(self, found: type) -> str | None:
        if lacking := sorted(getattr(found, "__abstractmethods__", ())):
            return f"has no method {', '.join(lacking)}"
        flaw: str | None = resolve_name(self._flaw_of)(found) if self._flaw_of else None
        return flaw

    def describe(self, name: str) -> str:
        """Name an outside entry and its package for a message."""
        return self._describe(self.outside[name])

    def _describe(self, entry: EntryPoint) -> str:
        return f"entry point {self.group} {entry.name} of {package_of(entry)}"

    def __getitem__(self, name: str) -> str:
        return self._shipped[name] if name in self._shipped else self.outside[name].value

    def __contains__(self, name: object) -> bool:
        return name in self._shipped or name in self.outside

    def __iter__(self) -> Iterator[str]:
        yield from self._shipped
        yield from self.outside

    def __len__(self) -> int:
        return len(self._shipped) + len(self.outside)


def package_of(entry: EntryPoint) -> str:
    """Return its distribution's name and version, with a hyphen between them."""
    return f"{entry.dist.name}-{entry.dist.version}" if entry.dist else "a package"
