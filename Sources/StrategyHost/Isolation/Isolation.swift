import Locking
import SearchCore

/// A registry's isolated plugins: one image for all files with the same bytes.
final class Isolation: Sendable {
    let options: IsolationOptions
    private let images = Locked([String: WeakImage]())

    private struct WeakImage: Sendable { weak var image: IsolatedImage? }

    init(_ options: IsolationOptions) { self.options = options }

    /// Loads a plugin in a worker; none of its code runs here.
    func load(_ bytes: [UInt8], hash: String, name: String, cacheFolder: String?) throws(PluginBlock.Problem) -> (
        IsolatedImage, PluginBlock
    ) {
        let image = try image(bytes, hash: hash, name: name, cacheFolder: cacheFolder)
        return (image, try image.describe().block)
    }

    private func image(_ bytes: [UInt8], hash: String, name: String, cacheFolder: String?) throws(PluginBlock.Problem)
        -> IsolatedImage
    {
        try images.withLock { images throws(PluginBlock.Problem) in
            if let image = images[hash]?.image { return image }
            images = images.filter { $0.value.image != nil }
            do throws(PluginCache.Problem) {
                let image = try IsolatedImage(bytes, hash: hash, name: name, cacheFolder: cacheFolder, options: options)
                images[hash] = WeakImage(image: image)
                return image
            } catch {
                throw PluginBlock.Problem(reason: error.reason)
            }
        }
    }
}
