import Glibc
import Hashing
import LanguageModels
import SearchCore

/// Opens roles that name a program of the user's, `command = ["python3", "verify.py"]`: it reads questions as lines of
/// JSON and writes values. All lanes share one process, which is started when it is first needed.
///
/// A bundle that names a command runs it with the user's rights, so the user must have allowed commands.
public struct CommandBackend: Backend {
    public let kind = Bundle.Source.Kind.command
    private let isAllowed: Bool

    public init(isAllowed: Bool) { self.isAllowed = isAllowed }

    public func open(_ model: Bundle.Model, of bundle: Bundle) throws(StratagemError) -> any OpenedRole {
        guard case .command(let command) = model.source else {
            throw StratagemError(.host, .noBackend, "\(bundle.file): models.\(model.role) does not name a command")
        }
        let shown = command.arguments.map(ShellWord.quoted).joined(separator: " ")
        guard isAllowed else {
            throw StratagemError(
                .user, .commandNotAllowed,
                "\(bundle.file): models.\(model.role) runs a program with your rights: \(shown). If you trust this bundle, add --allow-commands"
            )
        }
        return CommandRole(
            identity: Self.identity(command), service: CommandService(command, name: "models.\(model.role): \(shown)"),
            isOutcome: model.kind == .orm)
    }

    /// The words of the command, and the contents of the files of the bundle's folder that they name: a changed script
    /// is another verifier.
    private static func identity(_ command: Bundle.Command) -> WeightsIdentity {
        let parts = command.arguments.map { word -> String in
            let path = word.hasPrefix("/") ? word : command.folder + "/" + word
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let hash = SHA256.hex(file: path) else {
                return word
            }
            return "\(word) \(hash)"
        }
        return .text(parts.joined(separator: "\n"))
    }
}

private struct CommandRole: OpenedRole {
    let identity: WeightsIdentity
    let service: CommandService
    let isOutcome: Bool

    var shape: ModelShape? { nil }
    var capabilities: Capabilities { Capabilities() }
    var spread: Spread { .elsewhere }

    func make(for lane: LaneSeat) throws(StratagemError) -> RoleWorker {
        .verifier(FunctionVerifier(calls: CommandCalls(service, wake: lane.wake), isOutcome: isOutcome))
    }
}
