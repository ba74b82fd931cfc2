import ArgumentParser
import ReplicaEngine

/// Makes the store anew.
struct RebuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Makes the store of a data directory anew, from the newest whole snapshot and the log after it.",
        discussion: """
            A start does so by itself when it finds the store damaged. This is for damage that shows only where it is \
            read: see "aviaryctl verify". Nothing acknowledged is lost: snapshot and log are read to their ends first, \
            and without a gap they hold all that the store held. The old file is kept beside the new one.

            The store of a replica of a cluster, if snapshot and log do not prove what it held, is left empty: the next \
            start fills it from the other replicas.

            Example:
              aviaryctl rebuild /var/lib/aviary
            """)

    @OptionGroup var place: DirectoryOptions

    func run() throws {
        say("reading snapshots and log")
        do throws(EngineError) {
            print(try StoreRebuild.run(place.directory, logDirectory: place.logDirectory))
        } catch {
            say("aviaryctl: \(error)")
            throw ExitCode(error)
        }
    }
}
