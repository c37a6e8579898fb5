import Foundation
import FoundationXML
import SearchCore
import Testing
@testable import Reporting

struct PictureTests {
    /// Element names and attributes of well-formed XML.
    private final class Reader: NSObject, XMLParserDelegate {
        var counts: [String: Int] = [:]
        var steps: [String: Int] = [:]

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            counts[name, default: 0] += 1
            if let word = attributes["class"], word.hasPrefix("step ") { steps[word, default: 0] += 1 }
        }
    }

    private func read(_ svg: String) throws -> Reader {
        let reader = Reader()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        let isWellFormed = parser.parse()
        try #require(isWellFormed, "\(String(describing: parser.parserError)) at line \(parser.lineNumber)")
        return reader
    }

    @Test func beamAsSVG() throws {
        let svg = TreeSVG.draw(TreePicture(result: Samples.beam, strategy: "beam-search"))
        let reader = try read(svg)
        #expect(reader.steps == ["step won": 3, "step kept": 3, "step dropped": 3])
        #expect(svg.contains("apples &amp; buys 4 &lt;more&gt;"))
        #expect(svg.contains("= 12"))
        #expect(svg.contains("cut off"))
        save(svg, "beam.svg")
    }

    @Test(arguments: [1, 16, 64, 600]) func bestOfN(count: Int) throws {
        let svg = TreeSVG.draw(TreePicture(result: Samples.wide(count), strategy: "best-of-n"))
        let reader = try read(svg)
        #expect(reader.steps.values.reduce(0, +) == 1 + 3 * count)
        save(svg, "wide-\(count).svg")
    }

    @Test func tooManyStepsAreCounted() throws {
        let picture = TreePicture(result: Samples.wide(100), strategy: "best-of-n", limit: 50)
        #expect(picture.steps.count <= 50)
        #expect(picture.steps.count + picture.hidden == 301)
        #expect(picture.steps.contains { $0.fate == .won })
        _ = try read(TreeSVG.draw(picture))
    }

    @Test func equalGivenUpStepsShareABox() throws {
        var result = Samples.beam
        for _ in 0..<3 { _ = result.tree.append(result.tree[5]) }
        let picture = TreePicture(result: result, strategy: "beam-search")
        #expect(picture.steps.count == 9)
        #expect(picture.steps.map(\.count).max() == 4)
        let svg = TreeSVG.draw(picture)
        #expect(try read(svg).steps == ["step won": 3, "step kept": 3, "step dropped": 3])
        #expect(svg.contains("4× Bob has none."))
        #expect(svg.contains("sampled 4 times"))
    }

    @Test func emptyTreeIsDrawn() throws {
        var result = Samples.beam
        result.tree = SearchTree()
        result.candidates = []
        _ = try read(TreeSVG.draw(TreePicture(result: result, strategy: "greedy")))
    }

    @Test func boxesKeepApartAndLinesDoNotCross() {
        let picture = TreePicture(result: Samples.beam, strategy: "beam-search")
        let layout = TreeLayout(picture)
        #expect(
            Set(picture.steps.indices.filter { picture.steps[$0].fate == .won }.map { layout.y[$0] }).count == 1,
            "the chosen path is straight")
        for column in layout.columns.indices {
            let rows = picture.steps.indices.filter { picture.steps[$0].column == column }.sorted {
                layout.y[$0] < layout.y[$1]
            }
            for (above, below) in zip(rows, rows.dropFirst()) {
                #expect(layout.y[below] - layout.y[above] >= layout.metrics.rowPitch - 1e-6)
                if let first = picture.steps[above].parent, let second = picture.steps[below].parent {
                    #expect(layout.y[first] <= layout.y[second])
                }
            }
        }
    }

    @Test func page() {
        var result = Samples.beam
        result.problem.text = "</script><b>1 < 2"
        let page = TreeHTML.draw(TreePicture(result: result, strategy: "beam-search"))
        #expect(page.components(separatedBy: "</script>").count == 2)
        #expect(page.contains("prefers-color-scheme: dark"))
        #expect(
            !page.contains("http://") || page.components(separatedBy: "http://").count == 2,
            "the SVG name space is the only address")
        save(page, "beam.html")
    }

    @Test func graphviz() {
        let dot = TreeDOT.draw(TreePicture(result: Samples.beam, strategy: "beam-search"))
        #expect(dot.hasPrefix("digraph search {"))
        #expect(dot.components(separatedBy: " -> ").count == 9)
        #expect(dot.contains(#"= 7"#))
        save(dot, "beam.dot")
    }

    /// `STRATAGEM_PICTURES=folder` keeps the pictures, to be looked at.
    private func save(_ text: String, _ name: String) {
        guard let folder = ProcessInfo.processInfo.environment["STRATAGEM_PICTURES"] else { return }
        try? Data(text.utf8).write(to: URL(fileURLWithPath: folder).appendingPathComponent(name))
    }
}
