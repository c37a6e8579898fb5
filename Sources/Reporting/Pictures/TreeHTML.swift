import SearchCore
import Studies

/// A search tree as one HTML page: the drawing, the vote, and the text of
/// whatever step is pointed at or clicked. No other file, no network.
public enum TreeHTML {
    public static func draw(_ picture: TreePicture) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Markup.escaped(picture.title))</title>
        <style>
        \(style)</style>
        </head>
        <body>
        <header>
        <h1>\(Markup.escaped(picture.title))</h1>
        <p class="problem">\(Markup.escaped(picture.problem))</p>
        <p class="answer">\(picture.answer.map { "Answer <b>\(Markup.escaped($0))</b>" } ?? "No answer")</p>
        \(votes(picture.votes, best: picture.answer))
        <p class="cost">\(cost(picture.cost))</p>
        </header>
        <main>
        <div class="tree">
        \(TreeSVG.element(picture))</div>
        <aside><p class="hint">Point at a step to see how it came about; click, or go there with the Tab key, to keep it.</p><div id="path" aria-live="polite"></div></aside>
        </main>
        <script>
        const steps = \(Markup.script(data(picture)));
        \(script)</script>
        </body>
        </html>

        """
    }

    private static func votes(_ votes: [Vote], best: String?) -> String {
        guard let heaviest = votes.map(\.weight).max(), !votes.isEmpty else { return "" }
        let rows = votes.prefix(12).map { vote in
            let share = heaviest > 0 ? vote.weight / heaviest * 100 : 0
            return
                "<tr\(vote.answer == best ? " class=\"best\"" : "")><td>\(Markup.escaped(TreePicture.shorten(vote.answer, 40)))</td>"
                + "<td class=\"bar\"><i style=\"width:\(Markup.number(share))%\"></i></td>"
                + "<td>\(Readable.fixed(vote.weight, 2))</td><td>\(vote.count)×</td></tr>"
        }
        return "<table><caption>Vote</caption>\(rows.joined())</table>"
    }

    private static func cost(_ cost: Cost) -> String {
        "\(Readable.count(cost.generations, "generation")), \(Readable.count(cost.tokens, "token")) sampled, "
            + "\(Readable.count(cost.promptTokens)) prompt tokens, \(Readable.count(cost.verifierTokens)) verifier tokens, "
            + "\(Readable.flops(cost.flops)), \(Readable.seconds(cost.seconds))"
    }

    private static func data(_ picture: TreePicture) -> JSON {
        .array(
            picture.steps.map { step in
                let ending: JSON =
                    switch step.ending {
                    case .open: .null
                    case .finished: .string(step.answer.map { "answer \($0)" } ?? "finished, no answer found")
                    case .truncated: "cut by a token limit"
                    }
                return [
                    "parent": step.parent.map(JSON.int) ?? .null,
                    "text": .string(step.kind == .root && step.text.isEmpty ? picture.problem : step.text),
                    "score": JSON(step.score),
                    "count": .int(step.count),
                    "end": ending,
                ]
            })
    }

    private static var scoreRules: String {
        ScoreColour.buckets.map { bucket in
            ".s\(bucket) { fill: \(ScoreColour(bucket: bucket).mixed(with: .night, 0.5).hex) }\n"
        }.joined()
    }

    private static let style = """
        :root { color-scheme: light dark; --page: #ffffff; --ink: #1c1e22; --faint: #6b7078; --rule: #d3d6db; --kept: #8b929c; --best: #00796b; --panel: #f6f7f8 }
        body { margin: 0; font: 14px/1.45 system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; background: var(--page); color: var(--ink) }
        header { padding: 20px 24px 4px; max-width: 75ch }
        h1 { font-size: 18px; margin: 0 0 6px }
        p { margin: 4px 0 } .cost { white-space: nowrap } .cost, .hint { color: var(--faint) } .problem { white-space: pre-wrap }
        .answer b, tr.best td { color: var(--best) }
        table { border-collapse: collapse; margin: 8px 0 } caption { text-align: left; color: var(--faint) }
        td { padding: 1px 10px 1px 0 } .bar { width: 180px } .bar i { display: block; height: 10px; background: var(--kept); border-radius: 2px }
        tr.best .bar i { background: var(--best) }
        main { display: flex; align-items: flex-start; border-top: 1px solid var(--rule) }
        .tree { overflow: auto; flex: 1; max-height: 100vh }
        svg { display: block } .page { fill: var(--page) } svg .ink { fill: var(--ink) } svg .faint { fill: var(--faint) } svg .best { fill: var(--best) }
        .line.won { stroke: var(--best) } .line.kept { stroke: var(--kept) } .line.dropped { stroke: var(--rule) }
        .step { cursor: pointer } .step.dropped .shape { stroke: var(--rule) } .step.on .shape { stroke: var(--ink); stroke-width: 2.5 }
        aside { position: sticky; top: 0; width: 320px; min-height: 60vh; max-height: 100vh; overflow: auto; box-sizing: border-box; padding: 12px 16px; background: var(--panel); border-left: 1px solid var(--rule) }
        aside div div { white-space: pre-wrap; padding: 5px 0; border-bottom: 1px solid var(--rule) } aside span { float: right; font-weight: 600; margin-left: 8px }
        @media (max-width: 800px) { main { display: block } aside { position: static; width: auto; border-left: 0 } }
        @media (prefers-color-scheme: dark) {
        :root { --page: #181a1f; --ink: #e7e9ec; --faint: #9aa1ab; --rule: #363b44; --kept: #7d8591; --best: #4fd1bd; --panel: #1f2228 }
        .shape { fill: #2a2e36 }
        \(scoreRules)}

        """

    private static let script = """
        const panel = document.getElementById('path');
        const shapes = [...document.querySelectorAll('.step')];
        let held = null;
        function show(index) {
          for (const shape of shapes) shape.classList.remove('on');
          const path = [];
          for (let at = index; at !== null; at = steps[at].parent) path.unshift(at);
          for (const at of path) shapes[at].classList.add('on');
          panel.replaceChildren(...path.map(at => {
            const row = document.createElement('div');
            if (steps[at].score !== null) {
              const score = document.createElement('span');
              score.textContent = steps[at].score.toFixed(2);
              row.append(score);
            }
            if (steps[at].count > 1) row.append(steps[at].count + '× ');
            row.append(steps[at].text.trimEnd() + (steps[at].end ? '\\n→ ' + steps[at].end : ''));
            return row;
          }));
        }
        const best = shapes.findLastIndex(shape => shape.classList.contains('won'));
        if (best > 0) show(best);
        for (const shape of shapes) {
          const index = Number(shape.dataset.step);
          shape.tabIndex = 0;
          shape.addEventListener('focus', () => { held = index; show(index); });
          shape.addEventListener('mouseenter', () => { if (held === null) show(index); });
          shape.addEventListener('click', () => show(index));
          shape.addEventListener('blur', () => { held = null; });
        }

        """
}
