extension ErrorSection {
    static let plugins = ErrorSection(
        title: "Plugins and parameters",
        entries: [
            .init(
                .unknownStrategy, [.user, .plugin],
                cause: "No loaded plugin has a strategy with this name.",
                remedy: "`stratagem plugins` lists the strategies; the message suggests the nearest name."),
            .init(
                .unknownFunction, [.user],
                cause: "No loaded plugin has a function with this name.",
                remedy: "`stratagem plugins` lists the functions."),
            .init(
                .unknownHook, [.user],
                cause: "A function belongs to a hook that this host does not know.",
                remedy: "Use a newer host, or build the plugin for this one."),
            .init(
                .commandNotAllowed, [.user],
                cause: "A bundle runs a program as a verifier, which would have your rights.",
                remedy: "Read the bundle and the program. If you trust them, add `--allow-commands`."),
            .init(
                .wrongHook, [.host],
                cause: "A function belongs to another hook than the one that is needed.",
                remedy: "This is a defect of the host: please report it."),
            .init(
                .unknownParameter, [.user, .plugin],
                cause: "The strategy does not have a parameter with this name.",
                remedy: "The message lists the parameters that it has."),
            .init(
                .badParameter, [.user, .plugin],
                cause: "A parameter's value is out of range or of the wrong kind.",
                remedy: "The message says what is allowed."),
            .init(
                .missingParameter, [.user, .plugin],
                cause: "A required parameter has no value.",
                remedy: "Give the value with `--param name=value`, or in the bundle."),
            .init(
                .unreadableFile, [.user],
                cause: "A file that a parameter names cannot be read.",
                remedy: "Check the path and the permissions."),
            .init(
                .notABatch, [.user],
                cause: "The strategy takes one problem at a time.",
                remedy: "Give one problem."),
            .init(
                .pluginUnreadable, [.user],
                cause: "A plugin that was named cannot be read.",
                remedy: "Check the path and the permissions."),
            .init(
                .pluginRefused, [.plugin, .host],
                cause: "The file is not a plugin that this host can load; the message says why.",
                remedy: "`stratagem check FILE` says more."),
            .init(
                .noPlugin, [.user],
                cause: "The file that `check` was given is not a shared object.",
                remedy: "Name the .so itself."),
            .init(
                .untrustedFunction, [.user],
                cause: "The function belongs to a plugin that is not trusted.",
                remedy: "If you trust the plugin, run `stratagem trust FILE`."),
            .init(
                .trustFile, [.user],
                cause: "The list of trusted plugins cannot be read or written.",
                remedy: "Correct the file that the message names."),
            .init(
                .notTrusted, [.user],
                cause: "The plugin is not trusted, and this command would run it in the program's own process.",
                remedy: "If you trust the plugin, run `stratagem trust FILE`."),
            .init(
                .strategyFailed, [.plugin],
                cause: "The strategy reported that it failed; its message follows.",
                remedy: "Do what the strategy's message says."),
            .init(
                .hang, [.plugin],
                cause: "A call into a plugin did not return; it ran in the program's own process.",
                remedy: "Run the plugin with `--isolate`; report the defect to its author."),
            .init(
                .noInstance, [.plugin, .host],
                cause: "`create` returned STG_OK without an instance, or the host lost an instance.",
                remedy: "Report the defect to the plugin's author."),
            .init(
                .closuresUnavailable, [.host],
                cause: "libffi cannot create closures here; `--trace-abi` needs them.",
                remedy: "Run without `--trace-abi`."),
        ])

    static let workers = ErrorSection(
        title: "Plugins in worker processes",
        entries: [
            .init(
                .crashed, [.plugin],
                cause: "The plugin's process ended; the message names the signal and the call.",
                remedy:
                    "Report the defect to the plugin's author; with `stratagem replay` the plugin can be run in a debugger."
            ),
            .init(
                .timedOut, [.plugin],
                cause: "A call did not return in time.",
                remedy: "As for `crashed`."),
            .init(
                .outOfMemory, [.plugin],
                cause: "The plugin used all the memory that it is allowed.",
                remedy: "Use a smaller budget; report the defect to the plugin's author."),
            .init(
                .forbiddenCall, [.plugin],
                cause: "The plugin made a system call that isolation forbids.",
                remedy: "If you trust the plugin, run `stratagem trust FILE`."),
            .init(
                .badMessage, [.plugin],
                cause: "The worker sent an invalid message.",
                remedy: "As for `crashed`."),
            .init(
                .tooManyMessages, [.plugin],
                cause: "The worker sent more messages than allowed.",
                remedy: "As for `crashed`."),
            .init(
                .notRepeatable, [.plugin],
                cause: "The plugin's process was started again, and the plugin then asked for something else.",
                remedy: "The plugin must take all random numbers from the host; report the defect to its author."),
            .init(
                .keepsCrashing, [.plugin],
                cause: "The plugin crashed several times in a row and is refused for a while.",
                remedy: "As for `crashed`."),
            .init(
                .workerMissing, [.host],
                cause: "The worker program is not installed beside this program.",
                remedy: "Install the program with all its files."),
            .init(
                .workerNotStarted, [.host],
                cause: "A worker process cannot be started.",
                remedy: "The message gives the system's reason."),
            .init(
                .notSynchronous, [.host],
                cause: "An isolated instance was called in the wrong way.",
                remedy: "This is a defect of the host: please report it."),
        ])

    static let asks = ErrorSection(
        title: "What a strategy asks for",
        entries: [
            .init(
                .badNext, [.plugin],
                cause: "`next` returned an unknown kind.",
                remedy: "The message cites the clause of stratagem.h; `stratagem check` finds the place."),
            .init(
                .badAsks, [.plugin],
                cause: "The pointer to the batch is NULL or misaligned, or the batch is too large.",
                remedy: "As for `bad_next`."),
            .init(
                .tooManyAsks, [.plugin],
                cause: "A batch holds more texts and nodes than the host accepts.",
                remedy: "Ask for less in one batch."),
            .init(
                .badStructSize, [.plugin],
                cause: "A struct does not give its size.",
                remedy: "Set `struct_size` to `sizeof` of the struct."),
            .init(
                .duplicateTag, [.plugin],
                cause: "Two asks of a batch have the same tag.",
                remedy: "Give each ask its own tag."),
            .init(
                .badRole, [.plugin],
                cause:
                    "An ask names something that cannot be a role: a parameter's value that was read past its end or kept too long, or a text with characters that are not allowed in a role.",
                remedy: "Copy the texts in `create`, using their sizes."),
            .init(
                .unknownAsk, [.plugin],
                cause: "The ask has a kind that this host does not know.",
                remedy: "Check the host's `abi_minor` before using newer kinds."),
            .init(
                .badCount, [.plugin],
                cause: "A SAMPLE ask's count is out of range.",
                remedy: "Use 1 to STG_MAX_COUNT."),
            .init(
                .badSteps, [.plugin],
                cause: "A SAMPLE ask's number of steps is out of range.",
                remedy: "Use 0 to STG_MAX_STEPS."),
            .init(
                .badTemperature, [.plugin],
                cause: "The temperature is negative or not a number.",
                remedy: "Give a finite number, at least 0."),
            .init(
                .badFilter, [.plugin],
                cause: "top_p or min_p is not in [0, 1].",
                remedy: "Give a value in this interval."),
            .init(
                .badAppend, [.plugin],
                cause: "An APPEND ask has no text.",
                remedy: "Give the ask a text."),
            .init(
                .badShare, [.plugin],
                cause: "A RUN ask's share is not in (0, 1].",
                remedy: "Give a value in this interval."),
            .init(
                .badParams, [.plugin],
                cause: "The parameters of a RUN ask are at NULL, too many, given twice or of an unknown kind.",
                remedy: "Correct the list."),
            .init(
                .badNodes, [.plugin],
                cause: "The nodes of an ask are at NULL or too many.",
                remedy: "Correct the list."),
            .init(
                .badText, [.plugin],
                cause: "A text is at NULL or too long.",
                remedy: "Correct the text."),
            .init(
                .badUtf8, [.plugin],
                cause: "A text that has to be UTF-8 is not UTF-8.",
                remedy: "Pass UTF-8 for roles, strategies, and the names and texts of parameters."),
            .init(
                .foreignNode, [.plugin],
                cause: "An ask names a node that was never issued to this instance.",
                remedy: "Use only nodes that a tell named."),
            .init(
                .finishedNode, [.plugin],
                cause: "An ask continues a finished node.",
                remedy: "Check the flag STG_NODE_FINISHED."),
            .init(
                .scoredRoot, [.plugin],
                cause: "A SCORE ask names a root, which has no step.",
                remedy: "Score nodes below it."),
            .init(
                .rootAttempt, [.plugin],
                cause: "A REVISE ask shows a root as an attempt.",
                remedy: "Show nodes below it."),
            .init(
                .selfRun, [.plugin],
                cause: "A strategy runs itself, directly or through others.",
                remedy: "Run another strategy."),
            .init(
                .nestedTooDeep, [.plugin],
                cause: "RUN asks are nested too deeply.",
                remedy: "Nest fewer RUN asks."),
            .init(
                .ignoredStop, [.plugin],
                cause: "The strategy got CANCELLED or BUDGET_OVER and asked for more.",
                remedy: "Answer CANCELLED and BUDGET_OVER with DONE."),
            .init(
                .noProgress, [.plugin],
                cause: "The strategy took too many turns in which nothing was spent.",
                remedy: "Ask for something, or answer with DONE."),
            .init(
                .tooManyRounds, [.plugin],
                cause: "The strategy took too many turns.",
                remedy: "Answer with DONE earlier."),
            .init(
                .tooManyNodes, [.plugin],
                cause: "The strategy's tree is too large, or the strategy added too many nodes without sampling.",
                remedy: "Add fewer nodes."),
            .init(
                .tooMuchText, [.plugin],
                cause: "The strategy appended more text than allowed.",
                remedy: "Append less."),
            .init(
                .badAnswers, [.plugin],
                cause: "The ranking is at NULL or too long.",
                remedy: "Correct the list."),
            .init(
                .badWeight, [.plugin],
                cause: "A weight is negative or not a number.",
                remedy: "Give a finite number, at least 0."),
            .init(
                .duplicateAnswer, [.plugin],
                cause: "A node is in the ranking twice.",
                remedy: "Name each node once."),
            .init(
                .foreignAnswer, [.plugin],
                cause: "An answer names a node that was never issued to this instance.",
                remedy: "Answer only with nodes that a tell named."),
            .init(
                .unfinishedAnswer, [.plugin],
                cause: "An answer names a node that is not finished.",
                remedy: "Check the flag STG_NODE_FINISHED."),
            .init(
                .stuck, [.host],
                cause:
                    "A run was waiting, but nothing was left that it could wait for; it was ended with the answers that were finished.",
                remedy: "This is a defect of the host: please report it."),
        ])
}
