import os

import pytest

from ferstudio.faces.native_logs import without_native_chatter

CHATTER = (
    b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    b"W0000 00:00:1795230831.699403    9408 inference_feedback_manager.cc:114] Feedback manager\n"
)


def test_chatter_is_dropped_and_everything_else_comes_through(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with without_native_chatter():
        os.write(2, b"before\n" + CHATTER + b"E0000 a real error\nlast words")
    assert capfd.readouterr().err == "before\nE0000 a real error\nlast words"


def test_stderr_is_back_after_an_exception(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), without_native_chatter():
        os.write(2, b"why it failed\n")
        raise RuntimeError
    os.write(2, b"INFO: after\n")
    assert capfd.readouterr().err == "why it failed\nINFO: after\n"


def test_no_descriptor_is_left_open() -> None:
    def next_free() -> int:
        descriptor = os.dup(2)
        os.close(descriptor)
        return descriptor

    before = next_free()
    for _ in range(3):
        with without_native_chatter():
            pass
    assert next_free() == before
