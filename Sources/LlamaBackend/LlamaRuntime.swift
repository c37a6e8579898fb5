import CLlama
import Glibc
import Locking
import Synchronization

/// llama.cpp's process-wide state: started once, silent, its last complaints kept
/// for our own messages.
public enum LlamaRuntime {
    private static let isStopping = Atomic<Bool>(false)

    /// Cuts decode calls that are under way, and all that come: for a program that is to end,
    /// since a large model takes seconds over one. Their jobs fail. From any thread; for good.
    public static func stopDecoding() { isStopping.store(true, ordering: .relaxed) }

    /// What llama.cpp in this program was built to use of a processor: "AVX2", "FMA" …
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

    /// As llama.cpp's `abort_callback`, asked between operations.
    static let abortCallback: @convention(c) (UnsafeMutableRawPointer?) -> Bool = { _ in
        isStopping.load(ordering: .relaxed)
    }

    /// Starts llama.cpp; call before anything else of it.
    static func start() { _ = started }

    private static let started: Void = {
        // K-quants' tiled products sum in another order from eight rows on: a
        // sample's bits would depend on what else is in the batch.
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

    /// What llama.cpp complained of last, emptied by reading.
    static func takeComplaints() -> String {
        recent.withLock { lines in
            defer { lines = [] }
            return lines.joined(separator: "; ")
        }
    }
}
