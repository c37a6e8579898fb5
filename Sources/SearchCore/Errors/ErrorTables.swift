extension ErrorSection {
    static let commandLine = ErrorSection(
        title: "The command line",
        entries: [
            .init(
                .usage, [.user],
                cause: "The command line could not be read.",
                remedy: "The message names the option; `stratagem COMMAND --help` shows what there is."),
            .init(
                .badArgument, [.user],
                cause: "An argument has a value that is not allowed.",
                remedy: "The message says which values are allowed."),
            .init(
                .badBudget, [.user],
                cause: "`--budget` or `--spend` could not be read, or is too little for what it has to pay for.",
                remedy: "Write N, tokens=T, flops=F or seconds=S, joined with `+`; the message says what is too little."
            ),
            .init(
                .badParam, [.user],
                cause: "`--param` is not `name=value`, or a name is given twice.",
                remedy: "Write each parameter once, as `name=value`."),
            .init(
                .badStrategy, [.user],
                cause:
                    "`--strategy` could not be read, is given twice, or leaves no two strategies that can be compared.",
                remedy: "Write `NAME` or `NAME:key=value,…`."),
            .init(
                .badPicture, [.user],
                cause: "The file name of `--tree` does not end as a known kind of picture does.",
                remedy: "End the file's name as the message says."),
            .init(
                .badReport, [.user],
                cause: "The ending of `report -o` is not one of those that it writes.",
                remedy: "Name the file `FILE.html` or `FILE.md`."),
            .init(
                .badRatio, [.user],
                cause: "`--ratio` is not between 10⁻⁶ and 10⁶.",
                remedy: "Give a ratio in that range."),
            .init(
                .badThresholds, [.user],
                cause: "The thresholds of bins are not a falling list of numbers from 0 to 1.",
                remedy: "Write them like `0.8,0.5,0.2`."),
            .init(
                .badLevel, [.user],
                cause: "`check --level` is out of range.",
                remedy: "`stratagem check --list` shows the levels."),
            .init(
                .badTimeout, [.user],
                cause: "`check --timeout` is not above 0.",
                remedy: "Give a number of seconds above 0."),
            .init(
                .badPort, [.user],
                cause: "The server's port is out of range.",
                remedy: "Give a number from 0 to 65535; 0 takes a free one."),
            .init(
                .badHost, [.user],
                cause: "`serve --host` is not an address or a name of this machine.",
                remedy: "Give one, such as 127.0.0.1."),
            .init(
                .portInUse, [.user],
                cause: "Another program listens on that port.",
                remedy: "Give another `--port`, or end that program."),
            .init(
                .portRefused, [.user],
                cause: "The system does not let this user listen on that port.",
                remedy: "Give a port from 1024 on."),
            .init(
                .cannotListen, [.user],
                cause: "The server cannot listen there.",
                remedy: "The message gives the system's reason."),
            .init(
                .badKeys, [.user],
                cause: "The file of keys cannot be read, or others can read it.",
                remedy: "The message names the line or the permission."),
            .init(
                .noKeys, [.user],
                cause: "`serve` would listen to other machines without keys.",
                remedy: "Give `--keys FILE`, or listen on 127.0.0.1."),
            .init(
                .badFile, [.user],
                cause: "`serve --file` is not `name=path` of a file that can be read.",
                remedy: "Write `name=path`, and check that the file can be read."),
            .init(
                .badView, [.user],
                cause: "The arguments of `view` are not one store or some traces.",
                remedy: "Name one store (`eval --out`), or traces (`solve --trace`)."),
            .init(
                .noBrowser, [.user],
                cause: "`view --open` finds no program that opens a page.",
                remedy: "Open the printed address."),
            .init(
                .serverFailed, [.host],
                cause: "The server ended by itself.",
                remedy: "Please report it, with its log."),
            .init(
                .unknownCheck, [.user],
                cause: "There is no check with that name.",
                remedy: "`stratagem check --list` lists all checks."),
            .init(
                .interrupted, [.user],
                cause: "Ctrl-C or a signal arrived, and the running work did not end in time.",
                remedy: "Run it again; `--resume` continues a store."),
        ])

    static let problems = ErrorSection(
        title: "Problems and data",
        entries: [
            .init(
                .noProblem, [.user],
                cause: "No problem is given.",
                remedy: "Give a problem, a file, or `-` for standard input."),
            .init(
                .twoProblems, [.user],
                cause: "A problem is given in two ways.",
                remedy: "Give it once."),
            .init(
                .noExample, [.user],
                cause: "There is no example with that number.",
                remedy: "The message says how many there are."),
            .init(
                .badProblem, [.user, .plugin],
                cause:
                    "A problem is empty, too large, contains NUL or is not UTF-8. With origin `plugin`: the plugin names a problem that its instance does not have.",
                remedy: "Correct the text. Plugins: use an index below `problem_count`."),
            .init(
                .badData, [.user],
                cause: "A data set cannot be read; the message names the file and the line.",
                remedy: "Correct that line, or give the names of the fields (docs/data.md)."),
            .init(
                .ambiguousName, [.user],
                cause: "A short name of an included data set or bundle is also the name of a file here.",
                remedy: "Write `./NAME` for the file."),
            .init(
                .problemTooLong, [.user],
                cause: "The problem fills the model's context.",
                remedy: "Shorten it, or use a bundle with a longer context."),
            .init(
                .contextExceeded, [.user],
                cause: "A prompt does not fit the model's context.",
                remedy: "Shorten it, or raise the bundle's context if the model allows it."),
            .init(
                .contextFull, [.user],
                cause: "A prompt does not fit the context of a scripted model.",
                remedy: "Shorten it."),
            .init(
                .emptyPrompt, [.user],
                cause: "The problem and the template are both empty.",
                remedy: "Give a problem."),
            .init(
                .tooFewProblems, [.user],
                cause: "There are too few problems to fill the bins, or to compare strategies.",
                remedy: "Use fewer bins or more problems."),
            .init(
                .tooFewDifficulties, [.user],
                cause: "The samples distinguish fewer difficulties than there are bins.",
                remedy: "Use more samples or fewer bins."),
            .init(
                .noDifficulty, [.user],
                cause: "The difficulty of the problems is not known.",
                remedy: "Run best-of-n with its default parameters into the store, or add answers."),
            .init(
                .noScores, [.verifier],
                cause: "The verifier gave no score in [0, 1] for a problem's samples.",
                remedy: "Repair the verifier, or use oracle difficulty."),
            .init(
                .notLarger, [.user],
                cause: "The large model does not have more parameters than the small one.",
                remedy: "Swap the roles, or name other models."),
            .init(
                .otherLabels, [.user],
                cause: "`label --out` names a file that holds labels of another kind.",
                remedy: "Repeat the command that made it, or name another file."),
        ])

    static let models = ErrorSection(
        title: "Bundles and models",
        entries: [
            .init(
                .badModel, [.user],
                cause: "`--model` is neither a GGUF file nor the name of something to fetch.",
                remedy: "The message says what is missing; for `hf:` names it gives the command that fetches the file."),
            .init(
                .badTemplate, [.model],
                cause: "A model's chat template cannot be rendered, or it drops the question.",
                remedy:
                    "Write a bundle with a prompt of your own; `stratagem bundle FILE.gguf --plain` prints one to start from."
            ),
            .init(
                .badConversation, [.user],
                cause: "A conversation has too many turns.",
                remedy: "Leave out the oldest turns."),
            .init(
                .noChatTemplate, [.user],
                cause:
                    "A request has several turns, and the bundle's prompt does not come from a chat template of the model.",
                remedy: "Send one user message, or use a bundle that `stratagem bundle FILE.gguf` writes."),
            .init(
                .badPattern, [.user],
                cause: "`steps` of a bundle is not a regular expression, or it matches the empty text.",
                remedy: "Correct the expression, or use a named rule (docs/bundles.md)."),
            .init(
                .modelTooLarge, [.user],
                cause: "The weights need more memory than this process may use.",
                remedy: "Use a smaller model, a smaller quantisation or a larger machine."),
            .init(
                .noProcess, [.host],
                cause: "No process could be started to render a chat template.",
                remedy:
                    "The message gives the system's reason; a bundle with a prompt of your own needs no such process."),
            .init(
                .badBundle, [.user],
                cause: "A bundle cannot be read; the message names the file, the line and the key.",
                remedy: "Correct that key (docs/bundles.md)."),
            .init(
                .badScript, [.user],
                cause: "A script cannot be read; the message names the line.",
                remedy: "Correct that line."),
            .init(
                .noReferenceModels, [.user],
                cause: "The shipped models are not installed beside the program.",
                remedy: "Name a bundle, or install the models."),
            .init(
                .noBackend, [.user, .host],
                cause: "A role has a kind of source that this program cannot open.",
                remedy: "Use a kind that the message names."),
            .init(
                .noModel, [.user, .host],
                cause: "The strategy needs a model in a role that the bundle does not have.",
                remedy: "Add the role, or choose another strategy."),
            .init(
                .noVerifier, [.user],
                cause: "The strategy needs a verifier in a role that the bundle does not have.",
                remedy: "Add the role, or choose a selection such as majority."),
            .init(
                .noShape, [.user],
                cause: "FLOPs are to be limited or compared, but the shape of a model is not known.",
                remedy: "Limit generations, tokens or seconds."),
            .init(
                .ggufUnreadable, [.model],
                cause: "A GGUF file does not exist or may not be read.",
                remedy: "Check the path and the permissions."),
            .init(
                .ggufNot, [.model],
                cause: "The file is not a GGUF file.",
                remedy: "Name a GGUF file; if this one is a Git LFS pointer, fetch the file itself."),
            .init(
                .ggufTruncated, [.model],
                cause: "The GGUF file is truncated.",
                remedy: "Copy or download it again."),
            .init(
                .ggufDamaged, [.model],
                cause: "The header of the GGUF file is inconsistent.",
                remedy: "Copy or download it again, or convert the model again."),
            .init(
                .ggufUnsupported, [.model],
                cause: "This program cannot run this kind of model.",
                remedy: "Convert the model as the message says."),
            .init(
                .contextFailed, [.model],
                cause: "llama.cpp cannot create a context.",
                remedy: "Use fewer sequences, a shorter context or a smaller cache."),
            .init(
                .badEndpoint, [.user],
                cause: "An endpoint's address cannot be used.",
                remedy: "Write `http://HOST:PORT` or `https://…`."),
            .init(
                .unknownModel, [.user],
                cause: "The server does not have the named model, or it has several and none was named.",
                remedy: "Name one that the message lists."),
            .init(
                .noKey, [.user],
                cause: "The environment variable of the endpoint's key is not set.",
                remedy: "Set the variable."),
            .init(
                .endpointFailed, [.user, .model],
                cause: "A server cannot be reached, or its answer is not what the interface requires.",
                remedy: "The message names the server, the request and the remedy."),
            .init(
                .releasedPrefix, [.host],
                cause: "A prefix was used after its release.",
                remedy: "This is a defect of the host: please report it."),
            .init(
                .tooManyPrefixes, [.host],
                cause: "A scripted model holds more prefixes than a test allows.",
                remedy: "This is a defect of the host: please report it."),
        ])
}
