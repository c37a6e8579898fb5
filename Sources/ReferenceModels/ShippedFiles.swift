import Foundation
import SearchCore

/// The data sets and bundles that come with Stratagem, by short names: `test`, `reference-pair`.
public enum ShippedFiles {
    /// What a name may stand for.
    public enum Kind: Sendable {
        /// Problems with answers.
        case data
        /// Models.
        case bundle

        fileprivate var files: [(name: String, file: String)] {
            switch self {
            case .data: [("test", "test-500.jsonl"), ("dev", "dev-500.jsonl"), ("train", "train-sample.jsonl")]
            case .bundle: ["reference", "reference-pair", "reference-rollout"].map { ($0, $0 + ".toml") }
            }
        }

        fileprivate var noun: String { self == .data ? "data set" : "bundle" }
        fileprivate var code: ErrorCode { self == .data ? .badData : .badBundle }
        fileprivate var remedy: String {
            self == .data
                ? "Or pass a file of JSON lines: {\"problem\": \"…\", \"answer\": \"…\"}"
                : "Or name a bundle's TOML file"
        }
    }

    /// The short names of a kind.
    public static func names(_ kind: Kind) -> [String] { kind.files.map(\.name) }

    /// The path that was meant: a shipped file's for its short name, else what was typed.
    ///
    /// - Throws: a name that is neither a file's nor shipped, with the nearest that is; one that is both.
    public static func path(
        _ typed: String, _ kind: Kind, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(StratagemError) -> String {
        guard !typed.contains("/"), !typed.isEmpty else { return typed }
        var isFolder: ObjCBool = false
        let isThere = unsafe FileManager.default.fileExists(atPath: typed, isDirectory: &isFolder)
        guard let shipped = kind.files.first(where: { $0.name == typed }) else {
            if isThere { return typed }
            let names = kind.files.flatMap { [$0.name, $0.file] }
            throw StratagemError(
                .user, kind.code,
                "\(typed): there is no such file, and no shipped \(kind.noun) of that name\(Nearest.suggestion(typed, among: names)). "
                    + "Shipped are \(kind.files.map(\.name).joined(separator: ", ")). \(kind.remedy)")
        }
        guard !isThere || isFolder.boolValue else {
            throw StratagemError(
                .user, .ambiguousName,
                "\(typed) is a shipped \(kind.noun), and a file here is called so too. Write ./\(typed) for the file, or rename it"
            )
        }
        return try ReferenceModels.find(environment: environment).folder + "/" + shipped.file
    }
}
