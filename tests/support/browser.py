"""Debian's Chromium through its driver: pages as people see them, with what they asked for."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--force-color-profile=srgb",
    # Whatever asked for a host would fail, and be seen in the log.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


class Browser:
    """One window of a real browser."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver
        self.errors: list[str] = []
        self.requests: dict[str, str] = {}
        """Every request of the page by its id, but for those that its own policy stopped."""

    def open(self, page: Path, fragment: str = "", *, width: int = 1280, scale: float = 1) -> None:
        """Open a file as if for the first time, and wait until its first card is shown."""
        self.resize(width, scale=scale)
        self.driver.get("about:blank")
        forget = {"origin": "file://", "storageTypes": "local_storage"}
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", forget)
        self.collect()
        self.errors.clear()
        self.requests.clear()
        self.driver.get(page.absolute().as_uri() + fragment)
        self.wait("document.documentElement.dataset.ready")

    def resize(self, width: int, height: int = 900, scale: float = 1) -> None:
        """Give the page exactly *width* × *height* CSS pixels, each *scale* of the screen's."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False},
        )

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever JavaScript gives
        """Return what the body of a function gives back."""
        return self.driver.execute_script(script, *arguments)

    def run_async(self, script: str, *arguments: object) -> Any:  # noqa: ANN401 - as above
        """Return what a script gives to the function that is its last argument."""
        return self.driver.execute_async_script(script, *arguments)

    def wait(self, condition: str, seconds: float = 20) -> None:
        """Come back as soon as an expression is true."""
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self.driver, seconds, 0.02).until(
            lambda driver: driver.execute_script(f"return Boolean({condition})"), condition
        )

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, where the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver, duration=0).send_keys(key).perform()

    def screenshot(self, path: Path) -> None:
        """Save what the window shows."""
        self.driver.save_screenshot(str(path))

    def collect(self) -> None:
        """Move what the browser logged since the last call into `errors` and `requests`."""
        for entry in self._log("browser"):
            self.errors.append(f"{entry['level']}: {entry['message']}")
        for entry in self._log("performance"):
            message = json.loads(entry["message"])["message"]
            of = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                self.requests[of["requestId"]] = of["request"]["url"]
            elif message["method"] == "Network.loadingFailed" and of.get("blockedReason") == "csp":
                self.requests.pop(of["requestId"], None)

    def _log(self, kind: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.driver.execute("getLog", {"type": kind})["value"]
        return entries

    def left_the_machine(self) -> list[str]:
        """Return the addresses that were asked for and are not files of this machine."""
        self.collect()
        local = ("file:", "data:", "about:", "blob:")
        return [url for url in self.requests.values() if not url.startswith(local)]


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Start Chromium with a profile of its own; skip the test where it is not installed."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    if not (CHROMIUM.exists() and DRIVER.exists()):
        pytest.skip("chromium is not installed")
    profile = tempfile.mkdtemp(prefix="deckbuilder-browser-")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(str(DRIVER))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield Browser(driver)
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)
