import Foundation
import Locking
import SearchCore
import Studies

/// The program that draws. It is looked for when it is needed: a report without
/// pictures is none, and nothing else in the host wants it.
public struct Gnuplot: Sendable {
    let path: String
    /// For one figure, which takes a second on a busy machine.
    var seconds = 60.0

    /// Programs that draw just now, and the folders that they draw in.
    private static let running = Locked<[String: Int32]>([:])

    /// Ends whatever draws just now, and removes its files: for a program that is about to end.
    public static func abandon() {
        for (folder, process) in running.withLock({ $0 }) {
            kill(process, SIGKILL)
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    /// - Parameter folders: as in `PATH`.
    public static func find(in folders: String? = ProcessInfo.processInfo.environment["PATH"]) throws(StratagemError)
        -> Gnuplot
    {
        for folder in (folders ?? "").split(separator: ":") {
            let path = "\(folder)/gnuplot"
            if FileManager.default.isExecutableFile(atPath: path) { return Gnuplot(path: path) }
        }
        throw StratagemError(
            .user, .noGnuplot,
            "the figures are drawn by gnuplot (5.2 or later), which is not in PATH. Install it: apt-get install gnuplot-nox, or brew install gnuplot"
        )
    }

    /// One figure as SVG, in the light colours of `Ink`.
    func draw(_ figure: Figure) throws(StratagemError) -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "stratagem-report-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appendingPathComponent("figure.gp"), drawing = folder.appendingPathComponent("figure.svg")
        let words = folder.appendingPathComponent("words.txt")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(GnuplotScript(figure).text.utf8).write(to: script)
            for file in [drawing, words] { try Data().write(to: file) }
        } catch {
            throw StratagemError(
                .host, .cannotWrite,
                "the figure '\(figure.id)' cannot be drawn: the folder for temporary files, \(folder.deletingLastPathComponent().path), cannot be written to: \(error.localizedDescription). Free some space there, or name another folder with TMPDIR"
            )
        }
        do {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            // -d: as shipped, whatever the user's own gnuplotrc says.
            process.arguments = ["-d", script.path]
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: drawing)
            process.standardError = try FileHandle(forWritingTo: words)
            try run(process, in: folder, figure)
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

    private func run(_ process: Process, in folder: URL, _ figure: Figure) throws {
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        let identifier = process.processIdentifier
        Self.running.withLock { $0[folder.path] = identifier }
        defer { _ = Self.running.withLock { $0.removeValue(forKey: folder.path) } }
        let isLate = ended.wait(timeout: .now() + seconds) == .timedOut
        if isLate { kill(identifier, SIGKILL) }
        process.waitUntilExit()
        guard isLate else { return }
        throw StratagemError(
            .host, .gnuplotFailed,
            "\(path), which is gnuplot, had not drawn the figure '\(figure.id)' after \(Readable.count(Int(seconds.rounded(.up)), "second")) and was ended. Try it by itself: \(path) -d -e 'set terminal svg; plot x'"
        )
    }

    private func failure(_ figure: Figure, _ why: String) -> StratagemError {
        let line =
            why.split(whereSeparator: \.isNewline).map(String.init).last { !$0.allSatisfy { $0 == " " || $0 == "^" } }
            ?? why
        return StratagemError(
            .host, .gnuplotFailed,
            "\(path) did not draw the figure '\(figure.id)': \(line.prefix(300)). It must be version 5.2 or later, with its SVG terminal, and the folder for temporary files must have room"
        )
    }
}
