import ArgumentParser
import EndpointBackend
import Engine
import LlamaBackend
import SearchCore

struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Print a bundle to start from, for a GGUF file or a server.",
        discussion: """
            Reads a GGUF file, or detects a server with OpenAI's interface, reports what it found, and \
            prints a bundle for it: its model, its context and, from a file or llama-server, the model's own \
            chat template.

            Examples:
              stratagem bundle my-model.gguf > my.toml
              stratagem bundle http://localhost:8000/v1 > my.toml
              stratagem bundle https://host/v1 --model NAME --key-env MY_KEY > my.toml
              stratagem eval --bundle my.toml --strategy majority --budget 8

            Exit status: 0 done; 2 refused (no such file or server, another interface, no such model).
            """)

    @Argument(help: ArgumentHelp("A GGUF file, or a server's address.", valueName: "source"))
    var source: String

    @Option(help: ArgumentHelp("The server's model, if it has several.", valueName: "name"))
    var model: String?

    @Option(
        name: .customLong("key-env"),
        help: ArgumentHelp("The environment variable that holds the server's key.", valueName: "variable"))
    var keyVariable: String?

    @Flag(help: "Use a plain prompt with two examples instead of the file's chat template.")
    var plain = false

    mutating func run() throws {
        guard source.contains("://") else {
            let starter = try GGUFStarter.make(ModelName.file(source), plain: plain)
            Output.note("\(source): \(starter.summary)")
            return Output.text(starter.text)
        }
        let starter = try StarterBundle.ask(source, model: model, keyVariable: keyVariable)
        Output.note("\(source): \(starter.profile.summary)")
        Output.text(starter.text)
    }
}
