import json
import subprocess
import sys

import pytest
from gguf import GGUFWriter
from huggingface_hub import constants

from schemas.errors import Refused
from schemas.student import StudentSettings
from tasks.scoring.student_files import find_student
from tasks.scoring.student_identity import student_identity

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": 64}))
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


@pytest.fixture
def hub_cache(tmp_path, monkeypatch):
    """The layout of the hub's own cache, with one branch and one commit."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    repository = tmp_path / "models--org--name"
    snapshot = repository / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    (snapshot / "config.json").write_text(json.dumps({"n_positions": 32}))
    (snapshot / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{{ messages }}"}))
    return snapshot


def test_neither_torch_nor_transformers_is_imported():
    program = (
        "import sys; from schemas.student import StudentSettings as Student;"
        "from tasks.scoring.student_identity import student_identity; student_identity(Student());"
        "sys.exit(len({'torch', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_folder_is_its_files_and_not_its_place(folder, tmp_path):
    identity = student_identity(StudentSettings(model=str(folder)))
    assert (identity.student, identity.template, identity.max_length) == ("tiny", "plain", 64)
    moved = folder.rename(tmp_path / "elsewhere-tiny").rename(tmp_path / "a-tiny").rename(tmp_path / "tiny")
    (moved / ".cache").write_text("hidden")
    (moved / "checkpoint-1").mkdir()
    assert student_identity(StudentSettings(model=str(moved))) == identity
    (moved / "model.safetensors").write_bytes(b"weightz")
    assert student_identity(StudentSettings(model=str(moved))).student_revision != identity.student_revision


def test_the_revision_of_a_folder_pins_its_files(folder):
    found = find_student(str(folder)).revision
    assert find_student(str(folder), found).revision == found
    with pytest.raises(Refused, match=rf"student\.revision: got v1, but .* hash to {found}"):
        find_student(str(folder), "v1")


@pytest.mark.parametrize("revision", [None, "main", COMMIT])
def test_a_hub_name_in_the_cache_is_its_commit(hub_cache, revision):
    identity = student_identity(StudentSettings(model="org/name", revision=revision))
    assert (identity.student, identity.student_revision, identity.max_length) == ("org/name", COMMIT, 32)


def test_the_chat_template_is_in_the_hash(hub_cache):
    before = student_identity(StudentSettings(model="org/name", template="chat")).template_hash
    (hub_cache / "chat_template.jinja").write_text("{{ messages[0] }}")
    assert student_identity(StudentSettings(model="org/name", template="chat")).template_hash != before
    assert student_identity(StudentSettings(model="org/name")).template_hash != before


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"model": "./no/such/folder"}, "student.model: no folder './no/such/folder'"),
        ({"model": "org/absent"}, "student.model: 'org/absent' is no folder and not in the hub's cache"),
        ({"model": "org/name", "revision": "v9"}, "student.model: 'org/name' is no folder"),
        ({"model": "org/name", "max_length": 33}, "student.max_length: got 33; org/name sees 32 tokens"),
        ({"model": "org/name", "dtype": "int8"}, "student.dtype: got 'int8'; allowed are float32"),
        ({"model": "org/name", "template": "chatt"}, "student.template: got 'chatt'"),
    ],
)
def test_what_cannot_be_known_is_refused(hub_cache, settings, named):
    with pytest.raises(Refused) as refused:
        student_identity(StudentSettings(**settings))
    assert named in str(refused.value)


@pytest.mark.parametrize(
    ("file", "text", "template", "named"),
    [
        ("config.json", None, "plain", "has no config.json"),
        ("config.json", "{", "plain", "is no JSON"),
        ("config.json", "[]", "plain", "holds no JSON object"),
        ("config.json", "{}", "plain", "student.max_length: unset, and tiny states no window"),
        ("tokenizer_config.json", "{}", "chat", "the tokenizer of tiny has none"),
    ],
)
def test_a_folder_that_is_no_student_is_refused(folder, file, text, template, named):
    (folder / file).unlink(missing_ok=True)
    if text is not None:
        (folder / file).write_text(text)
    with pytest.raises(Refused) as refused:
        student_identity(StudentSettings(model=str(folder), template=template))
    assert named in str(refused.value)


def test_a_model_that_states_no_window_takes_the_one_that_is_asked_for(folder):
    (folder / "config.json").write_text("{}")
    assert student_identity(StudentSettings(model=str(folder), max_length=9)).max_length == 9


@pytest.mark.parametrize(
    ("settings", "dtype"),
    [
        ({}, "float32"),
        ({"quantisation": "4bit", "dtype": "bfloat16"}, "4bit+bfloat16"),
        ({"backend": "vllm", "base_url": "http://h/v1", "dtype": "bfloat16", "max_length": 9}, "vllm+bfloat16"),
    ],
)
def test_what_moves_every_number_is_part_of_the_identity(folder, settings, dtype):
    assert student_identity(StudentSettings(model=str(folder), **settings)).dtype == dtype


def write_gguf(path, **stated):
    """A file as llama.cpp has it, without weights."""
    writer = GGUFWriter(path, "llama")
    for name, value in stated.items():
        getattr(writer, f"add_{name}")(value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_a_gguf_file_states_window_and_chat_template(tmp_path):
    template = "{{ messages[0]['content'] }}"
    write_gguf(tmp_path / "a.gguf", context_length=77, chat_template=template)
    identity = student_identity(StudentSettings(model=str(tmp_path), template="chat"))
    assert (identity.max_length, identity.student) == (77, tmp_path.name)
    (tmp_path / "config.json").write_text('{"max_position_embeddings": 77}')
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}))
    beside = student_identity(StudentSettings(model=str(tmp_path), template="chat"))
    assert beside.template_hash == identity.template_hash
    assert find_student(str(tmp_path)).gguf is None  # what save_pretrained has written comes first


@pytest.mark.parametrize(
    ("files", "template", "named"),
    [
        ({"a.gguf": {}, "b.gguf": {}}, "plain", "has 2 GGUF files, such as a.gguf; leave one in a folder"),
        ({"a.gguf": {"context_length": 9}}, "chat", "the tokenizer of .* has none"),
        ({"a.gguf": {}}, "plain", "student.max_length: unset, and .* states no window"),
        ({"a.gguf": b"GGUF"}, "plain", "a.gguf cannot be read as GGUF"),
        ({"a.gguf": b"no such thing"}, "plain", "a.gguf cannot be read as GGUF"),
        ({"a.gguf": b""}, "plain", "a.gguf cannot be read as GGUF"),
    ],
)
def test_a_gguf_file_that_is_no_student_is_refused(tmp_path, files, template, named):
    for name, stated in files.items():
        if isinstance(stated, bytes):
            (tmp_path / name).write_bytes(stated)
        else:
            write_gguf(tmp_path / name, **stated)
    with pytest.raises(Refused, match=named):
        student_identity(StudentSettings(model=str(tmp_path), template=template))
