import ArgumentParser
import ReferenceModels

/// What the shell is offered for files that may also be named by a short name, of one that is shipped. Each kind has
/// endings that no other argument has: by them ``CompletionScript`` finds its places.
enum ShippedCompletions {
    static let data = CompletionKind.file(extensions: endings(.data))
    static let bundle = CompletionKind.file(extensions: endings(.bundle))

    static func endings(_ kind: ShippedFiles.Kind) -> [String] {
        switch kind {
        case .data: ["jsonl", "json", "csv", "tsv"]
        case .bundle: ["toml", "script"]
        }
    }
}
