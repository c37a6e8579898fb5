import Foundation
import SearchCore

/// The program that draws. It is looked for when it is needed: a report without
/// pictures is none, and nothing else in the host wants it.
public struct Gnuplot: Sendable {
    let path: String

    /// - Parameter folders: as in `PATH`.
    public static func find(in folders: String? = ProcessInfo.processInfo.environment["PATH"]) throws(StratagemError) -> Gnuplot {
        for folder in (folders ?? "").split(separator: ":") {
            let path = "\(folder)/gnuplot"
            if FileManager.default.isExecutableFile(atPath: path) { return Gnuplot(path: path) }
        }
        throw StratagemError(.user, "no_gnuplot", "the figures are drawn by gnuplot (5.2 or later), which is not in PATH. Install it: apt-get install gnuplot-nox, or brew install gnuplot")
    }

    /// One figure as SVG, in the light colours of `Ink`.
    func draw(_ figure: Figure) throws(StratagemError) -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stratagem-report-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let script = folder.appendingPathComponent("figure.gp"), drawing = folder.appendingPathComponent("figure.svg")
            let words = folder.appendingPathComponent("words.txt")
            try Data(GnuplotScript(figure).text.utf8).write(to: script)
            for file in [drawing, words] { try Data().write(to: file) }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            // -d: as shipped, whatever the user's own gnuplotrc says.
            process.arguments = ["-d", script.path]
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: drawing)
            process.standardError = try FileHandle(forWritingTo: words)
            try process.run()
            process.waitUntilExit()
            let svg = try String(decoding: Data(contentsOf: drawing), as: UTF8.self)
            guard process.terminationStatus == 0, svg.contains("</svg>") else {
                let said = (try? String(decoding: Data(contentsOf: words), as: UTF8.self)) ?? ""
                throw failure(figure, said.isEmpty ? "it ended with status \(process.terminationStatus)" : said)
            }
            return svg
        } catch let error as StratagemError {
            throw error
        } catch {
            throw failure(figure, "\(error.localizedDescription)")
        }
    }

    private func failure(_ figure: Figure, _ why: String) -> StratagemError {
        let line = why.split(whereSeparator: \.isNewline).map(String.init).last { !$0.allSatisfy { $0 == " " || $0 == "^" } } ?? why
        return StratagemError(.host, "gnuplot_failed", "\(path) did not draw the figure '\(figure.id)': \(line.prefix(300)). It must be version 5.2 or later, with its SVG terminal, and the folder for temporary files must have room")
    }
}
