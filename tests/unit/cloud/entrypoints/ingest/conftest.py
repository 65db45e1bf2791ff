import pytest
import structlog


@pytest.fixture(autouse=True, scope="session")
def plain_logs():
    """structlog's pretty tracebacks take a second each."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])
    yield
    structlog.reset_defaults()
