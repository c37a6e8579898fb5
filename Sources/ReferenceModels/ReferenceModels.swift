import Foundation
import LanguageModels
import SearchCore

/// The models that come with Stratagem, found wherever the program lies.
///
/// SwiftPM's own `Bundle.module` is not asked: it ends the process where the
/// resources are missing, and looks in the build folder of another machine first.
public struct ReferenceModels: Sendable, Equatable {
    public let folder: String
    /// The bundle: `LanguageModels.BundleReader` reads it.
    public var bundle: String { folder + "/reference.toml" }
    /// 500 problems that no model was trained on.
    public var testProblems: String { folder + "/test-500.jsonl" }

    /// Looks in `STRATAGEM_MODELS`, beside the program, in `share/stratagem` of the
    /// program's prefix.
    public static func find(environment: [String: String] = ProcessInfo.processInfo.environment) throws(StratagemError)
        -> ReferenceModels
    {
        if let named = environment["STRATAGEM_MODELS"], !named.isEmpty {
            guard isHere(named) else {
                throw missing("STRATAGEM_MODELS names \(named), where there is no reference.toml. Correct or unset it")
            }
            return ReferenceModels(folder: named)
        }
        let places = standardFolders(program: program)
        guard let place = places.first(where: isHere) else {
            throw missing(
                "the reference models were not found (looked in \(places.joined(separator: ", "))). Run 'make build' in the repository, set STRATAGEM_MODELS to their folder, or pass --bundle FILE.toml"
            )
        }
        return ReferenceModels(folder: place)
    }

    static func standardFolders(program: String) -> [String] {
        let folder = URL(fileURLWithPath: program).deletingLastPathComponent()
        return [
            folder.appendingPathComponent("stratagem_ReferenceModels.resources/Resources").path,
            folder.deletingLastPathComponent().appendingPathComponent("share/stratagem").standardizedFileURL.path,
        ]
    }

    /// Not `argv[0]`, which says whatever the caller wants.
    private static var program: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments.first
            ?? ""
    }

    private static func isHere(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/reference.toml")
    }

    private static func missing(_ message: String) -> StratagemError {
        StratagemError(.user, .noReferenceModels, message)
    }
}
