import Hummingbird
import Locking

/// What a request carries on its way through the server.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Whose request it is: see ``KeyGuard``.
    var key = APIKey.everybody

    init(source: ApplicationRequestContextSource) { coreContext = .init(source: source) }
}
