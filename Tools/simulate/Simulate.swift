import ArgumentParser

/// Runs clusters of real engines over simulated network, clocks and disks.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs clusters of real engines over simulated network, clocks and disks, and checks every promise.",
        subcommands: [RunCommand.self, MatrixCommand.self], defaultSubcommand: RunCommand.self)
}
