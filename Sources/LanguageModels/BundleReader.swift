import Foundation
import SearchCore

/// Reads a bundle and refuses what cannot work, before any weights are opened.
public enum BundleReader {
    /// A bundle is about a page of text; anything larger is some other file.
    public static let maximumBytes = 1 << 20

    public static func read(file: String, checkingFiles: Bool = true) throws(StratagemError) -> Bundle {
        let fail = { (message: String) in StratagemError(.user, .badBundle, "\(file): \(message)") }
        guard FileManager.default.fileExists(atPath: file) else {
            throw fail("there is no such file. Name the bundle's TOML file")
        }
        let data: Data
        do {
            let real = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
            let attributes = try FileManager.default.attributesOfItem(atPath: real)
            switch attributes[.type] as? FileAttributeType {
            case .typeRegular: break
            case .typeDirectory:
                throw fail("this is a folder. Name the bundle's TOML file, such as \(file)/reference.toml")
            default: throw fail("this is not a regular file. Name the bundle's TOML file")
            }
            if let size = attributes[.size] as? Int, size > maximumBytes {
                throw fail(
                    "\(size) bytes is too large for a bundle (\(maximumBytes) at most). Name the TOML file, not the weights; the weights go into it as gguf = \"…\""
                )
            }
            data = try Data(contentsOf: URL(fileURLWithPath: file))
        } catch let error as StratagemError {
            throw error
        } catch {
            throw fail("the bundle cannot be read: \(reason(error)). Check the path and its permissions")
        }
        guard let text = String(validating: data, as: UTF8.self), !text.contains("\0") else {
            let hint =
                data.starts(with: Array("GGUF".utf8))
                ? "This is a GGUF file: pass it as --model \(file), or write a bundle that names it as gguf = \"…\""
                : "A bundle is a TOML text file in UTF-8"
            throw fail("this is not text. \(hint)")
        }
        return try parse(text, file: file, checkingFiles: checkingFiles)
    }

    /// - Parameter checkingFiles: false if only the text is of interest.
    public static func parse(_ text: String, file: String, checkingFiles: Bool = true) throws(StratagemError) -> Bundle
    {
        var top = try BundleTable(parsing: text, file: file)
        let name = try top.string("name")
        guard !name.isEmpty else { throw top.refuse("name", "is empty. Give the bundle a short name") }
        let steps = try readSteps(&top)
        let stop = try top.strings("stop", default: [])
        guard !stop.contains("") else {
            throw top.refuse("stop", "has an empty string, which would end every answer at once. Remove it")
        }
        let context = try top.integer("context", in: 16...(1 << 20))
        let temperature = try top.number("temperature", in: 0...100)
        let (answers, namesAnswers) = try readAnswers(&top)
        let prompt = try readTemplate(&top)
        let models = try readModels(&top, checkingFiles: checkingFiles)
        let strategies = try readStrategies(&top, folder: URL(fileURLWithPath: file).deletingLastPathComponent().path)
        try top.finish()
        return Bundle(
            name: name, file: file, steps: steps, stop: stop, contextTokens: context,
            temperature: temperature, answers: answers, namesAnswers: namesAnswers, prompt: prompt, models: models,
            strategies: strategies)
    }

    /// `step_delimiter` is a literal string, `steps` a rule for free text.
    private static func readSteps(_ top: inout BundleTable) throws(StratagemError) -> StepRule {
        let delimiter = try top.string("step_delimiter", default: "\n")
        guard !delimiter.isEmpty else {
            throw top.refuse("step_delimiter", "is empty: every step needs an end. The usual one is \"\\n\"")
        }
        guard top.names.contains("steps") else {
            _ = try top.string("steps", default: "")
            return .delimiter(delimiter)
        }
        guard !top.names.contains("step_delimiter") else {
            throw top.refuse("steps", "and step_delimiter both say where a step ends. Remove one of them")
        }
        let word = try top.string("steps")
        if let named = StepRule.named.first(where: { $0.name == word }) { return named.rule }
        let names = StepRule.named.map(\.name)
        // A single word is a misspelt name, not an expression.
        guard word.contains(where: { !$0.isLetter && $0 != " " }) else {
            throw top.refuse(
                "steps",
                "is '\(word)', which is not one of \(names.joined(separator: ", ")), and not a regular expression\(suggestion(for: word, among: names))"
            )
        }
        do throws(StratagemError) {
            return .pattern(try StepPattern(word))
        } catch {
            throw top.refuse("steps", "'\(word)' \(error.message)")
        }
    }

    private static func readAnswers(_ top: inout BundleTable) throws(StratagemError) -> (AnswerFunctions, isNamed: Bool)
    {
        var answers = AnswerFunctions()
        guard var table = try top.table("answers") else { return (answers, false) }
        let isNamed = table.names.contains("extract") || table.names.contains("equal")
        answers.extract = try table.string("extract", default: answers.extract)
        answers.equal = try table.string("equal", default: answers.equal)
        answers.aggregate = try table.string("aggregate", default: answers.aggregate)
        if table.names.contains("canonical") { answers.canonical = try table.string("canonical") }
        let marks = try table.strings("thought", default: [])
        guard marks.isEmpty || marks.count == 2 && !marks.contains("") else {
            throw table.refuse(
                "thought", "must be two strings that open and close a thought: [\"<think>\", \"</think>\"]")
        }
        if marks.count == 2 { answers.thought = Thought(opens: marks[0], closes: marks[1]) }
        try table.finish()
        return (answers, isNamed)
    }

    /// `[strategies.NAME]`: values are checked when the strategy is run, since only its plugin knows its parameters.
    private static func readStrategies(_ top: inout BundleTable, folder: String) throws(StratagemError)
        -> StrategyDefaults
    {
        var defaults = StrategyDefaults(folder: folder)
        guard var strategies = try top.table("strategies") else { return defaults }
        for name in strategies.names {
            guard var table = try strategies.table(name) else { continue }
            for parameter in table.names {
                defaults.values[name, default: [:]][parameter] = try table.scalar(parameter)
            }
        }
        return defaults
    }

    private static func readTemplate(_ top: inout BundleTable) throws(StratagemError) -> PromptTemplate {
        guard var table = try top.table("template") else {
            throw top.missing(
                "[template]", "It says how a problem is shown to the model: problem = \"Question: {problem}\\n\"")
        }
        let problem = try table.string("problem")
        try table.require("{problem}", in: problem, key: "problem")
        let attempt = try table.string("attempt", default: "Attempt:\n{attempt}\n")
        try table.require("{attempt}", in: attempt, key: "attempt")
        let revise = try table.string("revise", default: "{attempts}" + problem)
        try table.require("{problem}", in: revise, key: "revise")
        try table.require("{attempts}", in: revise, key: "revise")
        try table.finish()
        return PromptTemplate(problem: problem, revise: revise, attempt: attempt)
    }

    private static func readModels(_ top: inout BundleTable, checkingFiles: Bool) throws(StratagemError) -> [String:
        Bundle.Model]
    {
        guard var roles = try top.table("models"), roles.names.contains("policy") else {
            throw top.missing(
                "[models.policy]",
                "A bundle needs a model that proposes text: [models.policy] with gguf = \"FILE.gguf\"")
        }
        var models: [String: Bundle.Model] = [:]
        for role in roles.names {
            guard var table = try roles.table(role) else { continue }
            models[role] = try readModel(role, &table, checkingFiles: checkingFiles)
        }
        return models
    }

    private static func readModel(_ role: String, _ table: inout BundleTable, checkingFiles: Bool)
        throws(StratagemError) -> Bundle.Model
    {
        let kinds = Bundle.Kind.allCases.map(\.rawValue)
        // A program can only judge, so the default kind is `orm`.
        let usual =
            Bundle.Kind(rawValue: role)
            ?? (table.names.contains("function") || table.names.contains("command") ? .orm : .policy)
        let word = try table.string("kind", default: usual.rawValue)
        guard let kind = Bundle.Kind(rawValue: word) else {
            throw table.refuse(
                "kind",
                "is '\(word)', which is not one of \(kinds.joined(separator: ", "))\(suggestion(for: word, among: kinds))"
            )
        }
        if role == "policy", kind != .policy {
            throw table.refuse("kind", "is '\(word)', but the role policy continues text: leave kind out")
        }
        let source = try BundleSourceReader.read(&table, role: role, kind: kind, checkingFiles: checkingFiles)
        var model = Bundle.Model(role: role, kind: kind, source: source)
        if kind != .policy, source.readsByTokens { try readVerifier(&model, &table, checkingFiles: checkingFiles) }
        try table.finish()
        return model
    }

    /// Reads how a text is shown to a verifier and how its values are read.
    private static func readVerifier(_ model: inout Bundle.Model, _ table: inout BundleTable, checkingFiles: Bool)
        throws(StratagemError)
    {
        let template = try table.string("template")
        try table.require("{problem}", in: template, key: "template")
        model.template = template
        if case .endpoint(let endpoint) = model.source, let route = endpoint.route, route.givesValues {
            guard !table.names.contains("read_out") else {
                throw table.refuse(
                    "read_out", "and route = \"\(route.rawValue)\" both say how values are read. Remove one of them")
            }
            var keys = ReadOutKeys(table: table)
            model.readOut = try ServedReadOut(route, &keys)
            table = keys.table
            return
        }
        let names = StepReadOuts.all.map { $0.name }
        let word = try table.string("read_out", default: TokenReadOut.name)
        guard let readOut = StepReadOuts.all.first(where: { $0.name == word }) else {
            throw table.refuse(
                "read_out",
                "is '\(word)', which is not one of \(names.joined(separator: ", "))\(suggestion(for: word, among: names))"
            )
        }
        var keys = ReadOutKeys(table: table, judgesSteps: model.kind == .prm, checksFiles: checkingFiles)
        model.readOut = try readOut.init(&keys)
        table = keys.table
        if model.source.kind != .endpoint, let judge = model.readOut as? JudgeReadOut, judge.thought == nil {
            throw table.refuse(
                "read_out",
                "is '\(word)', which asks a model on a server (endpoint = …). Weights in this process are read by their tokens: read_out = \"token\"; or they write first: think = 1024"
            )
        }
    }

    /// The system's reason for an error, without Foundation's wrapping.
    static func reason(_ error: any Error) -> String {
        let inner = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        if let code = inner?.code, inner?.domain == NSPOSIXErrorDomain {
            return unsafe String(cString: strerror(Int32(code))).lowercased()
        }
        return (error as NSError).localizedDescription
    }
}
