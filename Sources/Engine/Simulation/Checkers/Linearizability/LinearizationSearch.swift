import CoreTypes

/// Looks for an order of one partition's operations that explains their results and agrees with real time.
///
/// 1. Invocations and responses of answered operations stand in a list, by step. An operation may be placed next if its
///    invocation stands before the first response that is left (Wing and Gong, *Testing and Verifying Concurrent
///    Objects*, 1993).
/// 2. Placing it takes both out of the list; where nothing can be placed, the last placement is taken back.
/// 3. What was placed and the state it led to are remembered as one fingerprint: who comes there again by another way
///    turns back at once (Lowe, *Testing for Linearizability*, 2017).
/// 4. A placement that changes nothing is never taken back alone: had another order worked, this one works as well.
/// 5. Operations of unknown outcome are tried only where nothing else can be placed; they may be left over.
struct LinearizationSearch {
    enum Verdict {
        case linearizable
        /// The answer of this operation, the latest that any order reached, cannot be explained: the history up to it is
        /// the shortest prefix that is not linearizable.
        case broken(operation: Int, states: [SearchZnode])
        /// It took more placements than allowed.
        case undecided
    }

    private struct Frame {
        var operation: Int
        /// How many former values there were before it.
        var undoCount: Int
        var state: UInt128
        /// Of an optional operation: the response at which it was tried, and its place among the optional ones.
        var response: Int
        var optional: Int
    }

    private let partition: SearchPartition
    private var state: SearchState
    /// Entry 0 heads the list; entry i belongs to `owners[i]`; a response's entry is later than its invocation's.
    private var next: [Int]
    private var previous: [Int]
    private var owners: [Int]
    private var isResponse: [Bool]
    /// By operation: its two entries.
    private var entries: [(invocation: Int, response: Int)]
    /// Operations of unknown outcome, the likeliest first.
    private var optionals: [Int]
    private var isPlaced: [Bool]
    private var placedFingerprint: UInt128 = 0
    private var seen = FingerprintSet()
    private var frames: [Frame] = []
    private var answeredLeft = 0
    private(set) var placementCount = 0
    private var furthest = 0
    private var furthestStates: [SearchZnode] = []

    init(_ partition: SearchPartition) {
        self.partition = partition
        let operations = partition.operations
        state = SearchState(znodeCount: partition.paths.count)
        isPlaced = Array(repeating: false, count: operations.count)
        entries = Array(repeating: (0, 0), count: operations.count)
        optionals = operations.indices.filter { operations[$0].isOptional }
        optionals.sort { (operations[$0].hint, $0) < (operations[$1].hint, $1) }
        var events: [(step: Step, operation: Int, isResponse: Bool)] = []
        for index in operations.indices where !operations[index].isOptional {
            events.append((operations[index].invoked, index, false))
            events.append((operations[index].responded, index, true))
            answeredLeft += 1
        }
        events.sort { $0.step < $1.step }
        owners = [-1] + events.map(\.operation)
        isResponse = [false] + events.map(\.isResponse)
        next = (0...events.count).map { $0 == events.count ? 0 : $0 + 1 }
        previous = (0...events.count).map { $0 == 0 ? events.count : $0 - 1 }
        for (index, event) in events.enumerated() {
            if event.isResponse {
                entries[event.operation].response = index + 1
            } else {
                entries[event.operation].invocation = index + 1
            }
        }
    }

    // MARK: The search

    mutating func run(placementCountMax: Int) -> Verdict {
        var cursor = next[0]
        var optional = 0
        while answeredLeft > 0 {
            if placementCount > placementCountMax { return .undecided }
            if !isResponse[cursor] {
                cursor = place(owners[cursor]) ? next[0] : next[cursor]
                optional = 0
                continue
            }
            note(cursor)
            if placeOptional(from: optional, before: cursor) {
                cursor = next[0]
                optional = 0
            } else if let frame = takeBack() {
                let isOptional = partition.operations[frame.operation].isOptional
                cursor = isOptional ? frame.response : next[entries[frame.operation].invocation]
                optional = isOptional ? frame.optional + 1 : 0
            } else {
                return .broken(operation: owners[furthest], states: furthestStates)
            }
        }
        return .linearizable
    }

    /// Remembers how far any order got.
    private mutating func note(_ response: Int) {
        guard response > furthest else { return }
        furthest = response
        furthestStates = state.znodes
    }

    private mutating func placeOptional(from first: Int, before response: Int) -> Bool {
        let step = partition.operations[owners[response]].responded
        var index = first
        while index < optionals.count {
            let operation = optionals[index]
            if !isPlaced[operation], partition.operations[operation].invoked < step,
                place(operation, response: response, optional: index)
            {
                return true
            }
            index += 1
        }
        return false
    }

    /// Places an operation if it explains its results and leads to something new.
    private mutating func place(_ operation: Int, response: Int = 0, optional: Int = 0) -> Bool {
        placementCount += 1
        let frame = Frame(
            operation: operation, undoCount: state.undoCount, state: state.fingerprint, response: response,
            optional: optional)
        let wanted = partition.operations[operation]
        let actions = partition.actions[wanted.actions]
        guard wanted.isOptional ? state.mayExecute(actions) : state.executes(actions) else { return false }
        let mark = LinearizationSearch.fingerprint(of: operation)
        let hasChanged = state.undoCount > frame.undoCount
        if hasChanged, !seen.insert((placedFingerprint ^ mark) &+ state.fingerprint) {
            state.undo(to: frame.undoCount, fingerprint: frame.state)
            return false
        }
        // What changes nothing is not worth placing if it need not be.
        if wanted.isOptional && !hasChanged { return false }
        placedFingerprint ^= mark
        isPlaced[operation] = true
        frames.append(frame)
        if !wanted.isOptional {
            answeredLeft -= 1
            unlink(entries[operation].invocation)
            unlink(entries[operation].response)
        }
        return true
    }

    /// Takes back the last placement that changed something, and all after it; nil if there is none.
    private mutating func takeBack() -> Frame? {
        while let frame = frames.popLast() {
            let hasChanged = state.undoCount > frame.undoCount
            state.undo(to: frame.undoCount, fingerprint: frame.state)
            placedFingerprint ^= LinearizationSearch.fingerprint(of: frame.operation)
            isPlaced[frame.operation] = false
            if !partition.operations[frame.operation].isOptional {
                answeredLeft += 1
                relink(entries[frame.operation].response)
                relink(entries[frame.operation].invocation)
            }
            if hasChanged { return frame }
        }
        return nil
    }

    private mutating func unlink(_ entry: Int) {
        next[previous[entry]] = next[entry]
        previous[next[entry]] = previous[entry]
    }

    private mutating func relink(_ entry: Int) {
        next[previous[entry]] = entry
        previous[next[entry]] = entry
    }

    private static func fingerprint(of operation: Int) -> UInt128 {
        let low = mixedBits(UInt64(operation) << 1)
        return UInt128(mixedBits(low ^ 0xA076_1D64_78BD_642F)) << 64 | UInt128(low)
    }
}
