# SPDX-License-Identifier: Apache-2.0
"""Chromium without a window, driven by Selenium; MISSING says what there is none of."""
import json
import shutil
import tempfile

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    MISSING = None
except ImportError:
    MISSING = "no Selenium for this Python"

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MISSING = MISSING or (None if BROWSER and DRIVER else "no chromium with chromedriver")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
# Texts of too little contrast to what is behind them.
CONTRAST = """
const luminance = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const parse = text => text.match(/[0-9.]+/g).map(Number);
const out = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !node.checkVisibility()) continue;
  if (node.closest("script, style, svg, option, .hidden, .skip, #tip")) continue;
  let at = node, back = [0, 0, 0, 0];
  while (at && (back.length === 4 && back[3] === 0)) back = parse(getComputedStyle(at).backgroundColor), at = at.parentElement;
  const style = getComputedStyle(node), [a, b] = [luminance(parse(style.color).slice(0, 3)), luminance(back.slice(0, 3))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5 && !node.closest(":disabled")) out.push(`${ratio.toFixed(2)} ${walker.currentNode.data.trim().slice(0, 30)}`);
}
return [...new Set(out)];
"""


class Browser:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        options = Options()
        options.binary_location = BROWSER
        for flag in [*FLAGS, f"--user-data-dir={self.folder.name}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        self.size(1440, 900)

    def quit(self):
        self.driver.quit()
        self.folder.cleanup()

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

    def media(self, kind="", **features):
        """media(prefers_color_scheme="dark"), media("print"). Without motion, for what scrolls is not where one clicks."""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": [
            {"name": name.replace("_", "-"), "value": value} for name, value in
            {"prefers_reduced_motion": "reduce", **features}.items()]})

    def open(self, path):
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(path.as_uri())

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def settle(self):
        """Until what was scrolled has told so."""
        self.driver.execute_async_script("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))")

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        """What was fetched since the page was opened."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]

    def named(self):
        """(role, name) of what a screen reader takes for a control."""
        roles = {"button", "link", "combobox", "checkbox", "textbox", "searchbox", "spinbutton", "region", "dialog", "table",
                 "navigation", "DisclosureTriangle"}
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes
                if not node.get("ignored") and node["role"]["value"] in roles]
