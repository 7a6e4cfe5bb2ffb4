"""`reflectory report`: the page of a release, from its row in the warehouse and what the warehouse holds now."""

from contextlib import closing
from pathlib import Path

from schemas.curation import Curation
from schemas.errors import Refused
from schemas.release import Release
from tasks.publishing.manifest import known_releases
from tasks.report.page import REPORT, report_page
from warehouse.catalog import connect_for, query_texts
from warehouse.disk import replacing
from warehouse.landing import Warehouse
from warehouse.object_store import read_in_a_sentence
from warehouse.reading import Snapshot


def write_report(warehouse: Warehouse, name: str, root: Path) -> Path:
    """Write `report.html` into the release's folder below `root`, in one step; returns where it is.

    It lies beside the content, like the manifest: no hash covers it, and the same release over the same rows gives the
    same bytes. Raises `Refused` where there is no such release.
    """
    folder = root / name
    with Snapshot(warehouse) as now:
        found = now.rows(Release, "name", [name])
        if not found or not folder.is_dir():
            lacking = f"folder {folder}" if found else f"release {name!r} in {warehouse.address}"
            raise Refused(f"report: no {lacking}; {known_releases(root, name)}")
        [curation] = now.rows(Curation, "curation_id", [found[0].curation_id])
    with replacing(folder / REPORT) as draft:
        draft.touch()  # a folder that takes no file says so before the page is made
        with read_in_a_sentence(), closing(connect_for(warehouse, query_texts("report"))) as connection:
            page = report_page(connection, found[0], curation)
        draft.write_text(page, encoding="utf-8", newline="\n")
    return folder / REPORT
