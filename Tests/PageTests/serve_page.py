"""The page of `serve`, in a real browser: `make test-page`."""
import json
import unittest
import urllib.request

from selenium.webdriver.common.keys import Keys

from browser import ROOT, PageTest

# The reference models are unsure of it: sixteen samples go many ways.
HARD = ("Jack and David have 112 minutes to walk to library together. It takes them 24 minutes to get to the corner where the school is. "
        "It takes them another 34 minutes to get to the cinema. How much longer do they have to get to library without being late?")
QUESTION = ("A boy has 12 pencils. His sister has 4 fewer pencils than he has. How many pencils do they have together?")


class ServePage(PageTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.address = cls.program("serve").address

    def get(self, path):
        with urllib.request.urlopen(self.address + path) as reply:
            return json.load(reply)

    def ask(self, question=QUESTION, strategies=("best-of-n", "beam-search"), budget="16"):
        """Types and presses the button. Returns the reports of the runs, as the server keeps them."""
        self.open(self.address)
        self.until(lambda: len(self.all("#s0 option")) > 3, "the strategies are there")
        box = self.find("#problem")
        box.clear()
        box.send_keys(question)
        for place, strategy in enumerate(strategies):
            self.choose(f"#s{place}", strategy)
            field = self.find(f"#b{place}")
            field.clear()
            field.send_keys(budget)
        if (self.find("#two").is_selected()) != (len(strategies) == 2):
            self.find("#two").click()
        self.find("#ask").click()
        self.runs_are_over(len(strategies))
        ids = self.script("return location.hash").removeprefix("#run=").split(",")
        self.assertEqual(len(ids), len(strategies))
        return [self.get(f"/v1/runs/{one}")["report"] for one in ids]

    def shows(self, place, report):
        """The answer, the votes and the chosen path of a run are those that the server has."""
        run = f".run:nth-of-type({place + 1})"
        self.assertEqual(self.find(f"{run} .answer").text, "Answer " + report["answer"])
        votes = [f"{vote['answer']} {vote['weight']:.2f} · {vote['count']}×" for vote in report["votes"][:8]]
        shown = [" ".join(part.text for part in row.find_elements("css selector", ".name, .count")) for row in self.all(f"{run} .votes li")]
        self.assertEqual(shown, votes)
        self.assertIn(f"{report['cost']['tokens']:,} tokens", self.find(run).text)
        steps = self.script("""
            const view = current[arguments[0]].view, path = [];
            for (let at = view.tree.best; at; at = at.parent) if (at.kind !== 'root') path.unshift(at);
            return { text: path.map(at => at.text).join(''), fates: [...new Set(path.map(at => at.fate))], isSelected: view.selected === view.tree.best };
            """, place)
        self.assertEqual(steps, {"text": report["candidates"][0]["text"], "fates": ["won"], "isSelected": True})
        # In full, below the tree.
        lines = [line.text for line in self.all(f"{run} .path li")]
        for line in report["candidates"][0]["text"].strip().split("\n"):
            self.assertTrue(any(line.strip() in shown for shown in lines), f"{line} is not in {lines}")
        self.assertIn("→ " + report["answer"], lines[-1])

    def test_two_searches_side_by_side(self):
        reports = self.ask(HARD)
        for place, report in enumerate(reports):
            self.shows(place, report)
        self.assertEqual(self.texts(".run h2"), ["best-of-n@16", "beam-search@16"])
        first, second = [one.rect for one in self.all(".run")]
        self.assertEqual(first["y"], second["y"], "side by side")
        self.picture("serve-wide")
        # Steps of all fates, with scores; equal ones are one box.
        fates = self.script("return current.map(run => run.view.tree.boxes.map(box => [box.fate, box.count, box.score]))")
        for boxes in fates:
            self.assertEqual({fate for fate, _, _ in boxes}, {"won", "kept", "dropped"} & {fate for fate, _, _ in boxes})
            self.assertIn("won", {fate for fate, _, _ in boxes})
            self.assertTrue(any(count > 1 for _, count, _ in boxes))
            self.assertTrue(all(score is None or 0 <= score <= 1 for _, _, score in boxes))
        # What is drawn: not one colour alone, and not only letters.
        colours = self.script("""
            const canvas = document.querySelector('canvas'), data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data, seen = new Set();
            for (let i = 0; i < data.length; i += 4) seen.add(data[i] >> 4 << 8 | data[i + 1] >> 4 << 4 | data[i + 2] >> 4);
            return seen.size;""")
        self.assertGreater(colours, 8)

    def test_the_address_of_a_run_opens_it(self):
        reports = self.ask(strategies=("majority",))
        address = self.script("return location.href")
        self.open(address)
        self.runs_are_over(1)
        self.shows(0, reports[0])
        self.assertEqual(self.find("#problem").get_attribute("value"), QUESTION)
        # Two runs have one address.
        both = [run["run"] for run in self.get("/v1/runs")["data"][:2]]
        if len(both) == 2:
            self.open(f"{self.address}/#run={','.join(both)}")
            self.runs_are_over(2)

    def test_labels_tell_siblings_apart(self):
        """The page's labels are those of every other picture, and on a real run siblings look different."""
        self.ask(HARD, strategies=("beam-search",))
        cases = json.loads((ROOT / "Tests/PageTests/labels.json").read_text())
        for case in cases:
            labels = self.script("return stepLabels(arguments[0]).map(one => labelText(one, arguments[1]))", case["siblings"], case["limit"])
            self.assertEqual(labels, case["labels"], case["name"])
        families = self.script("""
            const tree = current[0].view.tree;
            return [tree.top, ...tree.boxes.map(box => box.below).filter(Boolean)].map(family => family.children.map(box => tree.label(box, 40)));
            """)
        self.assertGreater(max(map(len, families)), 1)
        for family in families:
            self.assertEqual(len(set(family)), len(family), family)

    def test_the_keyboard_is_enough(self):
        self.open(self.address)
        self.until(lambda: len(self.all("#s0 option")) > 3, "the strategies are there")
        # From the problem with the Tab key to the button, and with Enter on.
        self.find("#problem").clear()
        self.find("#problem").send_keys(QUESTION)
        for _ in range(20):
            self.driver.switch_to.active_element.send_keys(Keys.TAB)
            if self.driver.switch_to.active_element.get_attribute("id") == "ask":
                break
        self.driver.switch_to.active_element.send_keys(Keys.ENTER)
        self.runs_are_over(2)
        for _ in range(20):
            if self.driver.switch_to.active_element.tag_name == "canvas":
                break
            self.driver.switch_to.active_element.send_keys(Keys.TAB)
        canvas = self.driver.switch_to.active_element
        self.assertEqual(canvas.tag_name, "canvas")
        here = "const box = current[0].view.selected; return [box.depth, box.place];"
        said = ".run:nth-of-type(1) .hidden"
        depth = self.script(here)[0]
        self.assertGreater(depth, 1, "the chosen solution's last step is selected")
        canvas.send_keys(Keys.ARROW_LEFT)
        self.assertEqual(self.script(here)[0], depth - 1)
        self.assertIn(f"Step {depth - 1}", self.find(said).get_attribute("textContent"))
        self.assertEqual(len(self.all(".run:nth-of-type(1) .path li")), depth - 1)
        canvas.send_keys(Keys.ARROW_RIGHT)
        self.assertEqual(self.script(here)[0], depth)
        canvas.send_keys(Keys.HOME)
        self.assertEqual(self.script(here)[0], 0)
        self.assertIn("The problem", self.find(said).get_attribute("textContent"))
        canvas.send_keys(Keys.ARROW_RIGHT)
        canvas.send_keys(Keys.ARROW_DOWN)
        self.assertEqual(self.script(here), [1, 1], "the second step below the problem")
        canvas.send_keys(Keys.END)
        self.assertTrue(self.script("return current[0].view.selected === current[0].view.tree.best"))
        scale = self.script("return current[0].view.scale")
        canvas.send_keys("-")
        self.assertLess(self.script("return current[0].view.scale"), scale)
        canvas.send_keys("0")
        self.until(lambda: self.script("return current[0].view.follows"), "all of it is in view again")

    def test_a_click_shows_a_step_in_full(self):
        self.ask(strategies=("best-of-n",))
        place = self.script("""
            const view = current[0].view, box = view.tree.boxes.find(one => one.fate === 'dropped' || one.fate === 'kept'), rect = view.canvas.getBoundingClientRect();
            view.show(box); view.select(view.tree.best);
            window.wanted = box;
            return [view.left(box) * view.scale + view.x + 4 - rect.width / 2, view.top(box) * view.scale + view.y + 4 - rect.height / 2];
            """)
        from selenium.webdriver.common.action_chains import ActionChains
        ActionChains(self.driver).move_to_element_with_offset(self.find("canvas"), int(place[0]), int(place[1])).click().perform()
        self.assertTrue(self.script("return current[0].view.selected === wanted"))
        self.assertIn(self.script("return wanted.text.trim()"), self.find(".path li.on").text)

    def test_phone(self):
        self.size(390, 844, phone=True)
        reports = self.ask(HARD)
        self.shows(0, reports[0])
        self.fits()
        first, second = [one.rect for one in self.all(".run")]
        self.assertGreater(second["y"], first["y"] + first["height"] - 1, "one below the other")
        for button in self.all(".tools button"):
            self.assertGreaterEqual(button.rect["width"], 24, "wide enough for a finger")
        self.picture("serve-phone")

    def test_dark_and_light(self):
        self.ask(HARD, strategies=("best-of-n", "dvts"))
        words = ["h1", ".run h2", ".run .faint", ".answer b", ".votes .count", ".path li", "#hint", "label", "footer a", "#ask"]
        for is_dark in [False, True]:
            self.dark(is_dark)
            back = self.script("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
            self.assertEqual(sum(back) < 200, is_dark)
            for selector in words:
                self.assertGreaterEqual(self.contrast(selector), 4.5, f"{selector}, dark: {is_dark}")
            # The canvas follows: its ground is the panel's.
            pixel = "const c = document.querySelector('canvas'); return [...c.getContext('2d').getImageData(2, c.height - 2, 1, 1).data].slice(0, 3).reduce((a, b) => a + b)"
            self.until(lambda: (self.script(pixel) < 200) == is_dark, "the tree follows the light")
            self.picture("serve-dark" if is_dark else "serve-light")

    def test_what_is_typed_stays_text(self):
        self.ask("<img src=x onerror='document.title=1'> What is 3 plus 4? <script>document.title=2</script>", strategies=("greedy",), budget="1")
        self.assertEqual(self.script("return document.title"), "Stratagem")
        self.assertEqual(self.all("img"), [])

    def test_a_refusal_is_said(self):
        self.open(self.address)
        self.until(lambda: len(self.all("#s0 option")) > 3, "the strategies are there")
        self.logs = ["400 (Bad Request)"]
        self.find("#b0").clear()
        self.find("#b0").send_keys("many")
        self.find("#ask").click()
        self.until(lambda: self.all(".run .bad"), "an error is shown")
        self.assertIn("many", self.find(".run .bad").text)

    def test_a_run_that_is_not_there(self):
        self.logs = ["404 (Not Found)"]
        self.open(self.address + "/#run=" + "0" * 32)
        self.until(lambda: self.all(".run .bad"), "an error is shown")


if __name__ == "__main__":
    unittest.main(verbosity=2)
