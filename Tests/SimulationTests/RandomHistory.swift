import CoreTypes
import Simulation
import ZooKeeperWire

/// Draws a right history: clients that overlap, each operation executed at one point between its two ends.
struct RandomHistory {
    struct Options {
        var clientCount = 3
        var pathCount = 1
        var operationCount = 6
        /// Of a hundred answers, those that never arrive.
        var lossPercentage: UInt64 = 10
        /// Of a hundred operations, those that touch two znodes.
        var multiPercentage: UInt64 = 10
        /// The replicas tell what they executed.
        var tellsExecutions = true
    }

    struct Node {
        var version: Int32 = 0
        var content: UInt64
        var czxid: UInt64
        var mzxid: UInt64
        var owner: UInt64 = 0
    }

    private enum Client {
        case idle
        case waiting(Int, [Action])
        case answering(Int, zxid: UInt64, [ActionResult])
    }

    private let options: Options
    private var generator: SplitMix64
    private var script = HistoryScript()
    private var clients: [Client]
    private var sessions: [UInt64]
    private var nodes: [Node?]
    private var paths: [PathID] = []
    private var zxid: UInt64 = 0
    private var contentCount: UInt64 = 0
    private var invokedCount = 0

    static func draw(_ options: Options, seed: UInt64) -> HistoryScript {
        var drawing = RandomHistory(options, seed: seed)
        return drawing.run()
    }

    private init(_ options: Options, seed: UInt64) {
        self.options = options
        generator = SplitMix64(seed: seed)
        clients = Array(repeating: .idle, count: options.clientCount)
        sessions = (1...options.clientCount).map { UInt64($0) }
        nodes = Array(repeating: nil, count: options.pathCount)
        for number in 0..<options.pathCount { paths.append(script.path("/n\(number)")) }
    }

    private mutating func draw(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }

    private mutating func run() -> HistoryScript {
        while true {
            let client = draw(clients.count)
            switch clients[client] {
            case .idle:
                if invokedCount < options.operationCount { invoke(client) }
            case .waiting(let operation, let actions): execute(client, operation, actions)
            case .answering(let operation, let zxid, let results):
                script.end(operation, zxid: zxid, results)
                clients[client] = .idle
            }
            let isOver = clients.allSatisfy { if case .idle = $0 { true } else { false } }
            if isOver && invokedCount >= options.operationCount { return script }
        }
    }

    private mutating func invoke(_ client: Int) {
        invokedCount += 1
        let isMulti = options.pathCount > 1 && generator.next() % 100 < options.multiPercentage
        var actions = [drawAction(isWrite: isMulti || draw(2) == 0)]
        if isMulti { actions.append(drawAction(isWrite: true)) }
        let isSynced = !actions[0].kind.isWrite && draw(4) > 0
        let operation = script.begin(sessions[client], actions, isMulti: isMulti, isSynced: isSynced)
        clients[client] = .waiting(operation, actions)
    }

    private mutating func drawAction(isWrite: Bool) -> Action {
        let path = paths[draw(paths.count)]
        guard isWrite else { return Action(draw(3) == 0 ? .exists : .get, path) }
        contentCount += 1
        let version = draw(3) == 0 ? Int32(draw(3)) : -1
        switch draw(6) {
        case 0, 1: return Action(.create, path, content: contentCount, isEphemeral: draw(3) == 0)
        case 2: return Action(.delete, path, version: version)
        default: return Action(.set, path, version: version, content: contentCount)
        }
    }

    private mutating func execute(_ client: Int, _ operation: Int, _ actions: [Action]) {
        let isWrite = actions.contains { $0.kind.isWrite }
        let isLost = isWrite && generator.next() % 100 < options.lossPercentage
        if isLost { clients[client] = .idle }
        if isLost && draw(2) == 0 { return }
        if isWrite { zxid += 1 }
        let before = nodes
        var results: [ActionResult] = []
        for action in actions where results.last?.error ?? .ok == .ok {
            results.append(execute(action, session: sessions[client]))
        }
        if let last = results.last, last.error != .ok {
            nodes = before
            for index in results.indices.dropLast() { results[index] = ActionResult() }
            while results.count < actions.count { results.append(ActionResult(.runtimeInconsistency)) }
        }
        if isWrite && options.tellsExecutions { script.executed(operation, zxid: zxid) }
        if !isLost { clients[client] = .answering(operation, zxid: zxid, results) }
    }

    private mutating func execute(_ action: Action, session: UInt64) -> ActionResult {
        let place = paths.firstIndex(of: action.path) ?? 0
        guard var node = nodes[place] else {
            guard action.kind == .create else { return ActionResult(.noNode) }
            nodes[place] = Node(
                content: action.content, czxid: zxid, mzxid: zxid, owner: action.isEphemeral ? session : 0)
            var result = ActionResult()
            result.created = action.path
            return result
        }
        if action.kind == .create { return ActionResult(.nodeExists) }
        if action.version != -1 && action.version != node.version { return ActionResult(.badVersion) }
        if action.kind == .delete {
            nodes[place] = nil
            return ActionResult()
        }
        if action.kind == .set {
            node.version += 1
            node.content = action.content
            node.mzxid = zxid
            nodes[place] = node
        }
        return HistoryScript.shown(
            node.content, version: node.version, czxid: node.czxid, mzxid: node.mzxid, owner: node.owner)
    }
}
