"""Threads for calls to a provider: as many as are needed, and the end of a process waits for none of them."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Calls:
    """At most so many calls at once; the others wait for a free thread, first come, first served.

    Unlike those of `concurrent.futures`, its threads hold up no exit: a provider may take ten minutes to answer, and a
    process that was told to end has ten seconds. Whoever was being called then is in doubt.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._waiting: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._lock = Lock()
        self._threads = 0
        self._idle = 0

    def submit(self, act: Callable[Given, Answer], /, *given: Given.args, **named: Given.kwargs) -> "Future[Answer]":
        """Do something in a thread; the future has its answer, or what it raised."""
        future: Future[Answer] = Future()
        with self._lock:
            if self._idle:
                self._idle -= 1  # that one is taken: the next call needs another
            elif self._threads < self._most:
                self._threads += 1
                Thread(target=self._serve, name=f"{self._name}-{self._threads}", daemon=True).start()
        self._waiting.put((future, lambda: act(*given, **named)))
        return future

    def close(self) -> None:
        """Let the threads end, each after the call that it is in."""
        with self._lock:
            for _thread in range(self._threads):
                self._waiting.put(None)
            self._threads = self._idle = 0

    def _serve(self) -> None:
        while (given := self._waiting.get()) is not None:
            future, act = given
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(act())
                except BaseException as error:  # noqa: BLE001 — it is the caller's, who asks the future
                    future.set_exception(error)
            with self._lock:
                self._idle += 1
