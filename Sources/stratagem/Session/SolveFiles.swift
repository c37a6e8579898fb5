import Foundation
import Reporting
import SearchCore

/// The trace and the picture that `solve` was asked for.
struct SolveFiles {
    private enum Format: String, CaseIterable { case svg, html, dot }

    private var trace: OutputFile?
    private var tree: OutputFile?
    private var format = Format.svg

    var wantsTree: Bool { tree != nil }
    var wantsTrace: Bool { trace != nil }

    init(trace: String?, tree: String?) throws(StratagemError) {
        if let tree {
            let ending = URL(fileURLWithPath: tree).pathExtension.lowercased()
            guard let known = Format(rawValue: ending) else {
                throw StratagemError(
                    .user, .badPicture,
                    "--tree \(tree): the name must end in .svg, .html or .dot, which sets the format")
            }
            format = known
            self.tree = try OutputFile(tree, for: "--tree")
        }
        do {
            self.trace = try trace.map { file throws(StratagemError) in try OutputFile(file, for: "--trace") }
        } catch {
            self.tree?.discard()
            throw error
        }
    }

    func discard() {
        trace?.discard()
        tree?.discard()
    }

    /// Writes both; the second is tried even if the first fails.
    func write(_ result: RunResult, strategy: String) throws(StratagemError) {
        var failure: StratagemError?
        func attempt(_ file: OutputFile?, _ text: () -> String) {
            do throws(StratagemError) { try file?.finish(text()) } catch { failure = error }
        }
        attempt(tree) {
            let picture = TreePicture(result: result, strategy: strategy)
            return switch format {
            case .svg: TreeSVG.draw(picture)
            case .html: TreeHTML.draw(picture)
            case .dot: TreeDOT.draw(picture)
            }
        }
        attempt(trace) { result.trace.map(Self.lines) ?? "" }
        if let failure { throw failure }
    }

    /// JSON lines: the header, then a round a line.
    private static func lines(_ trace: Trace) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        func line(_ value: some Encodable) -> String {
            (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
        }
        return trace.rounds.reduce(into: line(trace.header)) { $0 += line($1) }
    }
}
