# SPDX-License-Identifier: Apache-2.0
"""The page that `mpsim report` writes, in a browser: what it shows is what the results say, by pointer and by keyboard, on a
phone and in the dark, without a network, and whatever names files have."""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(os.environ["MPSIM_SOURCE"])
sys.path[:0] = [str(SOURCE / "tests"), str(SOURCE / "tests/browser")]
import tap  # noqa: E402
from browser import CONTRAST, MISSING, Browser  # noqa: E402

if not MISSING:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

ARCHS = ["bitserial_16x16", "bitfusion"]
HOSTILE = "</script><img src=x onerror=\"window.hit=1\">\u2028'\"&amp;"


def mpsim(folder, *arguments):
    env = {k: v for k, v in os.environ.items() if not k.startswith("MPSIM")}
    subprocess.run([os.environ["MPSIM"], *arguments], cwd=folder, check=True, timeout=120,
                   env={**env, "MPSIM_CONFIGS": str(SOURCE / "configs")})


def designs():
    """A front: three columns that are chosen and three that follow."""
    rows = [(f"{kind}{size}", kind, size, round(900 / size * speed + i % 7, 3), 1e6 * (5 + size / 8 * speed + i % 5),
             70 + i % 6) for i, (kind, speed, size) in enumerate((kind, speed, size) for kind, speed in
                                                                 (("serial", 2), ("fused", 1), ("fixed", 3))
                                                                 for size in range(4, 34, 2))]
    return [("name", "pe.kind", "array.rows", "latency_ms", "energy_pj", "accuracy"), *rows]


@unittest.skipIf(MISSING, MISSING)
class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.keep.name)
        for arch in ARCHS:
            mpsim(cls.folder, "run", "--arch", arch, "--plan", "resnet18_mixed", "-o", f"{arch}.json")
        cls.results = [json.loads((cls.folder / f"{arch}.json").read_text()) for arch in ARCHS]
        cls.rows = designs()
        with open(cls.folder / "front.csv", "w", newline="") as out:
            csv.writer(out).writerows(cls.rows)
        mpsim(cls.folder, "report", *(f"{arch}.json" for arch in ARCHS), "--front", "front.csv", "-o", "page.html")
        cls.browser = Browser()
        cls.driver = cls.browser.driver

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        cls.keep.cleanup()

    def setUp(self):
        self.browser.size(1440, 900)
        self.browser.media(prefers_color_scheme="light")
        self.open("page.html")

    def tearDown(self):
        self.assertEqual(self.browser.complaints(), [])
        self.browser.js("localStorage.clear()")

    def open(self, name):
        self.browser.open(self.folder / name)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def press(self, *keys):
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def focused(self):
        return self.driver.switch_to.active_element

    def choose(self, selector, value):
        self.browser.js("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))",
                        self.one(selector), value)

    # What it shows

    def test_fetches_nothing(self):
        self.assertEqual([url for url in self.browser.requests() if not url.startswith("data:")],
                         [(self.folder / "page.html").as_uri()])
        self.assertIn("bitserial_16x16", self.one("#summary thead").text)

    def test_side_by_side(self):
        self.choose("#compare-what", "1")
        first, second = ({layer["name"]: layer["cycles"] for layer in result["layers"]} for result in self.results)
        rows = self.all("#compare-layers tbody tr")
        self.assertEqual(len(rows), len(first))
        for row in rows[:5]:
            name, cycles, ratio = row.text.split(" ")
            self.assertEqual(cycles, f"{first[name]:,}")
            self.assertAlmostEqual(float(ratio[:-1]), second[name] / first[name], delta=0.006)

    def test_layers_of_the_chosen_result(self):
        for index, result in enumerate(self.results):
            self.choose("#result", str(index))
            rows = self.all("#rows button")
            self.assertEqual(len(rows), min(40, len(result["layers"])))
            self.assertIn(f"{result['layers'][0]['cycles']:,} cycles", rows[0].get_attribute("aria-label"))
            self.assertEqual(len(self.all("#strip .column")), len(result["layers"]))
            self.assertEqual(len(self.all("#roof .point")), sum(layer["macs"] > 0 for layer in result["layers"]))
            peaks = {layer["peak_ops_per_cycle"] for layer in result["layers"]} - {0}
            self.assertEqual(len(self.all("#roof .roof")), len(peaks) + (result["dram_bits_per_cycle"] > 0))

    def boxes(self, selector):
        return self.browser.js("return [...document.querySelectorAll(arguments[0])].map(n => { const b = n.getBoundingClientRect();"
                               " return [b.left, b.top, b.right, b.bottom]; })", selector)

    def test_names_in_the_roofline(self):
        """All roofs are named, most points of a cluster too; no name lies on another."""
        for width, least in ((1280, 10), (390, 4)):
            self.browser.size(width, 844)
            self.open("page.html")
            result = self.results[0]
            roofs = [roof.text for roof in self.all("#roof .roof-name")]
            peaks = {layer["peak_ops_per_cycle"] * result["clock_mhz"] * 1e-6 for layer in result["layers"]} - {0}
            self.assertEqual(len(roofs), len(peaks))
            for text, peak in zip(roofs, sorted(peaks, reverse=True)):
                self.assertAlmostEqual(float(text.split()[0].split("\u00a0")[0].rstrip(":")), peak, delta=0.006 * peak)
            self.assertGreaterEqual(len(self.all("#roof .point-name")), least)
            names = self.boxes("#roof .roof-name, #roof .point-name")
            for i, a in enumerate(names):
                self.assertLessEqual(a[2], width)
                for b in names[:i]: # a box has the blank above and below its letters
                    self.assertTrue(a[0] >= b[2] - 1 or b[0] >= a[2] - 1 or a[1] >= b[3] - 4 or b[1] >= a[3] - 4, (a, b))
            self.assertIn("TOPS reached", self.one("#roof svg").text)

    def test_what_is_what(self):
        """On a phone too the legends say of what they are, and the page which bits are whose."""
        self.browser.size(390, 844)
        self.assertTrue(self.one("#legend-causes").text.startswith("Cycles:"))
        self.assertTrue(self.one("#legend-parts").text.startswith("Energy:"))
        self.assertIn("the first are those of activations", self.one("#layers .lead").text)

    def test_tables_fit(self):
        self.browser.size(1280, 900)
        self.browser.js("for (const d of document.querySelectorAll('#tables details')) d.open = true")
        wide = "return [...document.querySelectorAll('#tables .scroll')].map(n => n.scrollWidth - n.clientWidth)"
        self.assertEqual(self.browser.js(wide), [0] * len(ARCHS))
        heights = {round(box[3] - box[1]) for box in self.boxes("#tables tbody th")}
        self.assertLess(max(heights) - min(heights), 5)  # each name on one line; the last row has no rule below
        align = "return getComputedStyle([...document.querySelectorAll('#tables th')].find(n => n.textContent === 'Type')).textAlign"
        self.assertEqual(self.browser.js(align), "left")

    def test_side_by_side_fits(self):
        for width in (1280, 390):
            self.browser.size(width, 844)
            for bar, value in zip(self.boxes(".bar"), self.boxes(".bar .value")):
                self.assertLessEqual(value[2], bar[2] + 0.5)
                self.assertGreaterEqual(value[0], bar[0])
            self.assertEqual(self.browser.js("return [...document.querySelectorAll('.bar .value')].filter("
                                             "n => n.scrollWidth > n.clientWidth).length"), 0)
            ends, names = self.boxes(".bar svg"), self.boxes(".bar .name")
            for end, name in zip(ends, names[1:]):
                self.assertTrue(end[3] + 3 <= name[1] or name[3] <= end[1] or name[2] <= end[0] or end[2] <= name[0])

    def test_other_networks(self):
        mpsim(self.folder, "run", "--arch", "tpu_like", "--plan", "ds_cnn_w8a8", "-o", "other.json")
        mpsim(self.folder, "report", "bitfusion.json", "other.json", "-o", "two.html")
        self.open("two.html")
        self.assertEqual(self.one("h1").text, "resnet18, ds_cnn")
        self.assertEqual([cell.text for cell in self.all("#summary thead th")][1:3],
                         ["bitfusion, resnet18_mixed", "tpu_like, ds_cnn_w8a8"])
        for place in ("#summary .alert", "#compare .alert"):
            self.assertIn("different networks", self.one(place).text)
        self.assertRegex(self.one("#summary .techs").text, "bitfusion, resnet18_mixed bitfusion45; tpu_like, ds_cnn_w8a8 [a-z]")
        mpsim(self.folder, "report", "bitfusion.json", "-o", "one.html")
        self.open("one.html")
        self.assertEqual(self.all(".techs"), [])
        self.open("page.html")
        self.assertEqual(self.all(".alert"), [])

    def test_order_of_layers(self):
        self.choose("#order", "1")
        most = max(self.results[0]["layers"], key=lambda layer: layer["cycles"])
        self.assertTrue(self.one("#rows button").get_attribute("aria-label").startswith(most["name"]))

    def mapping(self, layer):
        """The loops that a layer's mapping has, from outside in."""
        return [f"for {dim} in 0..{shape['size'][dim]:,} step {run['tile'][dim]:,}"
                for run, shape in zip(layer["mapping"], layer["runs"]) for dim in run["order"]
                if run["tile"][dim] < shape["size"][dim]]

    def test_mapping_of_each_layer(self):
        if self.all("#more:not([hidden])"):
            self.one("#more").click()
        layers = self.results[0]["layers"]
        self.all("#rows button")[0].click()
        for i, layer in enumerate(layers):
            self.assertEqual(self.one("#layer-name").text, layer["name"])
            loops = [code.text for code in self.all("#layer .nest code") if code.text.startswith("for ")]
            self.assertEqual(loops, self.mapping(layer))
            self.assertEqual(len(self.all("#layer .fill .value")), sum(bits > 0 for shape in layer["runs"] for bits in shape["tile_bits"].values()))
            self.assertEqual(self.one("#after").is_enabled(), i + 1 < len(layers))
            if i + 1 < len(layers):
                self.press(Keys.ARROW_RIGHT)
        self.press(Keys.ESCAPE)
        self.assertFalse(self.one("#layer").is_displayed())

    # Designs

    def count(self):
        return self.one("#front-count").text

    def passing(self, test):
        return f"{sum(map(test, self.rows[1:]))} of {len(self.rows) - 1} designs"

    def test_filters(self):
        self.assertEqual(self.count(), self.passing(lambda row: True))
        self.driver.find_element(By.XPATH, "//fieldset[legend='pe.kind']//label[contains(., 'serial')]/input").click()
        self.assertEqual(self.count(), self.passing(lambda row: row[1] != "serial"))
        self.one("input[aria-label='latency (ms), at most']").send_keys("80")
        self.assertEqual(self.count(), self.passing(lambda row: row[1] != "serial" and row[3] <= 80))
        self.one("input[aria-label='array.rows, at least']").send_keys("10")
        self.assertEqual(self.count(), self.passing(lambda row: row[1] != "serial" and row[3] <= 80 and row[2] >= 10))
        self.one("#filters input[type=search]").send_keys("FUSED")
        self.assertEqual(self.count(), self.passing(lambda row: row[1] == "fused" and row[3] <= 80 and row[2] >= 10))
        self.assertEqual(len(self.all("#front-view .point")), int(self.count().split()[0]))
        self.one("#filters input[type=search]").send_keys(" none such")
        self.assertIn("No design", self.one("#front-view").text)
        self.driver.find_element(By.XPATH, "//button[.='Reset filters']").click()
        self.assertEqual(self.count(), self.passing(lambda row: True))

    def test_one_unit_a_column(self):
        """Axis, filter and table of a column have one unit; a filter's ends are those of the numbers that are shown."""
        self.assertIn("energy (\u00b5J)", self.one("#front-view svg").text)
        self.one("input[aria-label='energy (\u00b5J), at most']").send_keys("7")
        self.assertEqual(self.count(), self.passing(lambda row: row[4] <= 7e6))
        self.driver.find_element(By.XPATH, "//button[.='Table']").click()
        heads = [cell.text for cell in self.all("#front-view thead th")]
        energies = [row.find_elements(By.TAG_NAME, "td")[heads.index("energy (\u00b5J)") - 1].text
                    for row in self.all("#front-view tbody tr")]
        self.assertEqual(energies, [f"{row[4] / 1e6:.3f}" for row in self.rows[1:] if row[4] <= 7e6])

    def other_front(self):
        dram = [json.dumps({"kind": "fixed", "bits_per_cycle": n, "latency_cycles": 60}) for n in (64, 128)]
        rows = [("name", "base", "dram", "note", "latency_ms", "edp_pj_ms"),
                *((f"d{i}", "some_base", dram[i % 2], "", 0.002 + i / 1000, 4e9 + i) for i in range(6))]
        with open(self.folder / "other.csv", "w", newline="") as out:
            csv.writer(out).writerows(rows)
        mpsim(self.folder, "report", "--front", "other.csv", "-o", "other.html")

    def test_what_rows_share(self):
        self.other_front()
        self.open("other.html")
        self.assertIn("edp (\u00b5J\u00b7s)", self.one("#front-view svg").text)
        self.driver.find_element(By.XPATH, "//button[.='Table']").click()
        self.assertEqual(self.one("#front-shared").text, "In all rows: base some_base, note none.")
        self.assertEqual([cell.text for cell in self.all("#front-view thead th")],
                         ["Design", "name", "dram", "latency (\u00b5s)", "edp (\u00b5J\u00b7s)"])
        cells = [cell.text for cell in self.all("#front-view tbody tr:first-child td")]
        self.assertEqual(cells, ["d0", "bits per cycle 64", "2.000", "4.000"])
        self.driver.find_element(By.XPATH, "//th/button[.='latency (\u00b5s)']").click()
        self.assertEqual(self.focused().text, "latency (\u00b5s) \u2191")

    def test_not_beaten(self):
        rows = self.rows[1:]
        best = [r for r in rows if not any((o[3] <= r[3] and o[4] <= r[4]) and (o[3], o[4]) != (r[3], r[4]) for o in rows)]
        self.assertEqual(len(self.all("#front-view .leading")), len({(r[3], r[4]) for r in best}))

    def test_choosing_a_design(self):
        self.browser.js("arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))",
                        self.one("#front-view [data-design='7']"))
        self.assertIn("Design 8", self.one("#design h3").text)
        self.assertIn(self.rows[8][0], self.one("#design").text)
        self.driver.find_element(By.XPATH, "//button[.='Table']").click()
        self.assertEqual(len(self.all("#front-view tbody tr")), len(self.rows) - 1)
        self.assertEqual(self.one("#front-view tr.chosen th").text, "8")
        self.driver.find_element(By.XPATH, "//th/button[.='latency (ms)']").click()
        least = min(range(len(self.rows) - 1), key=lambda i: self.rows[1 + i][3])
        self.assertEqual(self.one("#front-view tbody th").text, str(least + 1))
        self.assertEqual(self.one("#front-view th[aria-sort]").get_attribute("aria-sort"), "ascending")

    def test_ticks(self):
        """Both axes have some: of numbers that only rounding tells apart, on a log scale that no 1, 2 or 5 lies in."""
        (self.folder / "close.csv").write_text("latency_ms,accuracy\n2.6,0.7\n3,0.7000000000000001\n")
        mpsim(self.folder, "report", "--front", "close.csv", "-o", "close.html")
        self.open("close.html")
        for log in ("", "#log-x", "#log-y"):
            if log:
                self.one(log).click()
            across = [line.get_attribute("x1") == line.get_attribute("x2") for line in self.all("#front-view .grid")]
            for ticks in (across.count(True), across.count(False)):
                self.assertGreater(ticks, 1, log)
                self.assertLess(ticks, 20, log)

    def test_largest_numbers(self):
        (self.folder / "large.csv").write_text("latency_ms,accuracy\n1e300,0.7\n1.7e308,0.8\n")
        mpsim(self.folder, "report", "--front", "large.csv", "-o", "large.html")
        self.open("large.html")
        self.one("#log-x").click()
        self.assertEqual(len(self.all("#front-view .point")), 2)
        self.assertLess(len(self.all("#front-view .grid")), 40)

    # By pointer and by keyboard

    def test_tooltip(self):
        row = self.all("#rows button")[2]
        self.browser.js("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", row)
        self.browser.settle()
        ActionChains(self.driver).move_to_element(row).perform()
        tip, layer = self.one("#tip"), self.results[0]["layers"][2]
        self.assertTrue(tip.is_displayed())
        self.assertIn(layer["name"], tip.text)
        self.assertIn(f"{layer['cycles']:,}", tip.text)
        self.press(Keys.ESCAPE)
        self.assertFalse(tip.is_displayed())

    def test_keyboard(self):
        self.press(Keys.TAB)
        self.assertEqual(self.focused().text, "Skip to the summary")
        self.press(Keys.TAB)
        self.assertEqual(self.focused().get_attribute("id"), "theme")
        self.browser.js("document.getElementById('order').focus()")
        self.press(Keys.TAB, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
        row = self.focused()
        name = self.results[0]["layers"][2]["name"]
        self.assertTrue(row.get_attribute("aria-label").startswith(name))
        self.assertEqual(self.browser.js("return getComputedStyle(document.activeElement).outlineStyle"), "solid")
        self.assertTrue(self.one("#tip").is_displayed())
        self.press(Keys.ENTER)
        self.assertEqual(self.one("#layer-name").text, name)
        for _ in range(8):  # the focus stays in the dialog, or goes to the browser itself
            self.press(Keys.TAB)
            self.assertTrue(self.browser.js("return [document.body, ...document.querySelectorAll('#layer, #layer *')]"
                                            ".includes(document.activeElement)"))
        self.press(Keys.ESCAPE)
        self.assertFalse(self.one("#layer").is_displayed())
        self.assertEqual(self.focused(), row)
        self.press(Keys.END)
        self.assertNotEqual(self.focused(), row)

    def test_keyboard_in_pictures(self):
        for picture, item in (("#strip", ".column"), ("#roof", ".point")):
            self.assertEqual(len(self.all(f"{picture} {item}[tabindex='0']")), 1)
            first = self.one(f"{picture} {item}[tabindex='0']")
            self.browser.js("arguments[0].focus()", first)
            self.press(Keys.ARROW_RIGHT)
            self.assertNotEqual(self.focused(), first)
            name = self.focused().get_attribute("aria-label").split(":")[0]
            self.assertEqual(len(self.all(f"{picture} {item}[tabindex='0']")), 1)
            self.press(Keys.ENTER)
            self.assertEqual(self.one("#layer-name").text, name)
            self.press(Keys.ESCAPE)
        self.browser.js("document.querySelector('#front-view [tabindex=\"0\"]').focus()")
        self.press(Keys.ARROW_LEFT, Keys.SPACE)
        self.assertEqual(self.one("#design h3").text, self.focused().get_attribute("aria-label").split(":")[0])
        self.press(Keys.ESCAPE)
        self.assertEqual(self.one("#design").text, "")

    def test_names(self):
        self.all("#rows button")[0].click()
        inside = self.browser.named()
        self.press(Keys.ESCAPE)
        found = [*self.browser.named(), *inside]
        self.assertGreater(len(found), 100)
        self.assertEqual([role for role, name in found if not name.strip()], [])

    # For any reader

    def test_themes(self):
        page = lambda: self.browser.js("return getComputedStyle(document.body).backgroundColor")  # noqa: E731
        light = page()
        self.one("#theme").click()
        dark = page()
        self.assertNotEqual(light, dark)
        self.open("page.html")
        self.assertEqual(page(), dark)
        self.one("#theme").click()
        self.assertEqual(page(), light)
        self.browser.js("localStorage.clear()")
        self.browser.media(prefers_color_scheme="dark")
        self.open("page.html")
        self.assertEqual(page(), dark)

    def test_contrast(self):
        for scheme in ("light", "dark"):
            self.browser.media(prefers_color_scheme=scheme)
            self.open("page.html")
            self.browser.js("for (const d of document.querySelectorAll('details')) d.open = true")
            self.assertEqual(self.browser.js(CONTRAST), [])
            self.all("#rows button")[0].click()
            self.assertEqual(self.browser.js(CONTRAST), [])

    def overflow(self):
        return self.browser.js("return document.documentElement.scrollWidth - 360")

    def test_narrow(self):
        self.browser.size(360, 800)
        self.open("page.html")
        self.assertEqual(self.overflow(), 0)
        self.browser.js("for (const d of document.querySelectorAll('details')) d.open = true")
        self.assertEqual(self.overflow(), 0)
        self.browser.js("for (const b of document.querySelectorAll('#front button')) if (b.textContent === 'Table') b.click()")
        self.assertEqual(self.overflow(), 0)
        self.browser.js("arguments[0].click()", self.all("#rows button")[0])
        self.assertEqual(self.overflow(), 0)
        self.assertLessEqual(self.browser.js("return document.getElementById('layer-body').scrollWidth"), 360)

    def test_motion(self):
        smooth = "return getComputedStyle(document.documentElement).scrollBehavior"
        self.browser.media(prefers_reduced_motion="no-preference")
        self.assertEqual(self.browser.js(smooth), "smooth")
        self.browser.media(prefers_reduced_motion="reduce")
        self.assertEqual(self.browser.js(smooth), "auto")

    def test_print(self):
        self.one("#theme").click()
        self.browser.media("print")
        self.assertFalse(self.one("#theme").is_displayed())
        self.assertEqual(self.browser.js("return getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
        self.assertTrue(self.one("#summary table").is_displayed())

    def test_without_script(self):
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            self.open("page.html")
            self.assertIn("Latency", self.one("#summary table").text)
            self.assertIn("need JavaScript", self.one("noscript").text)
            self.assertIn(self.rows[1][0], self.one("#designs table").text)
            self.assertFalse(self.one("#layers").is_displayed())
            self.one("#tables summary").click()
            self.assertIn(self.results[0]["layers"][0]["name"], self.one("#tables table").text)
        finally:
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    # Other files

    def changed(self, change):
        result = json.loads(json.dumps(self.results[0]))
        change(result)
        (self.folder / "changed.json").write_text(json.dumps(result))
        mpsim(self.folder, "report", "changed.json", "-o", "changed.html")
        self.open("changed.html")

    def test_hostile_names(self):
        def change(result):
            result["arch"] = result["layers"][0]["name"] = HOSTILE
            result["warnings"] = result["sources"] = [HOSTILE]
        self.changed(change)
        self.all("#rows button")[0].click()
        self.assertEqual(self.browser.js("return document.getElementById('layer-name').textContent"), HOSTILE)
        self.assertIsNone(self.browser.js("return window.hit || null"))
        self.assertEqual(self.all("img, iframe, object"), [])

    def test_older_result(self):
        def change(result):
            del result["array"], result["dram_bits_per_cycle"]
            for layer in result["layers"]:
                del layer["runs"], layer["peak_ops_per_cycle"]
        self.changed(change)
        self.assertIn("does not tell its peaks", self.one("#roofline-lead").text)
        self.assertGreater(len(self.all("#roof .point")), 5)
        self.all("#rows button")[0].click()
        loops = [code.text for code in self.all("#layer .nest code")]
        tile = self.results[0]["layers"][0]["mapping"][0]["tile"]
        self.assertIn(f"for oc step {tile['oc']}", loops)

    def test_one_layer(self):
        def change(result):
            layer = result["layers"][0]
            result["layers"] = [layer]
            result["totals"] = {**result["totals"], **{key: layer[key] for key in layer if key in result["totals"]}}
        self.changed(change)
        self.assertEqual(len(self.all("#rows button")), 1)
        self.assertEqual(len(self.all("#roof .point")), 1)
        self.assertFalse(self.one("#compare").is_displayed())


if __name__ == "__main__":
    tap.main()
