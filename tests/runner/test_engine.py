"""How a kernel is waited for: until it is heard, not until it is silent."""

from __future__ import annotations

import asyncio
from queue import Empty

import pytest

from helpers.runner._engine import OwnKernelClient, OwnKernelManager

READY = {"msg_type": "kernel_info_reply"}


class Heard(OwnKernelClient):
    """A client of a kernel that says what a list holds, a round for each time it is asked."""

    def __init__(self, rounds, alive=True) -> None:
        super().__init__()
        self.rounds, self.alive, self.handled, self.looked = rounds, alive, [], 0

    def kernel_info(self):
        self.shell, self.iopub = self.rounds.pop(0)

    async def get_shell_msg(self, timeout):
        if self.shell is None:
            raise Empty
        return self.shell

    async def get_iopub_msg(self, timeout):
        self.looked += 1
        if not self.iopub:
            raise Empty
        return {}

    async def _async_is_alive(self):
        return self.alive

    def _handle_kernel_info_reply(self, reply):
        self.handled.append(reply)


def test_a_kernel_is_ready_once_it_is_heard_on_both_channels():
    late = Heard([(None, False), (READY, False), ({"msg_type": "status"}, True), (READY, True)])
    asyncio.run(late.wait_for_ready(timeout=60))
    assert late.rounds == [] and late.handled == [READY]
    # what else it says of its start is not waited for
    assert late.looked == 2


def test_a_kernel_that_died_or_never_answers_is_told():
    with pytest.raises(RuntimeError, match="died"):
        asyncio.run(Heard([(None, False)], alive=False).wait_for_ready(timeout=60))
    with pytest.raises(RuntimeError, match="didn't respond in -1 seconds"):
        asyncio.run(Heard([(None, False)]).wait_for_ready(timeout=-1))


def test_the_manager_gives_this_client_and_looks_often_whether_its_kernel_has_ended():
    class Ending(OwnKernelManager):
        async def _async_wait(self, pollinterval):
            self.slept = pollinterval

    manager = Ending()
    asyncio.run(manager._async_finish_shutdown())
    assert manager.slept <= 0.01
    assert isinstance(manager.client(), OwnKernelClient)
