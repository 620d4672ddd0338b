"""`orion`: what a person types, what comes out, and the exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from orion_nb import __version__
from orion_nb.cli.main import main
from orion_nb.core.model import ActionResult
from orion_nb.store import ActionCache, CasStore, paths

KEY = "ab" * 32


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder with one result of 200 kB, made the default one."""
    monkeypatch.setenv(paths.CACHE_DIR_VARIABLE, str(tmp_path))
    blobs = CasStore(paths.blobs_dir(tmp_path))
    output = blobs.put(b"x" * 200_000)
    actions = ActionCache(paths.actions_file(tmp_path), blobs)
    actions.record(ActionResult(KEY, {"value": output}, 1.5), name="clean")
    actions.close()
    blobs.close()
    return tmp_path


def test_version_names_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert __version__ in capsys.readouterr().out


def test_cache_size_and_list_show_what_is_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cache", "size"]) == 0
    size = capsys.readouterr().out
    assert str(folder) in size
    assert "results  1," in size
    assert "1 files, 195" in size
    assert main(["cache", "list"]) == 0
    line = capsys.readouterr().out.splitlines()[1]
    assert line.endswith("clean")
    assert KEY[:12] in line
    assert "1.5 s" in line


def test_cache_clear_forgets_only_when_told_to(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cache", "clear"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert main(["cache", "clear", "--yes"]) == 0
    capsys.readouterr()
    main(["cache", "list"])
    assert "nothing is cached" in capsys.readouterr().out


def test_another_folder_can_be_named(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path_factory.mktemp("other")
    assert main(["cache", "--dir", str(other), "size"]) == 0
    assert "results  0," in capsys.readouterr().out


def test_a_useless_limit_is_one_clear_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(paths.CACHE_LIMIT_VARIABLE, "much")
    assert main(["cache", "size"]) == 1
    assert capsys.readouterr().err.startswith("orion: 'much' is not a size")
