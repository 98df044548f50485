"""What goes on beside the work of this thread: another process, or another thread."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any, BinaryIO, NoReturn, TypeVar

Answering = Callable[[Any], object]
_Result = TypeVar("_Result")


@contextlib.contextmanager
def meanwhile(work: Callable[[], _Result]) -> Iterator[Callable[[], _Result]]:
    """Begin with *work* in a thread; give what waits for its end, and returns or raises as it does.

    For what Python's threads need not take turns in, such as compressing. The block ends no
    sooner than the work, however often it is interrupted.
    """
    ended = Event()
    done: list[_Result] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as reason:  # noqa: BLE001  # raised where it is waited for
            failed.append(reason)
        ended.set()

    def result() -> _Result:
        ended.wait()  # a join that Ctrl-C cuts short takes the thread for ended, up to Python 3.12
        if failed:
            raise failed[0]
        return done[0]

    thread = Thread(target=run)
    try:
        try:
            thread.start()
        except RuntimeError:  # the system allows no more threads
            run()
        yield result
    finally:
        while thread.is_alive() and not ended.is_set():
            with contextlib.suppress(KeyboardInterrupt):  # the block's own exception goes on
                ended.wait()


class Beside:
    """A process that loads what will be needed while this one finds out what there is to do.

    It answers one question, writes nothing and may end at any time.
    """

    def __init__(self, asking: BinaryIO, answering: BinaryIO) -> None:
        self._asking, self._answering = asking, answering

    def ask(self, question: object) -> None:
        """Let the process begin with the answer; both travel as bytes."""
        with contextlib.suppress(OSError), self._asking:
            pickle.dump(question, self._asking)

    def answers(self) -> Iterator[Any]:
        """Yield the answer when it is there; nothing where the process failed or was ended."""
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
            yield pickle.load(self._answering)


@contextlib.contextmanager
def beside(load: Callable[[], Answering]) -> Iterator[Beside | None]:
    """Give a process that begins with *load* at once; None where there is no core for it.

    Linux alone lets it begin with all that this one has loaded.
    """
    if sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1:
        questions, asking = os.pipe()
        answering, answers = os.pipe()
        try:
            child = os.fork()
        except OSError:  # the system allows no more processes
            child = -1
        if child == 0:
            os.close(asking)  # the ends of these tell that nobody asks or listens any more
            os.close(answering)
            _live(load, questions, answers)
        os.close(questions)
        os.close(answers)
        try:
            with os.fdopen(asking, "wb") as one, os.fdopen(answering, "rb") as other:
                yield Beside(one, other)
        finally:
            if child > 0:
                with contextlib.suppress(OSError):  # who ignores SIGCHLD has no child any more
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
    else:
        yield None


def _live(load: Callable[[], Answering], questions: int, answers: int) -> NoReturn:
    """Be the other process. What fails here is done again where it was asked for, and said."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # is the other's business
        answer = load()
        with os.fdopen(questions, "rb") as asked, os.fdopen(answers, "wb") as told:
            pickle.dump(answer(pickle.load(asked)), told)
    finally:
        os._exit(0)
