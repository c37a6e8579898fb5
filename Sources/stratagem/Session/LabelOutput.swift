import Foundation
import Reporting
import SearchCore
import Studies

/// Where labels go: a file that a stopped run is continued in, or standard output.
/// Lines are in the order of the problems, whatever order they are done in, so the
/// same command gives the same bytes however often it was stopped.
struct LabelOutput {
    /// Problems whose line is in the file already.
    let done: Int
    private let file: JournalFile?
    private var waiting: [Int: String] = [:]
    private var next: Int

    private struct Line: Decodable {
        var problem: String
        var settings: Settings
    }

    private struct Settings: Decodable, Equatable {
        var samples: Int
        var rollouts: Int
        var temperature: Double
        var max_tokens: Int
        var bundle: String
        var seed: UInt64

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            samples = try container.decode(Int.self, forKey: .samples)
            rollouts = try container.decode(Int.self, forKey: .rollouts)
            temperature = try container.decode(Double.self, forKey: .temperature)
            max_tokens = try container.decode(Int.self, forKey: .max_tokens)
            bundle = try container.decode(String.self, forKey: .bundle)
            // Written as text where a double would round it.
            seed =
                try (try? container.decode(UInt64.self, forKey: .seed)) ?? UInt64(
                    container.decode(String.self, forKey: .seed)) ?? 0
        }

        private enum Key: String, CodingKey { case samples, rollouts, temperature, max_tokens, bundle, seed }

        func matches(_ other: LabelReport.Settings) -> Bool {
            samples == other.samples && rollouts == other.rollouts && temperature == other.temperature
                && max_tokens == other.maxTokens && bundle == other.bundle && seed == other.seed
        }
    }

    init(path: String?, settings: LabelReport.Settings, data: DataSet) throws(StratagemError) {
        guard let path else {
            (file, done, next) = (nil, 0, 0)
            return
        }
        var count = 0
        let decoder = JSONDecoder()
        file = try JournalFile(path, purpose: "label") { bytes throws(StratagemError) in
            guard let line = try? decoder.decode(Line.self, from: bytes) else { return false }
            func refuse(_ why: String) -> StratagemError {
                StratagemError(
                    .user, .otherLabels,
                    "\(path):\(count + 1): \(why). Repeat the command that made it to continue, or name another file with --out"
                )
            }
            guard line.settings.matches(settings) else {
                throw refuse("these labels were made with other settings, seed or bundle")
            }
            guard count < data.items.count else {
                throw refuse("there are more labels than the \(data.items.count) problems asked for")
            }
            guard data.items[count].problem.text == line.problem else {
                throw refuse("these labels are of other problems")
            }
            count += 1
            return true
        }
        (done, next) = (count, count)
    }

    var failure: StratagemError? { file?.failure }

    /// Takes problem `item`'s line; writes all lines whose turn it is.
    mutating func add(_ item: Int, _ line: String) {
        waiting[item] = line
        while let line = waiting.removeValue(forKey: next) {
            if let file { file.append(Data(line.utf8)) } else { Output.json(line) }
            next += 1
        }
    }
}
