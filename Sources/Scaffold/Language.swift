/// A language that `stratagem new` has a kit for.
public enum Language: String, CaseIterable, Sendable {
    case c, cpp, swift, rust, python

    /// As people write it.
    public var title: String {
        switch self {
        case .c: "C"
        case .cpp: "C++"
        case .swift: "Swift"
        case .rust: "Rust"
        case .python: "Python"
        }
    }

    /// What a project of this language is built with: the first word must be found in
    /// the PATH for it to work.
    public var buildCommand: String {
        switch self {
        case .c, .cpp, .python: "make"
        case .swift: "swift build -c release"
        case .rust: "cargo build --release --offline"
        }
    }

    /// Where that leaves the plugin.
    public func product(_ name: ProjectName) -> String {
        switch self {
        case .c, .cpp, .python: "\(name.dashed).so"
        case .swift: ".build/release/lib\(name.dashed).so"
        case .rust: "target/release/lib\(name.snake).so"
        }
    }

    /// Words that no variable, type or file of a project can be called by: the
    /// language's own, and those of the kit. Of either spelling, my_search or MySearch.
    var reserved: Set<String> {
        switch self {
        case .c: Self.cWords.union(Self.cNames)
        case .cpp: Self.cWords.union(Self.cNames).union(Self.cppWords)
        case .swift: Self.swiftWords
        case .rust: Self.rustWords
        case .python: Self.pythonWords
        }
    }
}

extension Language {
    private static func words(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    private static let cWords = words(
        """
        auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return
        short signed sizeof static struct switch typedef union unsigned void volatile while asm typeof bool true false nullptr constexpr
        alignas alignof thread_local static_assert
        """)
    /// What the C and C++ templates and the C library call something else.
    private static let cNames = words(
        """
        main stratagem plugin params strategies entry vote next create destroy harvest done get fail abort exit free malloc calloc qsort
        random rand time signal system read write open close printf puts remove rename std errno stdin stdout stderr unix linux
        """)
    private static let cppWords = words(
        """
        and and_eq bitand bitor catch class co_await co_return co_yield compl concept const_cast consteval constinit decltype delete
        dynamic_cast explicit export friend import module mutable namespace new noexcept not not_eq operator or or_eq private protected public
        reinterpret_cast requires static_cast template this throw try typeid typename using virtual wchar_t xor xor_eq char8_t char16_t
        char32_t final override
        Answer Ask Asker Awaitable Body Calls CanSave Error Group Harvest Host Info Instance Member Next Node NodeInfo Param Plugin Read Role
        Sampling Search Selection Sequential Setup State Stopped Strategy Table Tell Told Turn Value
        """)
    private static let swiftWords = words(
        """
        actor associatedtype as any async await break case catch class continue default defer deinit do else enum extension fallthrough false
        fileprivate for func guard if import in init inout internal is let nil open operator private precedencegroup protocol public repeat
        rethrows return self some static struct subscript super switch throw throws true try typealias var where while
        Any Self Type Protocol Optional Array Set Dictionary String Int Double Bool Error Result Character Substring Never Task Void
        AnyParameter Answer Ask Asker Beams Budget Capabilities Confidence ConfidenceVote ConsistencyRounds StepSearch TokenFigure TokenFigures
        Function Harvest Host HostRandom LogLevel Next Node NodeID Nodes Outcome Parameter ParameterRow Plugin Problem
        ResumableStrategy RevisionChain Role Sampling SearchStopped Selection Sequential SequentialStrategy Setup
        Standard StateReader StateWriter Stopping Strategy StrategyError StrategyInfo Tell Text Told StrategyKit
        CStratagem Swift Foundation Testing Glibc
        """)
    private static let rustWords = words(
        """
        abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if impl in let loop
        macro match mod move mut override priv pub ref return self static struct super trait true try type typeof union unsafe unsized use
        virtual where while yield std core alloc test proc_macro stratagem Self Option Result String Vec Box Some None Ok Err Send Sync
        Strategy Search Plugin Host Setup Tell Told Next Ask Asker Answer Node NodeInfo Error Param Params Budget Harvest Event Outcome
        Group Info Instance Level Loop Role Sampling Selection Turn Value looped
        """)
    private static let pythonWords = words(
        """
        False None True and as assert async await break class continue def del elif else except finally for from global if import in is
        lambda nonlocal not or pass raise return try while with yield match case type print self
        Strategy Host Node Tell Told Sample Score Append Revise Run Ask Answer Done Param Setup Budget Harvest Problem Error StrategyError
        Role N Boundary
        """)
}
