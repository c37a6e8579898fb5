"""A browser, and the built program that it looks at."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("STRATAGEM", str(ROOT / ".build/release/stratagem"))
# A folder in which to keep pictures of the page, to be looked at.
PICTURES = os.environ.get("STRATAGEM_PICTURES")
# Long: the machine may have other work. What is waited for comes in a moment.
PATIENCE = int(os.environ.get("STRATAGEM_PATIENCE", 180))


def run(*arguments):
    """The program, to its end."""
    return subprocess.run([PROGRAM, *map(str, arguments)], check=True, capture_output=True, text=True)


class Program:
    """`serve` or `view`, at work on a free port."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([PROGRAM, *map(str, arguments), "--port", "0"], stderr=subprocess.PIPE, text=True)
        self.address = None
        said = ""
        for line in self.process.stderr:
            said += line
            found = re.search(r"http://[^ /]+", line)
            if found and "stratagem" in line:
                self.address = found.group()
                break
        if not self.address:
            raise AssertionError(f"the program ended with {self.process.wait()} before it listened: {said}")
        # Nobody reads the log; a full pipe would stop the server.
        self.reader = subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=subprocess.DEVNULL)

    def interrupt(self):
        """Ctrl-C. Returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.wait()
        self.process.stderr.close()


class PageTest(unittest.TestCase):
    """Each test has a window of its own size and a log of its own."""

    driver = None

    @classmethod
    def setUpClass(cls):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1400,1000",
                         # What the browser itself asks the world is no affair of the page.
                         "--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-sync"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        cls.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="page-"))
        cls.programs = []

    @classmethod
    def tearDownClass(cls):
        cls.driver.quit()
        for program in cls.programs:
            program.end()
        shutil.rmtree(cls.folder)

    @classmethod
    def program(cls, *arguments):
        cls.programs.append(Program(*arguments))
        return cls.programs[-1]

    def setUp(self):
        self.size(1400, 1000)
        self.dark(False)
        self.logs = []
        self.driver.get_log("performance"), self.driver.get_log("browser")

    def tearDown(self):
        """Whatever a test did: the page asked nobody but its server, and nothing was refused or thrown."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                address = message["params"]["request"]["url"]
                self.assertRegex(address, r"^(http://127\.0\.0\.1:\d+/|http://localhost:\d+/|data:|about:|chrome)", "a request to another host")
        for entry in self.driver.get_log("browser"):
            expected = any(text in entry["message"] for text in ["favicon"] + self.logs)
            self.assertTrue(expected or entry["level"] != "SEVERE", entry["message"])

    # The window

    def size(self, width, height, phone=False):
        self.width = width
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone})

    def dark(self, is_on):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if is_on else "light"}]})

    def picture(self, name, whole=True):
        if not PICTURES:
            return
        height = self.driver.execute_script("return document.documentElement.scrollHeight") if whole else None
        clip = {} if not whole else {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": self.script("return innerWidth"), "height": min(height, 6000), "scale": 1}}
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", **clip})["data"]
        import base64
        (pathlib.Path(PICTURES) / f"{name}.png").write_bytes(base64.b64decode(data))

    # What is on the page

    def open(self, address):
        # Two addresses that differ behind the # alone are one document.
        self.driver.get("about:blank")
        self.driver.get(address)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        # In one go: elements may be replaced between two questions.
        return self.script("return [...document.querySelectorAll(arguments[0])].map(one => one.innerText.trim())", selector)

    def choose(self, selector, value):
        Select(self.find(selector)).select_by_value(str(value))

    def until(self, is_so, what):
        WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: is_so(), f"never: {what}")

    def runs_are_over(self, count):
        self.until(lambda: len(self.all(".run")) == count and all(text.startswith("done") for text in self.texts(".run > .faint:nth-of-type(1)")), "all runs are done")

    def fits(self):
        """Nothing has to be scrolled sideways. (A phone makes its window as wide as what is in it.)"""
        self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), self.width)

    def contrast(self, selector):
        """Of an element's letters to what is behind them (WCAG): 4.5 is read by nearly everyone."""
        return self.script("""
            const one = document.querySelector(arguments[0]);
            const parse = text => { const canvas = new OffscreenCanvas(1, 1), c = canvas.getContext('2d'); c.fillStyle = text; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
            let behind = one, back = [0, 0, 0, 0];
            while (behind && back[3] < 255) { back = parse(getComputedStyle(behind).backgroundColor); behind = behind.parentElement; }
            const light = color => { const [r, g, b] = color.map(part => { part /= 255; return part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
            const [a, b] = [light(parse(getComputedStyle(one).color)), light(back)].sort((x, y) => y - x);
            return (a + .05) / (b + .05);
            """, selector)


if __name__ == "__main__":
    sys.exit("run page_test.py or view_test.py")
