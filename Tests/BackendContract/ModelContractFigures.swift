import LanguageModels
import SearchCore

/// The clause *describes*: what is known of the tokens' distributions comes where it is wanted, and changes nothing.
extension ModelContract {
    func describes() throws -> Violations {
        var broken: Violations = []
        let (plain, described) = (try session(), try session())
        let jobs = mixed(described).map { job in
            var job = job
            job.wantsDistributions = true
            return job
        }
        let expected = plain.run(mixed(plain), &broken)
        if expected.values.contains(where: { !$0.tokenDistributions.isEmpty }) {
            broken.append("distributions came that nobody wanted")
        }
        for (id, done) in described.run(jobs, &broken) {
            if capabilities.repeatsSamples, let other = expected[id], Bytes(other) != Bytes(done) {
                broken.append("job \(id) came to something else because its distributions were wanted")
            }
            check(distributions: done, &broken)
        }
        return broken
    }

    private func check(distributions done: SampleCompletion, _ broken: inout Violations) {
        guard capabilities.knowsTopProbabilities || capabilities.knowsDistributions else {
            if !done.tokenDistributions.isEmpty { broken.append("distributions came that are not promised") }
            return
        }
        let all = done.tokenDistributions
        if all.count != done.tokens { broken.append("\(done.tokens) tokens with \(all.count) distributions") }
        if capabilities.knowsTopProbabilities, all.contains(where: { !($0.topMean <= 1e-6) }) {
            broken.append("the mean log-probability of the likeliest tokens is above 0, or is not a number")
        }
        if capabilities.knowsDistributions, all.contains(where: { !($0.selfCertainty >= 0) || !($0.entropy >= 0) }) {
            broken.append("a self-certainty or an entropy is below 0, or is not a number")
        }
    }
}
