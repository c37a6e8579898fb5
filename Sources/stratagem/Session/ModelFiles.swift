import Foundation
import LanguageModels
import LlamaBackend
import ReferenceModels
import ScriptedModel
import SearchCore

/// From `--bundle` to a model source.
enum ModelFiles {
    /// A hand-made tree is a page of text too.
    private static let scriptBytesMax = 64 << 20

    static func open(_ options: EngineOptions) throws(StratagemError) -> (any ModelSource, identity: [String]) {
        let file = if let named = options.bundle { named } else { try ReferenceModels.find().bundle }
        if file.hasSuffix(".script") { return try script(file) }
        let bundle = try BundleReader.read(file: file)
        let source = try LlamaModelSource(bundle: bundle, options: .init(lanes: options.lanes, threadsPerLane: options.threads))
        return (source, [bundle.name] + bundle.models.values.sorted { $0.role < $1.role }.map(weights))
    }

    /// Names a role's weights: trained anew, they are others.
    private static func weights(_ model: LanguageModels.Bundle.Model) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: model.gguf)
        let size = attributes?[.size] as? Int ?? 0
        let changed = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(model.role)=\(model.gguf) \(size) \(changed)"
    }

    /// In place of a model, a hand-made tree (see `Script`): to try a strategy on
    /// what one can work out by hand.
    private static func script(_ file: String) throws(StratagemError) -> (any ModelSource, identity: [String]) {
        guard let data = FileManager.default.contents(atPath: file), data.count <= scriptBytesMax,
              let text = String(validating: data, as: UTF8.self) else {
            throw StratagemError(.user, "bad_bundle", "\(file): the script cannot be read as text. Check the path and its permissions")
        }
        return (ScriptedSource(try Script(parsing: text)), [file, text])
    }
}
