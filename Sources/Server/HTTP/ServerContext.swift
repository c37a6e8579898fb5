import Hummingbird
import NIOCore

/// What a request carries on its way through the server.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Whose request it is: see ``KeyGuard``.
    var key = APIKey.everybody

    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
