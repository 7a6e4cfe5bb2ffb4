"""Commands that decide what goes into a data set, and write it out."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    DEFAULT_WAREHOUSE,
    Format,
    ReleasesOption,
    SetOption,
    WarehouseOption,
    console,
    existing_warehouse,
    write,
)
from schemas.errors import Refused
from schemas.release_format import ReleaseFormat
from tasks.extras import check_extras


def curate(
    policy: Annotated[Path | None, typer.Argument(help="Policy, TOML; without one, the default.")] = None,
    policy_: Annotated[Path | None, typer.Option("--policy", help="The same, as `release` takes it.")] = None,
    set_: SetOption = None,
    name: Annotated[str | None, typer.Option(help="Of the curation, instead of the policy's.")] = None,
    top_up: Annotated[
        int | None,
        typer.Option(min=1, help="Accepted rows wanted of each bucket: say how many more questions that takes."),
    ] = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Decide which traces are kept, and why the rest is not."""
    check_extras("curate", "run")
    from flows.cli.curate import curate_and_show, read_policy

    if policy and policy_:
        raise Refused(f"--policy: got {policy_} beside {policy}; needs one policy")
    given = read_policy(policy or policy_, name, set_ or [])
    curate_and_show(console, existing_warehouse(warehouse, to_write=True).address, given, top_up)


def release(
    name: Annotated[str, typer.Argument(help="Of the release; a name is used once.")],
    policy: Annotated[Path | None, typer.Option(help="Policy, TOML; without one, the default.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="a.b=value, over what the policy says.")] = None,
    formats: Annotated[str, typer.Option(help=f"Some of {', '.join(ReleaseFormat)}.")] = "chat,prompt_completion,dpo",
    splits: Annotated[str, typer.Option(help="Of train, validation, test, by question: train=0.9,test=0.1.")] = "",
    best_of: Annotated[int | None, typer.Option(min=2, help="Samples of each question for best_of_n.")] = None,
    system: Annotated[str, typer.Option(help="System message: teacher, none, or a text.")] = "teacher",
    template: Annotated[Path | None, typer.Option(help="Tokenizer folder whose chat template must keep all.")] = None,
    special_tokens: Annotated[Path | None, typer.Option(help="Tokenizer folder to give the six tags to.")] = None,
    out: ReleasesOption = None,
    push: Annotated[str | None, typer.Option(help="Data set of the Hugging Face hub, such as me/traces.")] = None,
    token: Annotated[str, typer.Option(help="Reference to the hub's token.")] = "env:HF_TOKEN",
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Curate, and write what is kept as a data set that never changes."""
    check_extras("release", "run", "report")
    from flows.cli.curate import read_policy
    from flows.cli.release import release_and_show
    from flows.release import ReleaseOrder, read_formats, read_splits, releases_beside
    from schemas.record import clean_text

    existing, chosen = existing_warehouse(warehouse), read_formats(formats)
    order = ReleaseOrder(
        name,
        out or releases_beside(existing),
        chosen,
        clean_text(system),
        template,
        special_tokens,
        read_splits(splits),
        best_of,
    )
    release_and_show(console, existing, read_policy(policy, None, set_ or []), order, push, token)


def report(
    name: Annotated[str, typer.Argument(help="Of a release.")],
    out: ReleasesOption = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Make the page of a release again, from what the warehouse holds now."""
    check_extras("report", "report")
    from flows.release import releases_beside
    from flows.report import write_report

    existing = existing_warehouse(warehouse)
    console.print(f"report: {write_report(existing, name, out or releases_beside(existing))}", markup=False)


def review(
    release: Annotated[str, typer.Argument(help="Name or folder of a release.")],
    against: Annotated[str | None, typer.Option(help="Name or folder of another, to compare it with.")] = None,
    rulings: Annotated[Path, typer.Option(help="File that your rulings are added to.")] = Path("rulings.jsonl"),
    port: Annotated[int, typer.Option(min=0, max=65_535, help="On 127.0.0.1; 0: one that is free.")] = 0,
    out: ReleasesOption = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Serve a page to read a release, compare it with another, and rule on disputes."""
    check_extras("review", "run", "report")
    from flows.cli.review import serve_review
    from flows.release import releases_beside
    from tasks.publishing.manifest import release_folder

    existing = existing_warehouse(warehouse)
    root = out or releases_beside(existing)
    before = release_folder(root, against) if against else None
    serve_review(existing, release_folder(root, release), before, rulings.absolute(), port)


def diff(
    before: Annotated[str, typer.Argument(help="Name or folder of a release.")],
    after: Annotated[str, typer.Argument(help="Name or folder of another.")],
    format_: Annotated[
        Format, typer.Option("--format", help="json and csv list every row that differs.")
    ] = Format.TABLE,
    out: ReleasesOption = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Show what differs between two releases: rows by family, and what decided on them."""
    from flows.cli.release import show_difference
    from flows.release import releases_beside
    from warehouse.landing import Warehouse

    if shown := show_difference(console, out or releases_beside(Warehouse(warehouse)), before, after, format_):
        write(shown)


def prove(
    release: Annotated[str, typer.Argument(help="Name or folder of a release; `demo`: the laptop experiment.")],
    config: Annotated[
        Path | None, typer.Argument(help="Configuration, TOML; without one, its newest experiment.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="a.b=value, over what the configuration says.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Train and ask once more, and compare the answers.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of releases; of `demo`, where all of it is made.")
    ] = None,
    warehouse: WarehouseOption = DEFAULT_WAREHOUSE,
) -> None:
    """Train a student on the release and on random draws of equal size, and ask it held-out questions."""
    check_extras("prove", "run", "student", "report", "prove")
    from flows.cli.prove import DEMO, prove_and_show, prove_demo
    from flows.release import releases_beside
    from warehouse.landing import Warehouse

    if release == "demo":
        if again:
            raise Refused(
                "--again: got it with demo; needs the folder of its release, such as data/prove_demo/releases/sloppy"
            )
        own = (out or releases_beside(Warehouse(warehouse))) / release
        if own.is_dir():
            raise Refused(
                f"demo: got the name of the laptop experiment, and of a release in {own}; give that folder, or --out"
                f" {DEMO} for the experiment"
            )
        raise typer.Exit(prove_demo(console, config or Path("deploy/prove_demo.toml"), set_ or [], out))
    raise typer.Exit(prove_and_show(console, release, config, set_ or [], again, out, warehouse))
