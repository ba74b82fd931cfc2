/// What happens in a world at some time. Replicas are named by their place; a life that has ended gets nothing.
enum WorldEvent {
    case tick(Int, life: Int)
    /// The inputs of a turn are all in.
    case turnEnd(Int, life: Int)
    /// The disk is done with the group that was to be written.
    case logWrite(Int, life: Int)
    /// The driver hears of what the log or the maintenance did.
    case completions(Int, life: Int)
    /// What threads of low priority do: segments, marks, checkpoints.
    case maintenance(Int, life: Int)
    /// A client's message arrives at its replica, and the other way round.
    case toReplica(connection: Int, ClientMessage)
    case toClient(connection: Int, ReplicaMessage)
    case clientActs(Int)
    case nemesis
    case resume(Int, pause: Int)
    case restart(Int)
    case reconnect(Int, Int)
    case partitionEnds(Int)
    case diskRecovers(Int)
    case diskHasRoom(Int)
    case exit(Int, life: Int)

    /// Whose process it needs; nil for what happens outside of them.
    var replica: Int? {
        switch self {
        case .tick(let place, _), .turnEnd(let place, _), .logWrite(let place, _), .completions(let place, _),
            .maintenance(let place, _):
            place
        default: nil
        }
    }
}
