import ArgumentParser
import Engine
import LanguageModels
import Reporting
import SearchCore
import Studies

/// Options of the commands that find and compare answers.
struct AnswerArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The function that finds an answer in a text, instead of the bundle's: 'stratagem plugins' lists them. For data that look like MATH the default is math (docs/data.md).",
            valueName: "name"))
    var extract: String?

    @Option(help: ArgumentHelp("The function that compares two answers, instead of the bundle's.", valueName: "name"))
    var equal: String?

    /// - Parameter data: what the answers are measured on; nil: there is none.
    func choice(for data: DataSet? = nil) -> AnswerChoice {
        AnswerChoice(extract: extract, equal: equal, forData: data?.looksLikeMATH == true ? ReferenceCheck.math : nil)
    }
}

extension DataSet {
    /// Says before the run which fields are not used, what is wrong with the reference answers, and which problems
    /// occur twice.
    @discardableResult
    func sayReferences(_ engine: Engine) -> ReferenceCheck {
        sayUnused()
        let check = ReferenceCheck(items, engine: engine)
        for note in check.notes(file: file) { Output.warning(note) }
        if let note = repeatedNote { Output.warning("\(file): \(note)") }
        return check
    }

    /// Says which fields the model does not see.
    func sayUnused() {
        if let note = unused.note { Output.warning("\(file): \(note)") }
    }
}
