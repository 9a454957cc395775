"""What there is of memory: the machine's, or less where a container has a limit."""

import os
from pathlib import Path

import pytest

from ferstudio import system_memory
from ferstudio.system_memory import UNKNOWN_BYTES, memory_bytes


@pytest.fixture
def limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file that a container's limit stands in."""
    monkeypatch.setattr(system_memory, "_LIMITS", (tmp_path / "absent", tmp_path / "limit"))
    return tmp_path / "limit"


@pytest.mark.parametrize("text", ["max\n", "0", "", str(2**62)])
def test_without_a_limit_it_is_the_machines(limit: Path, text: str) -> None:
    limit.write_text(text)
    assert memory_bytes() == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_a_containers_limit_counts(limit: Path) -> None:
    limit.write_text(f"{512 * 2**20}\n")
    assert memory_bytes() == 512 * 2**20


def test_where_nothing_is_known_it_is_a_small_machine(
    limit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(os, "sysconf", unknown)
    assert memory_bytes() == UNKNOWN_BYTES
