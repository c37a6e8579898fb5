import Conformance
import Glibc
import StrategyHost

StandardDescriptors.complete()

// A child of `check` must be that before anything starts a thread.
ChildMain.runIfAsked(CommandLine.arguments)

// A reader that goes away is an error of write(2), not the end of the process.
signal(SIGPIPE, SIG_IGN)
Interrupt.install()
Interrupt.beforeQuitting { PluginCacheThrowaways.removeAll() }
await Program.run()
