import SearchCore

/// Thrown by a command that has said all it had to say.
struct Finished: Error {
    var status: Int32

    /// Does what comes after the work: what fails there is no refusal.
    static func afterWork(_ body: () throws(StratagemError) -> Void) throws(Finished) {
        do throws(StratagemError) {
            try body()
        } catch {
            Output.error(error)
            throw Finished(status: Interrupt.isRequested ? ExitStatus.interrupted : ExitStatus.failed)
        }
    }
}
