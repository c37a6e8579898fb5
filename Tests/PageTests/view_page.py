"""`view` in a real browser: a small study with each filter, traces, and a tree of ten thousand steps."""
import json
import sqlite3
import subprocess
import time
import unittest

from browser import PROGRAM, PageTest, run

def study(path, *more):
    run("eval", "--limit", 14, "--out", path, "--resume", "--strategy", "best-of-n", "--strategy", "majority", "--strategy", "beam-search", "--budget", "8,tokens=150", *more)
    return path


class ViewPage(PageTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store = study(cls.folder / "study.db")
        cls.address = cls.program("view", cls.store).address

    def sql(self, text):
        connection = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)
        try:
            return connection.execute(text).fetchall()
        finally:
            connection.close()

    def show(self, place="", address=None):
        self.open((address or self.address) + "/" + place)
        self.until(lambda: self.find("#found").text != "", "the table is there")

    def rows(self):
        return self.script("return [...document.querySelectorAll('#table tbody tr')].map(one => one.dataset.run)")

    def check(self, box, condition):
        """Ticks a filter; the table then has the runs that SQL finds. Returns them."""
        before = self.find("#found").text
        self.find(f"#{box}").click()
        wanted = [f"{cell}-{problem}" for cell, problem in self.sql(f"SELECT cell, problem FROM runs r WHERE {condition} ORDER BY cell, problem")]
        self.assertGreater(len(wanted), 0, "the study has such a run")
        self.until(lambda: sorted(self.rows()) == sorted(wanted), f"{box}: {len(wanted)} rows, {before} before")
        self.assertIn(f"of {len(wanted)} row", self.find("#found").text)
        self.assertIn(f"{box}=1", self.script("return location.hash"))
        return wanted

    def test_all_runs(self):
        self.show()
        count = self.sql("SELECT count(*) FROM runs")[0][0]
        self.assertEqual(self.find("#found").text, f"1–{min(100, count)} of {count} rows")
        self.assertIn("study.db", self.find("#origin").text)
        self.assertFalse(self.find("#form").is_displayed(), "nothing can be asked here")
        self.assertFalse(self.find("#later").is_displayed())
        right = self.sql("SELECT count(*) FROM runs WHERE correct")[0][0]
        self.assertEqual(len(self.all("#table .right")), right)
        self.picture("view-wide")

    def test_wrong(self):
        self.show()
        self.check("wrong", "NOT correct")
        self.assertEqual(self.all("#table .right"), [])

    def test_truncated(self):
        self.show()
        self.check("truncated", "truncated > 0")

    SPLIT = "(SELECT weight FROM votes WHERE run = r.id AND rank = 1) * 2 >= (SELECT weight FROM votes WHERE run = r.id AND rank = 0)"

    def test_split_votes(self):
        self.show()
        self.check("split", self.SPLIT)

    def test_filters_together_and_their_address(self):
        self.show()
        self.check("wrong", "NOT correct")
        wanted = self.check("split", f"NOT correct AND {self.SPLIT}")
        self.show(self.script("return location.hash"))
        self.until(lambda: sorted(self.rows()) == sorted(wanted), "the address says it all")
        self.assertTrue(self.find("#wrong").is_selected())

    def test_one_strategy(self):
        self.show()
        cell = self.sql("SELECT id FROM cells WHERE strategy = 'majority' AND budget = '8'")[0][0]
        self.choose("#cell", cell)
        self.until(lambda: len(self.rows()) == 14, "14 problems")
        self.assertTrue(all(one.startswith(f"{cell}-") for one in self.rows()))

    def test_two_that_disagree_open_side_by_side(self):
        self.show()
        first = self.sql("SELECT id FROM cells WHERE strategy = 'best-of-n' AND budget = '8'")[0][0]
        second = self.sql("SELECT id FROM cells WHERE strategy = 'majority' AND budget = '8'")[0][0]
        self.choose("#cell", first)
        self.choose("#beside", second)
        self.until(lambda: len(self.rows()) == 14, "both of 14 problems")
        self.find("#disagree").click()
        wanted = [f"{first}-{problem},{second}-{problem}" for problem, in self.sql(
            f"SELECT a.problem FROM runs a JOIN runs b ON a.problem = b.problem WHERE a.cell = {first} AND b.cell = {second} "
            "AND a.answer IS NOT b.answer AND NOT (a.correct AND b.correct) ORDER BY 1")]
        self.assertGreater(len(wanted), 0)
        self.until(lambda: self.rows() == wanted, f"{len(wanted)} disagree")
        self.find("#table tbody tr a").click()
        self.runs_are_over(2)
        self.picture("view-pair")
        boxes = [one.rect for one in self.all(".run")]
        self.assertEqual(boxes[0]["y"], boxes[1]["y"])
        answers = self.sql(f"SELECT answer, correct FROM runs WHERE problem = {wanted[0].split('-')[-1]} AND cell IN ({first}, {second}) ORDER BY cell = {second}")
        for (answer, correct), shown in zip(answers, self.texts(".run .answer")):
            self.assertIn(f"Answer {answer or 'none'}" if answer else "none was found", shown)
            self.assertIn("(right)" if correct else "(wrong", shown)
        # The problem in full, and the same from its address.
        self.assertTrue(self.find("#question").is_displayed())
        self.show(self.script("return location.hash"))
        self.runs_are_over(2)
        self.assertEqual(len(self.all("#table tr.on")), 1)

    def test_a_run_is_its_tree(self):
        cell, problem, run_id, answer = self.sql("SELECT r.cell, r.problem, r.id, r.answer FROM runs r JOIN cells c ON c.id = r.cell WHERE c.strategy = 'best-of-n' AND c.budget = '8' AND correct LIMIT 1")[0]
        self.show(f"#run={cell}-{problem}")
        self.runs_are_over(1)
        votes = self.sql(f"SELECT answer, weight, count FROM votes WHERE run = {run_id} ORDER BY rank")
        shown = [" ".join(part.text for part in row.find_elements("css selector", ".name, .count")) for row in self.all(".votes li")]
        self.assertEqual(shown, [f"{answer} {weight:.2f} · {count}×" for answer, weight, count in votes[:8]])
        texts = [text for text, in self.sql(f"SELECT t.text FROM candidates c JOIN texts t ON t.id = c.text WHERE c.run = {run_id} ORDER BY c.rank")]
        chosen = self.script("const path = []; for (let at = current[0].view.tree.best; at.kind !== 'root'; at = at.parent) path.unshift(at.text); return path;")
        self.assertEqual("".join(chosen), texts[0])
        self.assertGreater(len(chosen), 1, "a box a step")
        # Equal steps are one box: fewer boxes than steps, and the counts say how many.
        steps = sum(len(text.strip().split("\n")) for text in texts)
        boxes = self.script("return current[0].view.tree.boxes.filter(box => box.kind !== 'root').map(box => box.count)")
        self.assertEqual(sum(boxes), steps)
        self.assertLess(len(boxes), steps)
        self.assertIn("--trace run.jsonl", self.find("details pre").get_attribute("textContent"))

    def test_the_command_that_it_names_shows_all_of_it(self):
        """What a store left out is there again: the same search, from the page's own words."""
        # A problem on which samples go many ways, so that the beam gives something up.
        problem = self.sql("SELECT r.problem FROM runs r JOIN cells c ON c.id = r.cell JOIN votes v ON v.run = r.id WHERE c.strategy = 'majority' AND c.budget = '8' "
                           "GROUP BY r.problem ORDER BY count(*) DESC, r.problem LIMIT 1")[0][0]
        cell = self.sql("SELECT id FROM cells WHERE strategy = 'beam-search' AND budget = '8'")[0][0]
        self.show(f"#run={cell}-{problem}")
        self.runs_are_over(1)
        kept = self.script("return current[0].view.tree.boxes.length")
        answer = self.find(".answer b").text
        command = self.find("details pre").get_attribute("textContent").split(" && ")[0].replace("stratagem ", PROGRAM + " ", 1)
        subprocess.run(command, shell=True, cwd=self.folder, check=True, capture_output=True)
        viewer = self.program("view", self.folder / "run.jsonl")
        self.show("", viewer.address)
        self.find("#table tbody tr a").click()
        self.runs_are_over(1)
        self.assertEqual(self.find(".answer b").text, answer)
        self.assertGreater(self.script("return current[0].view.tree.boxes.length"), kept)
        self.assertTrue(self.script("return current[0].view.tree.boxes.some(box => box.fate === 'dropped')"))
        self.assertFalse(self.find("#wrong").is_enabled(), "a trace has no reference answer")
        self.picture("view-trace")
        self.assertEqual(viewer.interrupt(), 0, "Ctrl-C")

    def test_beside(self):
        self.show()
        links = [one for one in self.all("#table a") if one.text == "beside"]
        self.find("#table tbody tr a").click()
        self.runs_are_over(1)
        links[20].click()
        self.runs_are_over(2)

    def test_without_texts(self):
        viewer = self.program("view", study(self.folder / "bare.db", "--no-texts"))
        self.show("", viewer.address)
        self.assertIn("--no-texts", self.find("#lacking").text)
        cell = self.script("return study.cells.find(one => one.name === 'best-of-n@8').id")
        self.show(f"#run={cell}-0", viewer.address)
        self.runs_are_over(1)
        self.assertIn("not kept", self.find(".path").text)
        self.assertGreater(self.script("return current[0].view.tree.boxes.length"), 8)

    def test_texts_stay_text(self):
        problem = "<img src=x onerror='document.title=1'>What is 3 plus 4?</td></script><b>bold</b>"
        data = self.folder / "hostile.jsonl"
        data.write_text(json.dumps({"question": problem, "answer": "#### <i>7</i>"}) + "\n")
        run("eval", "--data", data, "--out", self.folder / "hostile.db", "--strategy", "best-of-n", "--budget", 4)
        viewer = self.program("view", self.folder / "hostile.db")
        self.show("", viewer.address)
        self.assertEqual(self.find("#table tbody a").text, "#0 " + problem)
        self.find("#table tbody tr a").click()
        self.runs_are_over(1)
        self.assertEqual(self.find("#question").text, problem)
        self.assertEqual(self.all("img, #study b, #study i, .run td"), [])
        self.assertTrue(self.script("return document.title").startswith("hostile.db"))

    def test_while_it_is_written(self):
        path = self.folder / "growing.db"
        # Long enough to be looked at; ended when it was.
        writing = subprocess.Popen([PROGRAM, "eval", "--strategy", "best-of-n", "--budget", "64", "--out", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            def count():
                try:
                    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
                    return connection.execute("SELECT count(*) FROM runs").fetchone()[0]
                except sqlite3.Error:
                    return 0
            self.until(lambda: count() > 0, "a first run is in it")
            viewer = self.program("view", path)
            self.show("", viewer.address)
            first = self.script("return study.runs")
            self.assertIn("of 500 runs", self.find("#origin").text)
            self.until(lambda: count() > first, "more runs")
            self.find("#again").click()
            self.until(lambda: self.script("return study.runs") > first, "the page has them too")
        finally:
            writing.terminate()
            writing.wait()

    def test_phone_and_dark(self):
        self.size(390, 844, phone=True)
        self.dark(True)
        self.show()
        self.fits()
        self.picture("view-phone-table", whole=False)
        self.find("#table tbody tr a").click()
        self.runs_are_over(1)
        self.fits()
        for selector in ["#origin", "td .faint, td.number", ".right", ".bad", "#found", "h1"]:
            if self.all(selector):
                self.assertGreaterEqual(self.contrast(selector), 4.5, selector)
        self.picture("view-phone-dark")
        self.size(1400, 1000)
        self.picture("view-dark")

    def test_foreign_pages_and_names_are_refused(self):
        import http.client
        port = int(self.address.split(":")[-1])
        for headers, status in [({"Host": "evil.example"}, 421), ({"Host": f"127.0.0.1:{port}", "Origin": "http://evil.example"}, 403), ({"Host": f"127.0.0.1:{port}"}, 200)]:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/v1/study", headers=headers)
            self.assertEqual(connection.getresponse().status, status, headers)
            connection.close()


class LargeTree(PageTest):
    """A run of more than ten thousand steps, and how fast it is drawn. The figures are printed: machines differ."""

    def trace(self, samples):
        header = {"version": 1, "strategy": "best-of-n", "strategyID": "made", "pluginHash": "", "bundle": "made", "problems": ["How many?"], "params": {}, "limits": {"generations": samples}, "seed": 0}
        steps = 8

        def node(number, kind, parent, text, ends, scores, ending, answer):
            return {"id": number, "kind": kind, "parent": parent, "problem": 0, "depth": len(ends), "text": text, "stepEnds": ends, "tokens": 9, "logProbability": -1, "ending": ending,
                    "stepScores": scores, **({"score": scores[-1]} if scores else {}), **({"answer": answer} if answer else {})}
        nodes = [node(1, "root", 0, "", [], [], "open", None)]
        cost = {"generations": 0, "tokens": 0, "prompt_tokens": 9, "verifier_tokens": 0, "flops": 0, "seconds": 0, "wasted_tokens": 0}
        for sample in range(samples):
            parts = [f"Step {step} of sample {sample * 7919 % samples if step else sample % 40}: {sample} and {step} are {sample + step}.\n" if step > 1 else f"The first way of {sample % (40 if step == 0 else 400)}.\n" for step in range(steps)]
            ends, total = [], 0
            for part in parts:
                total += len(part)
                ends.append(total)
            nodes.append(node(sample + 2, "sampled", 1, "".join(parts), ends, [(sample * (step + 1) % 101) / 100 for step in range(steps)], "finished", str(sample % 17)))
        rounds = [{"event": 1, "told": [], "nodes": nodes[:1], "cost": cost, "asks": []}]
        for begin in range(1, len(nodes), 50):
            rounds.append({"event": 2, "told": [], "nodes": nodes[begin:begin + 50], "cost": {**cost, "tokens": 9 * (begin + 49), "generations": begin}, "asks": []})
        rounds[-1]["answers"] = [{"node": one["id"], "weight": one["score"]} for one in sorted(nodes[1:], key=lambda one: -one["score"])[:samples // 2]]
        path = self.folder / f"large-{samples}.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in [header, *rounds]))
        return path

    FRAMES = """
        const [work, done] = arguments, view = current[0].view, times = [], paints = [];
        const paint = view.paint.bind(view);
        view.paint = () => { const began = performance.now(); paint(); paints.push(performance.now() - began); };
        let last = performance.now(), count = 0;
        const frame = now => {
            times.push(now - last); last = now;
            if (++count > 180) { delete view.paint; times.shift(); times.sort((a, b) => a - b); paints.sort((a, b) => a - b); const at = (list, share) => list[Math.min(list.length - 1, Math.floor(list.length * share))];
                return done({ frames: times.length, median: at(times, .5), p95: at(times, .95), worst: times[times.length - 1], paint: at(paints, .5), paintWorst: paints[paints.length - 1], boxes: view.tree.boxes.length }); }
            view.follows = false;
            if (work === 'pan') { view.x += Math.sin(count / 9) * 30; view.y -= 20; view.draw(); }
            else if (work === 'zoom') view.zoom(count < 90 ? 1.05 : 1 / 1.05);
            else if (work === 'pan close') { view.scale = .8; view.stretch(); view.y -= 30; view.draw(); }
            else { view.follows = true; view.draw(); }
            requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
        """

    def test_ten_thousand_steps(self):
        viewer = self.program("view", self.trace(1800))
        self.driver.set_script_timeout(120)
        self.open(viewer.address)
        self.until(lambda: self.find("#found").text != "", "the table is there")
        began = time.monotonic()
        self.find("#table tbody tr a").click()
        self.runs_are_over(1)
        opened = time.monotonic() - began
        boxes = self.script("return current[0].view.tree.boxes.length")
        self.assertGreater(boxes, 10_000)
        self.picture("large-all")
        print(f"\n{boxes:,} boxes, opened in {opened:.2f} s")
        for work in ["all of it", "zoom", "pan", "pan close"]:
            found = self.driver.execute_async_script(self.FRAMES, work)
            print(f"{work:>10}: median frame {found['median']:.1f} ms, 95 % {found['p95']:.1f}, worst {found['worst']:.1f}; painting {found['paint']:.1f} ms, worst {found['paintWorst']:.1f}")
            # Work that grows with the square of the tree would take seconds a frame.
            self.assertLess(found["median"], 500)
        self.picture("large-close")
        self.assertGreater(self.script("const c = document.querySelector('canvas'); return new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"), 20)


if __name__ == "__main__":
    unittest.main(verbosity=2)
