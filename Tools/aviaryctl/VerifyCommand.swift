import ArgumentParser
import ReplicaEngine

/// Reads everything and says what is damaged.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Reads every byte of a data directory and says what is damaged. Changes nothing.",
        discussion: """
            Checks identity, log, store (its pages, the checksum of every row, what parents say of their children) and \
            snapshots. A log's torn tail is no damage: it was never acknowledged. What is \
            damaged in a replica of a cluster, the others have: its next start fetches it from them.

            Example:
              aviaryctl verify /var/lib/aviary
              aviaryctl verify --json /var/lib/aviary
            """)

    @OptionGroup var place: DirectoryOptions
    @Flag(help: "Print one JSON array: part, whole, text.")
    var json = false

    func run() throws {
        let findings: [DirectoryCheck.Finding]
        do throws(EngineError) {
            findings = try DirectoryCheck(place.directory, logDirectory: place.logDirectory).run { part in
                say("reading \(part)")
            }
        } catch {
            say("aviaryctl: \(error)")
            throw ExitCode(error)
        }
        if json {
            print("[\(findings.map(object).joined(separator: ", "))]")
        } else {
            for finding in findings {
                print("\(finding.isWhole ? "whole  " : "DAMAGED") \(finding.part): \(finding.text)")
            }
        }
        if findings.contains(where: { !$0.isWhole }) { throw ExitCode.damaged }
    }

    private func object(_ finding: DirectoryCheck.Finding) -> String {
        "{\"part\": \(quoted(finding.part)), \"whole\": \(finding.isWhole), \"text\": \(quoted(finding.text))}"
    }

    private func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20: quoted += " "
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
