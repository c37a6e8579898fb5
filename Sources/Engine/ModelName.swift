import SearchCore

/// What `--model` names without an endpoint: a GGUF file. Other names lead to an error with instructions.
public enum ModelName {
    /// - Throws: if it is not a file; the error names the remedy.
    public static func file(_ name: String) throws(StratagemError) -> String {
        if name.hasPrefix("hf:") { throw refusal(name, fetch(String(name.dropFirst(3)))) }
        if name.hasPrefix("http://") || name.hasPrefix("https://") {
            throw refusal(
                name,
                "this is an address. Name a server with --endpoint \(name); fetch a file first, and then name it: curl -L -O \(name)"
            )
        }
        if name.hasSuffix(".toml") || name.hasSuffix(".script") {
            throw refusal(name, "this is a bundle: name it with --bundle \(name)")
        }
        return name
    }

    /// The command for downloading by hand; nothing is downloaded automatically.
    private static func fetch(_ name: String) -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_./:".unicodeScalars.contains($0))
        }
        guard parts.count >= 2, isPlain, !parts.contains("") else {
            return "write a model of the Hugging Face Hub as hf:OWNER/NAME/FILE.gguf"
        }
        if let file = parts.last, parts.count > 2, file.hasSuffix(".gguf") {
            let path = parts.dropFirst(2).joined(separator: "/")
            return
                "models are not downloaded automatically. Fetch the file, then name it:\n  curl -L -o \(file) https://huggingface.co/\(parts[0])/\(parts[1])/resolve/main/\(path)\n  then: --model \(file)"
        }
        let tagged = parts[1].split(separator: ":", maxSplits: 1).map(String.init)
        let wanted = tagged.count > 1 ? "*\(tagged[1])*.gguf" : "*.gguf"
        return
            "models are not downloaded automatically. Fetch the file, then name it:\n  hf download \(parts[0])/\(tagged.first ?? "") --include \"\(wanted)\" --local-dir .\n  then: --model FILE.gguf (hf comes with: pip install huggingface_hub)"
    }

    private static func refusal(_ name: String, _ why: String) -> StratagemError {
        StratagemError(.user, .badModel, "--model \(name): \(why)")
    }
}
