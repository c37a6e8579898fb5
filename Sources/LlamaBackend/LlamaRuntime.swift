import CLlama
import Glibc
import Locking
import Synchronization

/// llama.cpp's process-wide state: started once and silenced; its last error messages are kept for our own messages.
public enum LlamaRuntime {
    private static let isStopping = Atomic<Bool>(false)

    /// Stops the current decode calls and all later ones, for a program that is about to end, since a large model takes
    /// seconds for one call. Their jobs fail. Can be called from any thread, and cannot be undone.
    public static func stopDecoding() { isStopping.store(true, ordering: .relaxed) }

    /// The processor features that this program's llama.cpp was built to use: "AVX2", "FMA" …
    public static var features: [String] {
        guard let text = llama_print_system_info() else { return [] }
        // "CPU : SSE3 = 1 | AVX2 = 1 | LLAMAFILE = 1 | …"
        let entries = String(cString: text).split { $0 == "|" || $0 == ":" }.map {
            $0.split(separator: "=").map { $0.filter { $0 != " " } }
        }
        return entries.compactMap {
            $0.count == 2 && $0[1] == "1" && !["LLAMAFILE", "OPENMP", "REPACK", "ACCELERATE"].contains($0[0])
                ? String($0[0]) : nil
        }
    }

    /// llama.cpp's `abort_callback`, which is called between operations.
    static let abortCallback: @convention(c) (UnsafeMutableRawPointer?) -> Bool = { _ in
        isStopping.load(ordering: .relaxed)
    }

    /// Starts llama.cpp. Call it before any other function of llama.cpp.
    static func start() { _ = started }

    private static let started: Void = {
        // From eight rows on, the tiled products of K-quants sum in another order: a sample's bits would depend on what
        // else is in the batch.
        setenv("GGML_CPU_TILED_MM", "0", 1)
        llama_log_set(
            { level, text, _ in
                guard level == GGML_LOG_LEVEL_ERROR || level == GGML_LOG_LEVEL_WARN, let text else { return }
                LlamaRuntime.note(String(cString: text))
            }, nil)
        llama_backend_init()
    }()

    private static let recent = Locked<[String]>([])
    private static let kept = 8

    private static func note(_ text: String) {
        let line = text.split(separator: "\n").joined(separator: " ")
        guard !line.isEmpty else { return }
        recent.withLock {
            $0.append(line)
            if $0.count > kept { $0.removeFirst() }
        }
    }

    /// llama.cpp's last error messages; reading them removes them.
    static func takeComplaints() -> String {
        recent.withLock { lines in
            defer { lines = [] }
            return lines.joined(separator: "; ")
        }
    }
}
