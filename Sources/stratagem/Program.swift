import ArgumentParser
import Foundation
import SearchCore

/// Parses, runs, and turns every error into one message and an exit status.
enum Program {
    static func run() async -> Never {
        do {
            try checkArguments()
            try CommandNames.check(Array(CommandLine.arguments.dropFirst()), of: Stratagem.self)
            try EmptyNames.check(Array(CommandLine.arguments.dropFirst()), of: Stratagem.self)
            var command = try Stratagem.parseAsRoot()
            if let manual = command as? Manual {
                Output.text(manual.errors ? ErrorSection.page : ManualPage(Stratagem.self).text)
                end(ExitStatus.done)
            }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            end(ExitStatus.done)
        } catch let finished as Finished {
            end(finished.status)
        } catch let error as StratagemError {
            refuse(error)
        } catch {
            end(parsing: error)
        }
    }

    /// Plugins in this process may do something at its end, and may not return from it.
    private static func end(_ status: Int32) -> Never {
        ProcessEnd.waitIfBegun()
        Interrupt.quit(status, after: 3)
        Output.flush(seconds: 2)
        exit(status)
    }

    /// The parser's own errors: help and version are not errors at all.
    private static func end(parsing error: any Error) -> Never {
        let text = Stratagem.fullMessage(for: error)
        if Stratagem.exitCode(for: error).isSuccess {
            let isScript = CommandLine.arguments.contains { $0.hasPrefix("--generate-completion-script") }
            Output.line(isScript ? CompletionScript.withShortNames(text) : text)
            end(ExitStatus.done)
        }
        if wantsJSON {
            Output.json(
                JSON.object([.init("error", JSON(StratagemError(.user, .usage, Stratagem.message(for: error))))]).pretty
            )
        }
        Output.note(text)
        end(ExitStatus.refused)
    }

    private static func refuse(_ error: StratagemError) -> Never {
        if wantsJSON { Output.json(JSON.object([.init("error", JSON(error))]).pretty) }
        Output.error(error)
        end(Interrupt.isRequested ? ExitStatus.interrupted : ExitStatus.refused)
    }

    private static var wantsJSON: Bool { CommandLine.arguments.contains("--json") }

    /// Swift repairs arguments that are not UTF-8; a repaired problem is another problem.
    private static func checkArguments() throws(StratagemError) {
        for (index, argument) in CommandLine.arguments.enumerated().dropFirst()
        where argument.unicodeScalars.contains("\u{FFFD}") {
            guard let raw = CommandLine.unsafeArgv[index], String(validatingCString: raw) == nil else { continue }
            throw StratagemError(
                .user, .badArgument, "argument \(index) is not UTF-8 text. Convert it first: iconv -f latin1 -t utf-8")
        }
    }
}
