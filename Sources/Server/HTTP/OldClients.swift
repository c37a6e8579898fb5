import NIOCore
import NIOHTTP1

/// Lets clients of HTTP/1.0 in, which the rest of the server knows nothing of: they name no host, expect the connection
/// to end with the answer, and do not know chunks.
final class OldClients: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private static let old = HTTPVersion(major: 1, minor: 0)
    private var isOld = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), head.version == Self.old else {
            return context.fireChannelRead(data)
        }
        isOld = true
        // No browser is that old, so no page of somebody else's comes this way.
        if head.headers["Host"].isEmpty { head.headers.add(name: "Host", value: "localhost") }
        // `keep-alive` would be a courtesy.
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        head.headers.remove(name: "Expect")
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isOld, case .head(var head) = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        head.version = Self.old
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
