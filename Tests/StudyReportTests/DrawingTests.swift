import Foundation
import FoundationXML
import SearchCore
import Testing
@testable import StudyReport

@Suite struct DrawingTests {
    private func figure(_ title: String = "a title", name: String = "a name") -> Figure {
        let points = [1.0, 4, 16].map { Series.Point($0, Estimate(value: 0.5, low: 0.4, high: 0.6, problems: 9)) }
        return Figure(
            id: "test", title: title, about: "About it.",
            panels: [Panel(title: title, series: [Series(name, .beam, .dashed, points)])], x: .budget)
    }

    private func isWellFormed(_ text: String) -> Bool { XMLParser(data: Data(text.utf8)).parse() }

    @Test func textOfTheStoreIsTextAndNoCommand() throws {
        let trap = FileManager.default.temporaryDirectory.appendingPathComponent("stratagem-trap-\(UUID().uuidString)")
            .path
        let hostile = "it's'; system('touch \(trap)'); '`touch \(trap)` \\n @a ' \" <b> \n set output '\(trap)'"
        let svg = try Gnuplot.find().draw(figure(hostile, name: hostile))
        #expect(!FileManager.default.fileExists(atPath: trap))
        #expect(isWellFormed(svg) && isWellFormed(Drawing(figure(hostile, name: hostile), svg: svg).file))
    }

    @Test func everyColourFollowsTheTheme() throws {
        let drawing = Drawing(figure(), svg: try Gnuplot.find().draw(figure()))
        let known = Set(Ink.allCases.map(\.light))
        let used = drawing.element.matches(of: /(?:fill|stroke|color)=['"](#[0-9a-fA-F]{6})['"]/).map {
            String($0.1).lowercased()
        }
        #expect(!used.isEmpty && used.contains(Ink.beam.light))
        #expect(Set(used).subtracting(known).subtracting(["#ffffff"]).isEmpty)
        #expect(!drawing.element.contains("rgb("))
        #expect(drawing.file.contains("[stroke=\"#d55e00\"] { stroke: \(Ink.beam.dark) }"))
        #expect(known.count == Ink.allCases.count && Set(Ink.allCases.map(\.dark)).count == Ink.allCases.count)
    }

    @Test func idsAreTheFiguresOwn() throws {
        let element = Drawing(figure(), svg: try Gnuplot.find().draw(figure())).element
        let ids = element.matches(of: /\bid=['"]([^'"]+)['"]/).map { String($0.1) }
        #expect(!ids.isEmpty && ids.allSatisfy { $0.hasPrefix("test-") })
        let links = element.matches(of: /href=['"]#([^'"]+)['"]/).map { String($0.1) }
        #expect(!links.isEmpty && Set(links).isSubset(of: ids))
    }

    @Test func linesStandOutOnTheirPage() {
        for ink in Ink.allCases where ![Ink.grid, .page].contains(ink) {
            #expect(contrast(ink.light, Ink.page.light) >= 2.9, "\(ink) on white")
            #expect(contrast(ink.dark, Ink.page.dark) >= 3, "\(ink) on dark")
        }
    }

    /// WCAG 2's ratio.
    private func contrast(_ one: String, _ other: String) -> Double {
        func luminance(_ hex: String) -> Double {
            let value = Int(hex.dropFirst(), radix: 16) ?? 0
            let parts = [16, 8, 0].map { shift -> Double in
                let part = Double(value >> shift & 255) / 255
                return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        }
        let both = [luminance(one), luminance(other)].sorted()
        return (both[1] + 0.05) / (both[0] + 0.05)
    }

    @Test func withoutGnuplotThereIsAClearRefusal() {
        #expect { try Gnuplot.find(in: "/nowhere:/neither") } throws: { error in
            (error as? StratagemError).map {
                $0.code == .noGnuplot && $0.message.contains("apt-get install gnuplot-nox")
            } ?? false
        }
    }

    @Test func aProgramThatDoesNotDrawIsNamed() {
        #expect { try Gnuplot(path: "/bin/false").draw(figure()) } throws: {
            ($0 as? StratagemError)?.code == .gnuplotFailed
        }
        #expect { try Gnuplot(path: "/bin/true").draw(figure()) } throws: {
            ($0 as? StratagemError)?.code == .gnuplotFailed
        }
    }

    @Test func aProgramThatHangsIsEndedAndNamed() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gnuplot-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let fake = folder.appendingPathComponent("gnuplot"), begun = folder.appendingPathComponent("begun")
        try Data("#!/bin/sh\necho $$ > \(begun.path)\nexec sleep 600\n".utf8).write(to: fake)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake.path)
        #expect { try Gnuplot(path: fake.path, seconds: 2).draw(figure()) } throws: { error in
            let error = error as? StratagemError
            return error?.origin == .host && error?.code == .gnuplotFailed
                && error?.message.contains("is gnuplot, had not drawn the figure 'test' after 2 seconds") == true
        }
        // It is gone, and taken away: no process has its number.
        let process = try #require(
            Int32(String(contentsOf: begun, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(process, 0) != 0)
    }

    @Test func thePageStandsAlone() throws {
        var study = SyntheticStudy(problems: 60, samples: 16, budgets: [1, 4, 16])
        var data = study.make()
        data.source = "<script>alert(1)</script>.db"
        let page = try ReportPage(Report(data), by: Gnuplot.find())
        #expect(
            !page.html.contains("<script") && !page.html.contains("src=") && !page.html.contains("@import")
                && !page.html.contains("url("))
        let links = page.html.matches(of: /href="(http[^"]*)"/).map { String($0.1) }
        #expect(links == ["https://arxiv.org/abs/2408.03314"])
        let ids = page.html.matches(of: /\bid=['"]([^'"]+)['"]/).map { String($0.1) }
        #expect(ids.count == Set(ids).count)
        #expect(page.svgs.count == 13 && page.svgs.allSatisfy { isWellFormed($0.text) })
        #expect(page.html.contains("prefers-color-scheme: dark") && page.html.contains("@media print"))
    }
}
