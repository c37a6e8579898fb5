import StrategyHost

// One plugin, in a process that can do nothing but answer the host. See ARCHITECTURE.md, "Isolation".
IsolatedServer.main(CommandLine.arguments)
