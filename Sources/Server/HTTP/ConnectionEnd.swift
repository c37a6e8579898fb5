import Foundation
import HTTPTypes
import Locking
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Closes a connection after an answer that says so, and after an answer to a request that has not been read to its
/// end.
///
/// Hummingbird closes a connection only if the *request* asks for it. A request behind one whose answer closes the
/// connection would stay unanswered, and a client that sends a body slowly, or never, would keep the connection for as
/// long as it likes.
final class ConnectionEnd: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A client that is still writing when the connection closes may not read the answer, so what it sends is read for
    /// this time and thrown away.
    private static let patience = TimeAmount.seconds(2)

    private let open: OpenConnections
    /// Requests that have been read to their end, and requests that have been answered.
    private var (read, answered) = (0, 0)
    private var closes = false
    /// A request after which this connection can carry none, behind so many others that are to be answered first.
    private var last: Int?
    private var isOver = false

    init(_ open: OpenConnections) { self.open = open }

    func handlerAdded(context: ChannelHandlerContext) {
        open.add(context.channel)
        let pipeline = context.pipeline.syncOperations
        guard let codec = try? pipeline.handler(type: HTTP1ToHTTPServerCodec.self) else { return }
        try? pipeline.addHandler(OldClients(), position: .before(codec))
    }

    func channelInactive(context: ChannelHandlerContext) {
        open.remove(context.channel)
        context.fireChannelInactive()
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is EndIfIdle else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if read <= answered { context.close(mode: .all, promise: nil) }
        promise?.succeed()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): if Self.isLast(head) { last = last ?? read }
        case .end: read += 1
        default: break
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            closes =
                closes || read <= answered || head.headerFields[.connection] == "close"
                || last.map { answered >= $0 } ?? false
            if closes { head.headerFields[.connection] = "close" }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            answered += 1
            guard closes else { return context.write(data, promise: promise) }
            isOver = true
            let written = context.eventLoop.makePromise(of: Void.self)
            written.futureResult.cascade(to: promise)
            written.futureResult.whenComplete { [channel = context.channel] _ in
                channel.close(mode: .output, promise: nil)
                channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(mode: .all, promise: nil) }
            }
            context.write(data, promise: written)
        default: context.write(data, promise: promise)
        }
    }

    /// The client wants the connection closed, or wants another protocol on it: what follows such a request is not read
    /// as HTTP any more.
    private static func isLast(_ head: HTTPRequest) -> Bool {
        let words = (head.headerFields[.connection] ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces).lowercased()
        }
        return words.contains("close") || head.headerFields[.upgrade] != nil || head.method == .connect
    }
}

/// Closes a connection on which no request waits for its answer.
private struct EndIfIdle: Sendable {}

/// The connections of a server that are open.
final class OpenConnections: Sendable {
    private let channels = Locked<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) { channels.withLock { $0[ObjectIdentifier(channel)] = channel } }
    func remove(_ channel: any Channel) { channels.withLock { $0[ObjectIdentifier(channel)] = nil } }

    /// Closes those that have sent no request, or only a part of one.
    func closeIdle() {
        for channel in all { channel.triggerUserOutboundEvent(EndIfIdle(), promise: nil) }
    }

    /// Closes all of them, whatever they are about.
    func close() { for channel in all { channel.close(mode: .all, promise: nil) } }

    private var all: [any Channel] { channels.withLock { Array($0.values) } }
}
