"""What every test shares: how long hypothesis may take is no property of ours on a machine that others use too."""

import contextlib
import gc
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

LOOKED_AT_S = 0.5
settings.register_profile("shared-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared-machine")


def pytest_configure() -> None:
    """As a command does: warnings alone, and never among what is printed. Of its own accord structlog prints everything to standard
    output, and its pretty tracebacks take a second each.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell that starts us in the background has Ctrl-C ignored, and what we start would inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    import structlog

    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.processors.add_log_level, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        # Asked each time: a test that captures what is printed puts another in its place.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


@pytest.fixture(autouse=True, scope="session")
def no_thread_spins():
    """What a test leaves behind that reads a closed socket over and over takes the interpreter from every test after it."""
    yield
    others = [one for one in threading.enumerate() if one is not threading.current_thread() and one.ident]
    clocks = {one.name: time.pthread_getcpuclockid(one.ident) for one in others}
    took = {name: time.clock_gettime(clock) for name, clock in clocks.items()}
    time.sleep(LOOKED_AT_S)
    spinning = []
    for name, clock in clocks.items():
        # The clock of a thread that has ended meanwhile is none.
        with contextlib.suppress(OSError):
            if time.clock_gettime(clock) - took[name] > LOOKED_AT_S / 20:
                spinning.append(name)
    assert not spinning, f"threads of tests that are over compute: {spinning}; end them with what began them"


@pytest.fixture(scope="session")
def postgresql_server():
    """A real PostgreSQL of the tests' own, where its programs are."""
    from tests.fakes import postgresql

    if not postgresql.found():
        pytest.skip("there is no PostgreSQL here: make test installs it where it may")
    # A socket's path is short by law of the system, so not among the folders of the tests.
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-", dir=postgresql.place()))
    with postgresql.started(folder) as server:
        yield server
    shutil.rmtree(folder)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: where a test waits for a program of its own, another computes."""
    return (os.cpu_count() or 1) * 3 // 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    from tests.shifts import Shifts

    return Shifts(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        from tests.shifts import longest_first

        longest_first(items)


def pytest_collection_finish() -> None:
    """As the cloud does after its start: four thousand tests and what they import stay until the end, and a collector that
    looks at all of it again and again took seconds in the middle of a request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
