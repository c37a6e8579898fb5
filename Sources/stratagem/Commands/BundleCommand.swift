import ArgumentParser
import EndpointBackend
import SearchCore

struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Write a bundle to start from, for a server.",
        discussion: """
            Asks a server with OpenAI's interface what it is, says what it found, and prints a bundle for \
            it: its model, its context and, from llama-server, the model's own chat template.

            Examples:
              stratagem bundle http://localhost:8000/v1 > my.toml
              stratagem bundle https://host/v1 --model NAME --key-env MY_KEY > my.toml
              stratagem eval --bundle my.toml --strategy majority --budget 8

            Exit status: 0 done; 2 refused (no server there, another interface, no such model).
            """)

    @Argument(help: "The server's address.")
    var url: String

    @Option(help: ArgumentHelp("Which of its models, if it has several.", valueName: "name"))
    var model: String?

    @Option(name: .customLong("key-env"), help: ArgumentHelp("The environment variable that holds the server's key.", valueName: "variable"))
    var keyVariable: String?

    mutating func run() throws {
        let starter = try StarterBundle.ask(url, model: model, keyVariable: keyVariable)
        Output.note("\(url): \(starter.profile.summary)")
        Output.text(starter.text)
    }
}
