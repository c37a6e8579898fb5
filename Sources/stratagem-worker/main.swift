import StrategyHost

// One plugin, in a process that can do nothing but answer the host. See docs/internals/isolation.md.
IsolatedServer.main(CommandLine.arguments)
