import HTTPTypes
import Hummingbird
import Locking

/// Which methods each address takes, to be told to whoever comes with another: the router itself knows only that it has
/// nothing for both together.
final class Methods: Sendable {
    private struct Route {
        /// Nil: any part. A last part `**` stands for one and more.
        var parts: [String?]
        var takesMore: Bool
        var method: String
    }

    private let routes = Locked<[Route]>([])

    /// To be called when the router has all of its routes.
    func learn(_ router: Router<ServerContext>) {
        let learned = router.routes.map { route in
            let parts = Self.parts(route.path.description)
            let isOpen = parts.last == "**"
            return Route(
                parts: parts.map { $0.hasPrefix("{") || $0.hasPrefix(":") || $0 == "**" ? nil : $0 },
                takesMore: isOpen, method: route.method.rawValue)
        }
        routes.withLock { $0 = learned }
    }

    /// In a fixed order; empty for an address that is none.
    func allowed(at path: String) -> [String] {
        let asked = Self.parts(path)
        let found = routes.withLock { $0 }.filter { route in
            guard route.takesMore ? asked.count >= route.parts.count : asked.count == route.parts.count else {
                return false
            }
            return zip(route.parts, asked).allSatisfy { $0 == nil || $0 == $1 }
        }
        // The router answers HEAD by what it has for GET.
        return Set(found.flatMap { $0.method == "GET" ? ["GET", "HEAD"] : [$0.method] }).sorted()
    }

    private static func parts(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }
}
