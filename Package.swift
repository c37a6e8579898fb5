// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// llama.cpp is built once, here, by `make llama` (Sources/CLlama/build-llama.sh).
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
let llama = "\(root)/.build/llama"
let llamaLink: [LinkerSetting] = [
    .unsafeFlags(["-L\(llama)/lib", "-L\(llama)/jinja/lib"]),
    .linkedLibrary("jinja"), .linkedLibrary("llama"), .linkedLibrary("ggml"), .linkedLibrary("ggml-cpu"),
    .linkedLibrary("ggml-base"),
    .linkedLibrary("stdc++"), .linkedLibrary("m"), .linkedLibrary("pthread"), .linkedLibrary("dl"),
]
/// CI turns every warning of ours into an error; a newer compiler's new warning
/// must not stop a user's build.
let strict: [SwiftSetting] =
    ProcessInfo.processInfo.environment["CI"] == nil
    ? [] : [.treatAllWarnings(as: .error)]
/// For targets that touch no C.
let safe: [SwiftSetting] = strict + [.strictMemorySafety()]

/// A plugin of ours: a shared object that shows one symbol (gold would leave
/// others beside it) and is never unloaded, since Swift's runtime does not survive it.
let pluginLink: [LinkerSetting] = [
    .unsafeFlags([
        "-use-ld=lld", "-Xlinker", "--version-script=\(root)/Plugins/plugin.version",
        "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "noexecstack",
    ])
]
let swiftPlugins = [
    "greedy", "best-of-n", "beam-search", "lookahead", "revise", "revise-parallel", "revise-search", "compute-optimal",
    "adaptive-consistency", "early-stopping-consistency", "speculative-rejection", "budget-forcing", "optimal-stopping",
    "adaptive-allocation",
    "dvts", "rebase", "mcts", "particle-filter", "ab-mcts", "speculative-search", "mixture",
    "self-certainty", "confidence-filter",
].map { name in
    Target.target(
        name: name, dependencies: ["StrategyKit"], path: "Plugins/\(name)", swiftSettings: strict,
        linkerSettings: pluginLink)
}
/// C99 and the header, nothing else.
let cPlugins = ["majority", "math-answers"].map { name in
    Target.target(
        name: name, dependencies: ["CStratagem"], path: "Plugins/\(name)", publicHeadersPath: ".",
        cSettings: [.unsafeFlags(["-std=c99", "-Wall", "-Wextra", "-pedantic"])], linkerSettings: pluginLink)
}
let plugins = swiftPlugins + cPlugins

/// `stratagem new` copies the header and StrategyKit into new projects: one source of
/// each, wherever it is used. So this target sees all of Sources, and takes two folders.
let besideScaffold =
    (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/Sources"))?
    .filter { !["Scaffold", "StrategyKit", "CStratagem"].contains($0) } ?? []

/// The proof of the conformance kit: compiles Broken/broken.c once for each check and
/// runs the built program over it. Takes a minute and a half of a free machine, so only where it is asked for.
let kitTests: [Target] =
    ProcessInfo.processInfo.environment["STRATAGEM_KIT_TESTS"] == nil
    ? []
    : [
        .testTarget(
            name: "ConformanceTests", dependencies: ["Conformance", "StrategyHost", "SearchCore", "Locking"],
            exclude: ["Broken"], swiftSettings: strict)
    ]

let package = Package(
    name: "stratagem",
    products: [
        .executable(name: "stratagem", targets: ["stratagem"]),
        .executable(name: "stratagem-worker", targets: ["stratagem-worker"]),
        .library(name: "StrategyKit", targets: ["StrategyKit"]),
        // docs/engine.md; with the modules whose types it shows.
        .library(name: "Engine", targets: ["Engine", "SearchCore", "SearchRuntime", "StrategyHost", "LanguageModels"]),
    ] + plugins.map { .library(name: "stg-\($0.name)", type: .dynamic, targets: [$0.name]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", exact: "0.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    ],
    targets: [
        .target(name: "CStratagem"),
        .target(name: "CSandbox"),
        .systemLibrary(name: "CFFI", pkgConfig: "libffi", providers: [.apt(["libffi-dev"])]),
        .systemLibrary(name: "CLlama"),
        // C++: llama.cpp's template engine, built by build-jinja.sh.
        .target(name: "CJinja", cxxSettings: [.unsafeFlags(["-isystem", "\(llama)/jinja/include"])]),

        .target(name: "Locking", swiftSettings: strict),
        .target(name: "SearchCore", swiftSettings: safe),
        .target(
            name: "Hashing", dependencies: [.product(name: "Crypto", package: "swift-crypto")], swiftSettings: safe),
        .target(
            name: "LanguageModels",
            dependencies: ["SearchCore", "Locking", "Hashing", .product(name: "TOMLKit", package: "TOMLKit")],
            swiftSettings: safe),
        .target(name: "ScriptedModel", dependencies: ["SearchCore", "LanguageModels"], swiftSettings: safe),
        .target(
            name: "LlamaBackend",
            dependencies: [
                "SearchCore", "LanguageModels", "Locking", "CLlama", "CJinja",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict, linkerSettings: llamaLink),
        .target(
            name: "EndpointBackend",
            dependencies: [
                "SearchCore", "LanguageModels", "Locking",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        .target(
            name: "Server",
            dependencies: [
                "SearchCore", "Locking", "Hashing", "LanguageModels", "StrategyHost", "SearchRuntime", "Engine",
                "Studies",
                "Reporting",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Metrics", package: "swift-metrics"),
            ],
            resources: ["page.html", "page.css", "start.js", "tree.js", "canvas.js", "run.js", "live.js", "study.js"]
                .map { .embedInCode("Page/Resources/\($0)") },
            swiftSettings: strict),
        // C++: what llama.cpp can do at best, for `bench`.
        .target(name: "BareLoop", cxxSettings: [.unsafeFlags(["-I\(llama)/include", "-O3"])]),
        .target(
            name: "StrategyHost", dependencies: ["SearchCore", "Locking", "Hashing", "CStratagem", "CFFI", "CSandbox"],
            swiftSettings: strict),
        // Runs untrusted plugins; found beside the program.
        .executableTarget(name: "stratagem-worker", dependencies: ["StrategyHost"], swiftSettings: strict),
        .target(
            name: "SearchRuntime",
            dependencies: [
                "SearchCore", "Locking", "Hashing", "LanguageModels", "StrategyHost", "CSandbox",
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        // Opens models, plugins and a runtime, and runs problems: what every program is built on.
        .target(
            name: "Engine",
            dependencies: [
                "SearchCore", "Locking", "LanguageModels", "LlamaBackend", "EndpointBackend", "ScriptedModel",
                "ReferenceModels",
                "StrategyHost", "SearchRuntime",
            ],
            swiftSettings: strict),
        // Data sets, statistics, eval and its store, policies, difficulty, match.
        .target(
            name: "Studies",
            dependencies: [
                "SearchCore", "Locking", "Hashing", "LanguageModels", "StrategyHost", "SearchRuntime", "Engine",
                .product(name: "TOMLKit", package: "TOMLKit"), .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"), .product(name: "SwiftCSV", package: "SwiftCSV"),
            ],
            swiftSettings: safe),
        // What commands print: tables, JSON shapes, pictures of trees.
        .target(
            name: "Reporting",
            dependencies: [
                "SearchCore", "Locking", "LanguageModels", "StrategyHost", "SearchRuntime", "Engine", "Studies",
            ],
            swiftSettings: safe),
        // Figures and findings of an eval store.
        .target(
            name: "StudyReport", dependencies: ["SearchCore", "Locking", "Engine", "Studies", "Reporting"],
            swiftSettings: safe),
        .target(name: "CBenchStrategies", dependencies: ["CStratagem"]),
        .target(
            name: "Benchmarks",
            dependencies: [
                "SearchCore", "SearchRuntime", "StrategyHost", "ScriptedModel", "CStratagem", "CBenchStrategies",
                "BareLoop", "LlamaBackend", "EndpointBackend", "LanguageModels", "Locking",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            swiftSettings: strict),
        .target(
            name: "ReferenceModels", dependencies: ["LanguageModels"], resources: [.copy("Resources")],
            swiftSettings: safe),
        .target(
            name: "Scaffold", dependencies: ["SearchCore"], path: "Sources", exclude: besideScaffold,
            sources: ["Language", "Project", "ProjectName", "Templates", "Toolbox"].map { "Scaffold/\($0).swift" },
            resources: [.copy("Scaffold/Resources"), .copy("StrategyKit"), .copy("CStratagem")], swiftSettings: strict),
        .target(name: "CConformance"),
        .target(
            name: "Conformance",
            dependencies: [
                "SearchCore", "Locking", "Hashing", "LanguageModels", "ScriptedModel", "StrategyHost", "CStratagem",
                "CSandbox",
                "CConformance",
            ],
            swiftSettings: strict),
        .target(name: "StrategyKit", dependencies: ["CStratagem"], swiftSettings: strict),
        .executableTarget(
            name: "stratagem",
            dependencies: [
                "SearchCore", "Locking", "LanguageModels", "LlamaBackend", "EndpointBackend", "StrategyHost",
                "SearchRuntime", "Engine", "Studies", "Reporting",
                "StudyReport", "Server", "Benchmarks",
                "ReferenceModels", "Conformance", "Scaffold",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["notice.py"],
            swiftSettings: strict),

        .executableTarget(
            name: "solve-with-engine", dependencies: ["Engine", "SearchCore"], path: "examples/solve-with-engine",
            swiftSettings: strict),

        .testTarget(name: "SearchCoreTests", dependencies: ["SearchCore", "LanguageModels"], swiftSettings: safe),
        .testTarget(name: "LanguageModelsTests", dependencies: ["SearchCore", "LanguageModels"], swiftSettings: safe),
        // The contracts of models and verifiers: each backend's tests run it.
        .target(
            name: "BackendContract", dependencies: ["SearchCore", "LanguageModels"], path: "Tests/BackendContract",
            swiftSettings: safe),
        .testTarget(
            name: "ScriptedModelTests", dependencies: ["ScriptedModel", "BackendContract"], swiftSettings: safe),
        // The C files of Fixtures are compiled by the tests: real plugins.
        .testTarget(
            name: "StrategyHostTests",
            dependencies: ["StrategyHost", "SearchCore", "Locking", "Hashing", "CStratagem", "CFFI"],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "IsolationTests",
            dependencies: ["StrategyHost", "Locking", "SearchRuntime", "SearchCore", "ScriptedModel", "CStratagem"],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "LlamaBackendTests",
            dependencies: ["LlamaBackend", "LanguageModels", "SearchCore", "BackendContract"],
            swiftSettings: strict),
        // Against a real llama-server, and one that misbehaves.
        .testTarget(
            name: "EndpointBackendTests",
            dependencies: [
                "EndpointBackend", "LlamaBackend", "LanguageModels", "SearchCore", "Locking", "BackendContract",
                "ReferenceModels",
            ],
            exclude: ["llama-server.sh", "servers"], swiftSettings: strict),
        // A real server on a free port, with a hand-made tree for a model.
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "Studies", "Engine", "SearchRuntime", "StrategyHost", "SearchCore", "Locking", "Hashing",
                "LanguageModels", "ReferenceModels",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            exclude: ["openai_client.py"], swiftSettings: strict),
        .testTarget(
            name: "EngineTests", dependencies: ["Engine", "Locking", "SearchCore", "SearchRuntime"],
            swiftSettings: strict),
        .testTarget(
            name: "StudyReportTests",
            dependencies: ["StudyReport", "Studies", "Reporting", "Engine", "StrategyHost", "SearchCore"],
            swiftSettings: strict),
        .testTarget(name: "StudiesTests", dependencies: ["Engine", "Studies", "Reporting"], swiftSettings: strict),
        .testTarget(name: "ReportingTests", dependencies: ["Engine", "Studies", "Reporting"], swiftSettings: strict),
        // Runs the built program, which lies beside the tests.
        .testTarget(name: "CommandTests", swiftSettings: strict),
        .testTarget(
            name: "SearchRuntimeTests",
            dependencies: [
                "SearchRuntime", "ScriptedModel", "StrategyHost", "LanguageModels", "SearchCore", "Locking",
                "CStratagem", "BackendContract",
            ],
            exclude: ["Fixtures"], swiftSettings: strict),
        // Reads the sources: length, style, who imports whom.
        .testTarget(name: "TidyTests", dependencies: ["SearchCore"], swiftSettings: strict),
        .testTarget(name: "ScaffoldTests", dependencies: ["Scaffold", "SearchCore"], swiftSettings: strict),
        .testTarget(name: "StrategyKitTests", dependencies: ["StrategyKit"], swiftSettings: strict),
        // Opens the plugins as the host does. It must not depend on them (that would
        // link them in); `swift test` builds every product, so they are there.
        .testTarget(
            name: "PluginTests", dependencies: ["StrategyKit", "ScriptedModel", "SearchRuntime"], exclude: ["Fixtures"],
            swiftSettings: strict),
    ] + plugins + kitTests,
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
