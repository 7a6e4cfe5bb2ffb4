"""What the base installation weighs and can do, measured in an environment of its own: `python base_install.py`.

Needs a package index, so it runs outside CI. It installs this checkout without extras, judges the example answers, asks
the recorded warehouse, and checks that a command that needs more says what to install. Exits with 1 where one of these
fails, or the installed packages take more than they may.
"""

import subprocess
import sys
import tarfile
import tempfile
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_MIB = 550.0
SHOWN_MIB = 1.0
NEVER = ("torch", "ray", "prefect", "deltalake", "datasets", "transformers")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "venv", with_pip=True)
        binaries = folder / "venv" / "bin"
        packages = next((folder / "venv" / "lib").glob("python*/site-packages"))
        before = {each.metadata["Name"] for each in distributions(path=[str(packages)])}
        ended(binaries / "pip", "install", "--quiet", "--disable-pip-version-check", str(ROOT))
        told = [*weighed(packages, before), *tried(binaries, folder)]
    print("\n".join(told))
    sys.exit(any(line.startswith("FAIL") for line in told))


def weighed(packages: Path, before: set[str]) -> Iterator[str]:
    """Packages by what their files take, and the sum of all; without those that were there `before`."""
    found = list(distributions(path=[str(packages)]))
    sizes = {name: size_mib(each) for each in found if (name := each.metadata["Name"]) not in before}
    large = sorted((size, name) for name, size in sizes.items() if size >= SHOWN_MIB)
    yield from (f"     {size:7.1f} MiB  {name}" for size, name in reversed(large))
    total = sum(sizes.values())
    yield f"{verdict(total <= MOST_MIB)} {total:7.1f} MiB  {len(sizes)} packages, {total * 2**20 / 1e6:.0f} MB"
    unwanted = sorted(set(sizes) & set(NEVER))
    yield f"{verdict(not unwanted)} without {', '.join(NEVER)}"


def size_mib(distribution: Distribution) -> float:
    """What its files take on disk in blocks, as `du -m` counts; compiled Python that pip writes is among them."""
    places = {Path(str(distribution.locate_file(file))) for file in distribution.files or ()}
    return sum(place.stat().st_blocks * 512 for place in places if place.is_file()) / 2**20


def tried(binaries: Path, folder: Path) -> Iterator[str]:
    """What the command does there."""
    command, out = binaries / "reflectory", folder / "out.jsonl"
    said = ended(command, "verify", str(ROOT / "deploy" / "example_answers.jsonl"), "--out", str(out)).stderr.strip()
    yield f"{verdict('correct' in said)} verify: {said}"
    with tarfile.open(ROOT / "tests" / "golden" / "old_warehouse.tar.xz") as recorded:
        recorded.extractall(folder / "old", filter="data")
    warehouse = next((folder / "old").rglob("traces")).parent
    query = "select count(*) as traces, count(distinct verdict) as verdicts from traces_full"
    counted = ended(command, "sql", query, "--format", "json", "--warehouse", str(warehouse)).stdout.strip()
    yield f"{verdict('traces' in counted)} sql: {counted}"
    refused = ended(command, "run", str(ROOT / "deploy" / "demo.toml"), code=2).stderr.strip()
    yield f"{verdict('reflectory[run,student]' in refused)} {refused}"


def ended(program: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """The command's output; ends this program where it exits with another code."""
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, cwd=program.parent)
    if done.returncode != code:
        sys.exit(f"FAIL {program.name} {arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def verdict(well: bool) -> str:
    return "ok  " if well else "FAIL"


if __name__ == "__main__":
    if "--help" in sys.argv:
        print(__doc__)
        sys.exit()
    main()
