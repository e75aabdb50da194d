"""The shape of the tree: what lies where, and what may know what."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import core

REPOSITORY = Path(__file__).resolve().parent.parent.parent
HEAVY = {
    *("torch", "onnx", "onnx_ir", "onnxslim", "onnxruntime", "openvino", "tensorrt"),
    *("asyncssh", "keyring"),
}


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((REPOSITORY / folder).rglob("*.py"))


def imports_at_module_level(path: Path) -> set[str]:
    """Top-level names that a module imports when it is loaded."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_that_this_checkout_is_what_is_tested() -> None:
    assert core.__file__ is not None
    assert Path(core.__file__).is_relative_to(REPOSITORY)


@pytest.mark.parametrize("folder", ["packaging", "tests"])
def test_that_these_folders_are_no_packages(folder: str) -> None:
    assert not list((REPOSITORY / folder).rglob("__init__.py"))


def test_that_resources_hold_data_only() -> None:
    code = [path for path in modules("resources") if path.read_text().strip()]
    assert [path for path in code if "templates" not in path.parts] == []


def test_that_heavy_libraries_are_imported_only_inside_functions() -> None:
    guilty = {
        path.relative_to(REPOSITORY).as_posix(): sorted(found)
        for path in modules("core", "gui")
        if (found := imports_at_module_level(path) & HEAVY)
    }
    assert guilty == {}


def test_that_every_module_opens_with_a_sentence() -> None:
    silent = [
        path.relative_to(REPOSITORY).as_posix()
        for path in modules("core", "gui")
        if path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_that_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "misc", "helpers", "helper", "common", "manager"}
    assert [path for path in modules("core", "gui") if path.stem in empty] == []


def test_that_core_never_prints() -> None:
    allowed = {"core/__main__.py"}
    for path in modules("core"):
        name = path.relative_to(REPOSITORY).as_posix()
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
        ]
        assert not calls or name in allowed, name


def test_that_variants_are_named_in_their_own_file_alone() -> None:
    """Another technique must never need a change elsewhere, so nobody may import one by name."""
    folders = ["techniques", "runtimes", "formats", "devices"]
    for folder in folders:
        for variant in variants_in(REPOSITORY / "core" / folder):
            statement = f"core.{folder}.{variant.stem}"
            users = [
                path.relative_to(REPOSITORY).as_posix()
                for path in modules("core", "gui")
                if path.parent.name != folder and statement in path.read_text()
            ]
            assert users == [], f"{statement} is imported by {users}"


def variants_in(folder: Path) -> list[Path]:
    bases = {"Technique", "Runtime", "Format", "Device"}
    return [
        path
        for path in sorted(folder.glob("*.py"))
        if any(
            isinstance(node, ast.ClassDef)
            and any(isinstance(base, ast.Name) and base.id in bases for base in node.bases)
            and path.stem != "base"
            for node in ast.parse(path.read_text()).body
        )
    ]


def test_that_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
