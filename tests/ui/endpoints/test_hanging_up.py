"""Work for a program goes on while it waits, and ends once it hangs up."""

import threading
import time
from collections.abc import Iterator

import gradio as gr
import httpx
import pytest
from gradio.events import api

from ferstudio.studio.turns import WorkEndedError
from ferstudio.studio.works import Standing
from ferstudio.ui.endpoints.hanging_up import until_it_hangs_up

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Gradio's, of pandas

STANDING = Standing(0.0, "", 0.0, None, 0)
PATIENCE_S = 20


class Long:
    """Work that takes as long as somebody waits for it."""

    def __init__(self) -> None:
        self.begun, self.ended, self.let_go = (threading.Event() for _ in range(3))

    def work(self) -> str:
        watch = until_it_hangs_up()
        self.begun.set()
        until = time.monotonic() + PATIENCE_S
        try:
            while time.monotonic() < until and not self.let_go.is_set():
                watch(STANDING)
                time.sleep(0.02)
        except WorkEndedError:
            self.ended.set()
            raise
        return "done"


@pytest.fixture
def long() -> Long:
    return Long()


@pytest.fixture
def address(long: Long) -> Iterator[str]:
    with gr.Blocks() as page:
        api(long.work, api_name="long")
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, server_port=None)
    yield f"{address}gradio_api/call/long"
    page.close()


def test_work_ends_where_the_answer_is_no_longer_listened_for(long: Long, address: str) -> None:
    number = httpx.post(address, json={"data": []}).json()["event_id"]
    with httpx.stream("GET", f"{address}/{number}", timeout=PATIENCE_S):
        assert long.begun.wait(PATIENCE_S)
        time.sleep(0.2)
        assert not long.ended.is_set()
    assert long.ended.wait(PATIENCE_S / 2)


def test_who_listens_gets_the_answer(long: Long, address: str) -> None:
    number = httpx.post(address, json={"data": []}).json()["event_id"]
    with httpx.stream("GET", f"{address}/{number}", timeout=PATIENCE_S) as answer:
        assert long.begun.wait(PATIENCE_S)
        long.let_go.set()
        assert 'data: ["done"]' in "\n".join(answer.iter_lines())
    assert not long.ended.is_set()


def test_outside_of_an_event_nothing_ends() -> None:
    until_it_hangs_up()(STANDING)
