"""Threads for calls: as many at once as allowed, answers and errors to whoever asked, and no exit held up."""

import subprocess
import sys
from threading import Barrier, Event, Lock

import pytest

from outreach.channels.calls import Calls


def test_so_many_calls_run_at_once_and_no_more() -> None:
    calls, lock, running, most = Calls(3, "prueba"), Lock(), [], []
    together, go = Barrier(4), Event()

    def call(number: int) -> int:
        with lock:
            running.append(number)
            most.append(len(running))
        if number < 3:
            together.wait(10)
        go.wait(10)
        with lock:
            running.remove(number)
        return number

    futures = [calls.submit(call, number) for number in range(9)]
    together.wait(10)  # three are in it together
    go.set()
    assert [future.result(10) for future in futures] == list(range(9))
    assert max(most) == 3
    again = [calls.submit(call, number) for number in range(3, 6)]
    assert [future.result(10) for future in again] == [3, 4, 5]
    calls.close()


def test_what_a_call_raises_comes_to_who_asked() -> None:
    calls = Calls(1, "prueba")
    with pytest.raises(ZeroDivisionError):
        calls.submit(lambda: 1 // 0).result(10)
    assert calls.submit(divmod, 7, 2).result(10) == (3, 1)
    calls.close()


def test_a_call_that_lasts_holds_up_no_exit() -> None:
    program = (
        "from threading import Event\n"
        "from outreach.channels.calls import Calls\n"
        "begun, calls = Event(), Calls(2, 'prueba')\n"
        "calls.submit(lambda: (begun.set(), Event().wait(600)))\n"
        "begun.wait(10)\n"
        "calls.close()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
