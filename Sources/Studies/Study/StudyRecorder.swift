import Engine
import Hashing
import SearchCore
import SearchRuntime
import StrategyHost

/// Records a study in a store: what is known from before, and what comes.
public struct StudyRecorder: Sendable {
    public let writer: StoreWriter
    private let known: [[Int: EvalOutcome]]
    /// The store's ids of the cases.
    private let cells: [Int]
    private let grader: Grader
    private let keepText: Bool

    public struct Options: Sendable {
        public var path: String
        /// Continues with a store that is there.
        public var resume: Bool
        public var shard: Shard
        /// Of the candidates.
        public var keepText: Bool
        /// Version of the program.
        public var version: String

        public init(path: String, resume: Bool = false, shard: Shard = .whole, keepText: Bool = true, version: String) {
            (self.path, self.resume, self.shard, self.keepText, self.version) = (path, resume, shard, keepText, version)
        }
    }

    /// - Throws: what ``EvalStore/writing(_:study:cells:resume:)`` refuses.
    public init(_ options: Options, plan: EvalPlan, data: DataSet, engine: Engine) throws(StratagemError) {
        let shapes = engine.models.shapes
        let models = engine.modelHashes.map { Study.Model(role: $0, sha256: $1, parameters: shapes[$0]?.parameters) }
        let settings = engine.models.settings
        let bundle = engine.models.name + (settings.isEmpty ? "" : " (\(SHA256.hex(Array(settings.utf8)).prefix(12)))")
        let study = Study(
            stratagem: options.version, bundle: bundle,
            dataName: data.file.split(separator: "/").last.map(String.init) ?? data.file,
            dataSHA256: data.sha256, shard: options.shard, models: models, problems: data.problems,
            answers: StudyAnswers(
                extract: engine.answers.extract, equal: engine.answers.equal, chosenBy: engine.answers.chosenBy.rawValue
            ))
        let wanted = zip(plan.cases, plan.strategies).map { StoredCell($0, by: $1) }
        let store = try EvalStore.writing(options.path, study: study, cells: wanted, resume: options.resume)
        let stored = try store.cells()
        var ids: [Int] = []
        var known: [[Int: EvalOutcome]] = []
        for cell in wanted {
            guard let same = stored.first(where: { $0.isSame(as: cell) }) else {
                throw StratagemError(
                    .host, .storeFailed, "\(options.path): the cell \(cell.name) was written and cannot be found")
            }
            ids.append(same.id)
            known.append(try store.outcomes(of: same).reduce(into: [:]) { $0[$1.problem] = EvalOutcome($1) })
        }
        (cells, self.known) = (ids, known)
        writer = StoreWriter(store)
        grader = engine.grader
        keepText = options.keepText
    }

    public func outcome(_ entry: Int, _ item: Int) -> EvalOutcome? { known[entry][item] }

    /// From any thread.
    public func add(_ entry: Int, _ item: Int, _ result: RunResult, _ isCorrect: Bool) {
        writer.add(
            StoredRun(result, problem: item, isCorrect: isCorrect, grader: grader, keepText: keepText),
            cell: cells[entry])
    }
}
