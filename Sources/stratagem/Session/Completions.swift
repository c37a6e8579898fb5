import ArgumentParser
import Engine

/// What the shell is offered for a strategy's name. On a line that somebody is typing:
/// nothing but names is written, and whatever is wrong offers fewer of them.
enum Completions {
    @Sendable static func strategies(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
        guard let options = options(words) else { return [] }
        return options.registry(log: noLog).records.filter { $0.status == .loaded }.flatMap {
            $0.strategies.map(\.name)
        }.sorted()
    }

    /// The folders that stand on the line so far, if they are there.
    private static func options(_ words: [String]) -> PluginArguments? {
        var given: [String] = []
        for (word, value) in zip(words, words.dropFirst() + [""]) {
            if word == "--plugin-path" {
                given += [word, value]
            } else if word.hasPrefix("--plugin-path=") {
                given.append(word)
            }
        }
        // Options must come from the parser: made by hand, they may not be read.
        return (try? PluginArguments.parse(given)) ?? (try? PluginArguments.parse([]))
    }
}
