import Foundation
import LanguageModels
import LlamaBackend
import ReferenceModels
import ScriptedModel
import SearchCore

/// From a bundle's file to a model source.
enum ModelFiles {
    /// A hand-made tree is a page of text too.
    private static let scriptBytesMax = 64 << 20

    static func open(_ options: EngineOptions) throws(StratagemError) -> any ModelSource {
        let file = if let named = options.bundle { named } else { try ReferenceModels.find().bundle }
        if file.hasSuffix(".script") { return try script(file) }
        let bundle = try BundleReader.read(file: file)
        return try LlamaModelSource(bundle: bundle, options: .init(lanes: options.lanes, threadsPerLane: options.threads))
    }

    /// In place of a model, a hand-made tree (see `Script`): to try a strategy on
    /// what one can work out by hand.
    private static func script(_ file: String) throws(StratagemError) -> any ModelSource {
        guard let data = FileManager.default.contents(atPath: file), data.count <= scriptBytesMax,
              let text = String(validating: data, as: UTF8.self) else {
            throw StratagemError(.user, "bad_bundle", "\(file): the script cannot be read as text. Check the path and its permissions")
        }
        return ScriptedSource(try Script(parsing: text))
    }
}
