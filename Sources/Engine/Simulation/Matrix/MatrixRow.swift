/// A row of the matrix: a kind of damage, and what the paper's systems made of it.
///
/// Source: Alagappan et al., *Protocol-Aware Recovery for Consensus-Based Storage* (FAST 2018), §5.
package enum MatrixRow: String, CaseIterable, Sendable {
    case payload
    case header
    case unmarked
    case corruption
    case errors
    case lagging
    case snapshots
    case files

    /// How many cases there are, or are drawn.
    package var caseCount: Int {
        switch self {
        case .payload, .header, .unmarked: 4_096
        case .corruption, .errors, .lagging: 5_000
        case .snapshots: 1_000
        case .files: MatrixFileFault.combinationCount
        }
    }

    package var title: String {
        switch self {
        case .payload: "records of 4 entries on 3 replicas, every combination"
        case .header: "headers of their groups, every combination"
        case .unmarked: "the same, no mark behind the last one"
        case .corruption: "blocks of the logs, at random"
        case .errors: "blocks that cannot be read, at random"
        case .lagging: "blocks at random, one replica behind, one late"
        case .snapshots: "snapshots, and one replica so far behind that it needs one"
        case .files: "whole files and their headers, every combination"
        }
    }

    /// What the paper says of ZooKeeper and of its own CTRL.
    package var paper: String {
        switch self {
        case .payload, .header, .unmarked:
            "ZooKeeper: 46 of 2401 correct, 2355 unsafe (it truncates) or unavailable (it crashes); CTRL: all correct"
        case .corruption: "ZooKeeper: 3537 of 5000 correct, 656 unsafe, 807 unavailable; CTRL: all correct"
        case .errors: "ZooKeeper: 2531 of 5000 correct, 0 unsafe, 2469 unavailable; CTRL: all correct"
        case .snapshots: "ZooKeeper: 383 of 1000 correct, 200 unsafe, 417 unavailable; CTRL: all correct"
        case .files:
            "ZooKeeper: 479 of 1000 correct, 192 unsafe, 329 unavailable; CTRL: none unsafe, it refuses to start"
        case .lagging: "ZooKeeper: 1888 of 5000 correct, 1806 unsafe, 1306 unavailable; CTRL: all correct"
        }
    }
}
