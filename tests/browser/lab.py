"""A real JupyterLab and a real browser, for tests that assert what a person sees."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def chromium() -> str | None:
    """Path of a Chromium or Chrome; ``ORION_CHROMIUM`` decides if it is set."""
    named = os.environ.get("ORION_CHROMIUM")
    found = [named] if named else ["chromium", "chromium-browser", "google-chrome", "chrome"]
    return next((path for name in found if (path := shutil.which(name))), None)


class Lab:
    """A JupyterLab server of its own: private configuration, data and notebooks.

    :param home: an empty folder.
    :param module: ``jupyterlab``, or ``notebook`` for Notebook 7.
    :param environ: of the kernels, besides the usual.
    """

    def __init__(
        self, home: Path, module: str = "jupyterlab", environ: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self.module = module
        self.environ = dict(environ or {})
        self.notebooks = home / "notebooks"
        self.token = secrets.token_hex(16)
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 60.0) -> None:
        self.notebooks.mkdir(parents=True)
        # No question about news over the first screenshot.
        self.set("apputils-extension/notification", fetchNews="false")
        places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        environment = os.environ | {name: str(self.home / name.lower()) for name in places}
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "widget")])
        environment["ORION_CACHE_DIR"] = str(self.home / "cache")
        environment |= self.environ
        self.log = (self.home / "server.log").open("wb")
        command = [
            sys.executable, "-m", self.module, "--no-browser", "--ip=127.0.0.1", f"--port={self.port}",
            "--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}", "--allow-root",
            "--expose-app-in-browser", f"--ServerApp.root_dir={self.notebooks}",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, env=environment, stdout=self.log, stderr=subprocess.STDOUT,
            cwd=self.home, start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.url("api/status"), timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        self.stop()
        raise RuntimeError(
            f"{self.module} did not start:\n{(self.home / 'server.log').read_text()}"
        )

    def set(self, plugin: str, **settings: Any) -> None:
        """Settings of one of JupyterLab's plugins, for pages that are opened from now on."""
        path = self.home / "jupyter_config_dir/lab/user-settings/@jupyterlab"
        path = path / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")

    def stop(self) -> None:
        """End the server and its kernels: they are one process group."""
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                os.killpg(self.process.pid, number)
                try:
                    self.process.wait(10)
                except subprocess.TimeoutExpired:
                    continue
        self.process = None
        self.log.close()

    def url(self, path: str) -> str:
        mark = "&" if "?" in path else "?"
        return f"http://127.0.0.1:{self.port}/{path}{mark}token={self.token}"

    def write(self, name: str, cells: Sequence[str | dict[str, Any]]) -> str:
        """Write a notebook: sources of code cells, or whole cells. Its name, for `open`."""
        made = [
            {"cell_type": "code", "id": f"c{i}", "metadata": {}, "execution_count": None,
             "outputs": [], "source": cell} if isinstance(cell, str) else cell
            for i, cell in enumerate(cells)
        ]  # fmt: skip
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = {
            "cells": made,
            "metadata": {"kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.notebooks / name).write_text(json.dumps(notebook), encoding="utf-8")
        return name


@dataclass
class LabPage:
    """One notebook in one browser page."""

    lab: Lab
    page: Any
    errors: list[str] = field(default_factory=list)

    def open(self, name: str) -> None:
        """Open a notebook and wait for its kernel."""
        path = "lab/tree" if self.lab.module == "jupyterlab" else "notebooks"
        self.page.goto(self.lab.url(f"{path}/{name}?reset"))
        self.ready()

    def ready(self) -> None:
        """The page is loaded and its kernel answers. JupyterLab may ask which kernel: that one."""
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        self.page.wait_for_function(
            """() => {
                document.querySelector(".jp-Dialog .jp-mod-accept")?.click();
                const session = window.jupyterapp.shell.currentWidget?.sessionContext;
                return session?.isReady && session.session?.kernel?.connectionStatus === "connected"
                    && session.session.kernel.status === "idle";
            }""",
            timeout=60_000,
            polling=200,
        )

    def command(self, name: str, **arguments: Any) -> None:
        """A command of JupyterLab itself, as its menus would give it; does not wait for it."""
        self.page.evaluate(
            "([name, args]) => { window.jupyterapp.commands.execute(name, args); }",
            [name, arguments],
        )

    def run_cell(self) -> None:
        """Run the selected cell and go to the next; does not wait for it."""
        self.command("notebook:run-cell-and-select-next")

    def run_all(self) -> None:
        self.command("notebook:run-all-cells")

    def restart(self) -> None:
        """Restart the kernel, and say yes; wait until the new one answers."""
        self.command("kernelmenu:restart")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.wait_for_selector(".jp-Dialog", state="detached")
        self.ready()

    def clear(self) -> None:
        """Clear what stands under the cells."""
        self.command("notebook:clear-all-cell-outputs")
        self.page.wait_for_selector(".jp-OutputArea-output", state="detached")

    def output(self, number: int) -> Any:
        """The place of what stands under a code cell, counted from 0."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".jp-OutputArea")

    def until(self, number: int, text: str, timeout: float = 30.0) -> None:
        """Wait until a text stands under a code cell; at most `timeout` seconds."""
        found = self.output(number).get_by_text(text).first
        found.wait_for(timeout=1000 * timeout)

    def save(self) -> None:
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def theme(self, name: str) -> None:
        """``JupyterLab Dark`` or ``JupyterLab Light``."""
        self.command("apputils:change-theme", theme=name)
        light = "true" if name.endswith("Light") else "false"
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def shot(self, name: str, selector: str = "") -> Path:
        """Save a screenshot of the page, or of one element, for people to look at."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        if selector:
            self.page.locator(selector).first.screenshot(path=path)
        else:
            self.page.screenshot(path=path)
        return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
