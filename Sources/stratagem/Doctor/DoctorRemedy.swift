import Foundation
import Glibc
import ReferenceModels
import SearchCore
import StrategyHost

/// Commands that mend what `doctor` has found, spelt so that they can be pasted into a shell as they are. What only
/// the reader can know is in capitals: FILE.gguf, MODEL.
enum DoctorRemedy {
    /// For an installation that is not complete: where it is, and how it came there.
    static var again: String { again(at: PluginRegistry.binaryFolder ?? "") }

    static func again(at folder: String) -> String {
        if let build = folder.range(of: "/.build/") {
            return "make -C \(ShellWord.quoted(String(folder[..<build.lowerBound]))) build"
        }
        let home = "/lib/stratagem"
        let prefix = folder.hasSuffix(home) ? " PREFIX=\(ShellWord.quoted(String(folder.dropLast(home.count))))" : ""
        return "make install\(prefix)    # in the repository; or install the package again"
    }

    /// What was named, and went wrong.
    struct Model {
        /// Nil: it is the shipped bundle.
        var bundle: String?
        /// A GGUF file in place of a bundle.
        var model: String?
        /// Of the server that was asked.
        var url: String?
        /// The file of weights, or the tree.
        var file: String?
        /// The environment variable of the server's key.
        var key: String?
    }

    static func command(for error: StratagemError, _ model: Model) -> String {
        let file = model.file ?? model.model
        switch error.code {
        case .noKey: return "export \(model.key ?? "KEY")=SECRET"
        case .commandNotAllowed: return "stratagem doctor --allow-commands\(option("--bundle", model.bundle))"
        case .unknownFunction, .wrongHook: return "stratagem plugins    # has the functions that are loaded, by name"
        case .unknownModel: return curl(model) + "    # has the names of its models"
        case .ggufUnreadable where access(file ?? "", F_OK) == 0: return "chmod u+r \(ShellWord.quoted(file ?? ""))"
        case .ggufNot, .ggufTruncated, .ggufDamaged, .ggufUnreadable:
            return fetch(file)
        default: break
        }
        if let file, access(file, F_OK) != 0, !file.hasSuffix(".script") { return fetch(file) }
        if let url = model.url { return serve(url, model) }
        if let name = model.model {
            return "stratagem bundle \(ShellWord.quoted(name)) > my.toml    # then --bundle my.toml"
        }
        return edit(model.bundle)
    }

    private static func option(_ name: String, _ value: String?) -> String {
        value.map { " \(name) \(ShellWord.quoted($0))" } ?? ""
    }

    private static func fetch(_ file: String?) -> String {
        let name = file ?? "FILE.gguf"
        let last = name.split(separator: "/").last.map(String.init) ?? "FILE.gguf"
        return
            "curl -L --create-dirs -o \(ShellWord.quoted(name)) https://huggingface.co/OWNER/NAME/resolve/main/\(last)"
    }

    private static func curl(_ model: Model) -> String {
        let header = model.key.map { " -H \"Authorization: Bearer $\($0)\"" } ?? ""
        return "curl -sS\(header) \(ShellWord.quoted((model.url ?? "URL") + "/models"))"
    }

    /// A server here can be started; of another machine's it can be seen whether it answers.
    private static func serve(_ url: String, _ model: Model) -> String {
        let parts = URLComponents(string: url)
        let isHere = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(parts?.host ?? "")
        guard isHere, parts?.scheme == "http" else { return curl(model) + "    # says whether it answers, and what" }
        let port = parts?.port ?? 80
        return "llama-server --model FILE.gguf --port \(port)    # or: vllm serve MODEL --port \(port)"
    }

    /// A bundle that is there can be corrected. For one that is not, what was meant is named, or one is begun.
    private static func edit(_ bundle: String?) -> String {
        guard let bundle else { return again }
        if access(bundle, F_OK) == 0 { return "${EDITOR:-nano} \(ShellWord.quoted(bundle))    # docs/bundles.md" }
        if !bundle.contains("/"), let meant = Nearest.name(bundle, among: ShippedFiles.names(.bundle)) {
            return "stratagem doctor --bundle \(meant)"
        }
        return "stratagem bundle FILE.gguf > \(ShellWord.quoted(bundle))"
    }
}
