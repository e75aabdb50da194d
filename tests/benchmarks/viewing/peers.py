"""Netron and Model Explorer in headless Chromium, driven as a person would and timed.

Needs the PyPI packages netron, ai-edge-model-explorer, model-explorer-onnx and selenium in one
environment, whose folder is given, and Debian's chromium and chromium-driver.
"""

import json
import socket
import subprocess
import tempfile
import time
import urllib.request
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from viewing.figures import Figures, Frames, Step
from viewing.processes import Watch, end_tree, tree_of, wait_until

CHROMIUM = "/usr/bin/chromium"
DRIVER = "/usr/bin/chromedriver"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--js-flags=--max-old-space-size=12000",
]
STILL = 0.7
"""Seconds without a drawing call after which a burst of drawing is over."""
SWEEP = 3.0
"""Seconds of panning, and of zooming."""

_COUNT_DRAWING = """
window.__gl = {n: 0, last: 0};
for (const kind of [window.WebGL2RenderingContext, window.WebGLRenderingContext]) if (kind)
  for (const call of ['drawElements', 'drawArrays',
                      'drawElementsInstanced', 'drawArraysInstanced']) {
    const real = kind.prototype[call];
    if (real) kind.prototype[call] = function (...a) {
      window.__gl.n++; window.__gl.last = Date.now(); return real.apply(this, a);
    };
  }
"""
_COUNT_FRAMES = """
window.__f = []; window.__go = true; let last = performance.now();
const tick = () => { const now = performance.now(); window.__f.push(now - last); last = now;
  if (window.__go) requestAnimationFrame(tick); };
requestAnimationFrame(tick);
"""
_TWO_FRAMES = """
const done = arguments[arguments.length - 1];
requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
"""


class Late(Exception):
    """It did not end within the limit."""


class Peer(ABC):
    """A viewer in the browser with its own server."""

    name: ClassVar[str]
    size: ClassVar[tuple[int, int]]

    def __init__(self, environment: Path, limit: float) -> None:
        self.environment = environment
        self.limit = limit

    @abstractmethod
    def command(self, file: Path, port: int) -> list[str]: ...

    @abstractmethod
    def address(self, file: Path, port: int) -> str: ...

    @abstractmethod
    def is_drawn(self, browser: webdriver.Chrome) -> bool:
        """Whether all of the first view is on the screen."""

    def expand_all(self, browser: webdriver.Chrome) -> bool:
        """Ask for everything; False where there is nothing to ask for."""
        return False

    def measure(self, file: Path, picture: Path | None = None) -> Figures:
        figures = Figures(self.name, file.stem)
        port = _free_port()
        with tempfile.TemporaryDirectory() as folder:
            server = subprocess.Popen(
                self.command(file, port),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=folder,
            )
            browser = None
            try:
                if not wait_until(lambda: _answers(port), self.limit):
                    raise Late
                browser = self._browser(folder)
                self._measure(figures, browser, server.pid, self.address(file, port), picture)
            except Late:
                figures.note = f"did not end within {self.limit:.0f} s"
            except WebDriverException as error:
                figures.note = (error.msg or "the browser failed").splitlines()[0][:80]
            finally:
                if browser is not None:
                    end_tree(browser.service.process.pid)
                end_tree(server.pid)
                server.wait()
        return figures

    def _browser(self, folder: str) -> webdriver.Chrome:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        width, height = self.size
        for flag in (*FLAGS, f"--window-size={width},{height}", f"--user-data-dir={folder}/user"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
        browser.set_page_load_timeout(self.limit)
        browser.set_script_timeout(self.limit)
        browser.command_executor.client_config.timeout = 2 * self.limit
        script = {"source": _COUNT_DRAWING}
        browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
        return browser

    def _measure(
        self,
        figures: Figures,
        browser: webdriver.Chrome,
        server: int,
        address: str,
        picture: Path | None,
    ) -> None:
        driver = browser.service.process.pid
        chromium = next(p.pid for p in tree_of(driver) if p.pid != driver)
        with Watch((chromium, server)) as watch:
            try:
                browser.get(address)
                self._wait(lambda: self.is_drawn(browser))
                browser.execute_async_script(_TWO_FRAMES)
                figures.opened = Step(watch.seconds, watch.cpu)
                if picture is not None:
                    browser.save_screenshot(str(picture))
                before, cpu = watch.seconds, watch.cpu
                if self.expand_all(browser):
                    self._wait(lambda: self._is_still(browser))
                    figures.expanded = Step(watch.seconds - before, watch.cpu - cpu)
                for kind in ("pan", "zoom"):
                    if (frames := self._sweep(browser, kind)) is not None:
                        figures.frames[kind] = frames
            finally:
                figures.peak_mb = watch.peak_mb

    def _wait(self, condition: Any) -> None:
        if not wait_until(condition, self.limit, 0.1):
            raise Late

    def _is_still(self, browser: webdriver.Chrome) -> bool:
        text = "return [Date.now() - window.__gl.last, document.body.innerText.slice(0, 2000)]"
        quiet, shown = browser.execute_script(text)
        return quiet > 1000 * STILL and "Processing" not in shown

    def _sweep(self, browser: webdriver.Chrome, kind: str) -> Frames | None:
        """Turn the wheel for some seconds; the gaps between the page's frames tell."""
        browser.execute_script(_COUNT_FRAMES)
        began, turn = time.monotonic(), 0
        while time.monotonic() - began < SWEEP:
            step = 60 if turn // 12 % 2 else -60
            event = {"type": "mouseWheel", "x": 500, "y": 320, "deltaX": 0, "deltaY": step}
            event["modifiers"] = 2 if kind == "zoom" else 0
            browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)
            turn += 1
        gaps = browser.execute_script("window.__go = false; return window.__f")
        return Frames.of(gaps[2:])


class Netron(Peer):
    name = "Netron"
    size = (1600, 950)

    def command(self, file: Path, port: int) -> list[str]:
        python = str(self.environment / "bin" / "netron")
        return [python, str(file), "-p", str(port), "--host", "127.0.0.1"]

    def address(self, file: Path, port: int) -> str:
        return f"http://127.0.0.1:{port}/"

    def is_drawn(self, browser: webdriver.Chrome) -> bool:
        state = browser.execute_script(
            """
            const button = document.getElementById('message-button');
            if (button && /accept/i.test(button.innerText)) button.click();
            return [document.body.className, document.querySelectorAll('svg g.node').length]
            """
        )
        same = state[1] > 0 and state == getattr(self, "_last", None)
        self._last = state
        return same and "spinner" not in state[0]


class ModelExplorer(Peer):
    name = "Model Explorer"
    size = (1000, 700)
    """Smaller than the others', because WebGL without a graphics card is slow."""

    def command(self, file: Path, port: int) -> list[str]:
        program = str(self.environment / "bin" / "model-explorer")
        options = ["--no_open_in_browser", "--skip_health_check", "--host", "127.0.0.1", "--port"]
        return [program, str(file), *options, str(port), "--extensions", "model_explorer_onnx"]

    def address(self, file: Path, port: int) -> str:
        data = quote(json.dumps({"models": [{"url": str(file)}]}))
        return f"http://127.0.0.1:{port}/?data={data}&renderer=webgl"

    def is_drawn(self, browser: webdriver.Chrome) -> bool:
        return browser.execute_script(
            f"""
            const text = document.body.innerText;
            const spins = document.querySelectorAll('mat-spinner, mat-progress-spinner').length;
            return document.querySelectorAll('canvas').length > 0 && spins === 0
              && !/Processing|Loading|please wait/i.test(text) && /nodes/.test(text)
              && window.__gl.n > 0 && Date.now() - window.__gl.last > {1000 * STILL}
            """
        )

    def expand_all(self, browser: webdriver.Chrome) -> bool:
        return browser.execute_script(
            """
            const told = e => ['mattooltip', 'aria-label', 'bubblehovertext'].map(
              name => (e.getAttribute && e.getAttribute(name)) || '').join(' ');
            const found = [...document.querySelectorAll('*')].find(e => /expand all/i.test(told(e))
              || (e.children.length === 0 && /^\\s*(expand all|unfold_more)/i.test(e.textContent)));
            if (found) { window.__gl.last = Date.now(); found.click(); }
            return Boolean(found)
            """
        )


PEERS: tuple[type[Peer], ...] = (Netron, ModelExplorer)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
