/// What a checker holds a history to. The raw value names the rule in a report.
package enum Rule: String, Sendable, CaseIterable {
    // MARK: Linearizability

    case linearizable = "writes and synced reads have an order that explains their results"

    // MARK: ZxidOrder

    case zxidOnce = "a zxid belongs to one command"
    case executedOnce = "an operation is executed once"
    case realTime = "what ends before something begins has the lower zxid"
    case replay = "results are those of a replay in zxid order"

    // MARK: SessionOrder

    case answersInOrder = "the answers of a session come in the order of its requests"
    case executedInOrder = "the writes of a session are executed in the order of its requests"
    case neverBack = "a session never sees the state go back"
    case ownWrites = "a session sees its own writes"
    case withinHeader = "a reply shows nothing that is newer than its header says"

    // MARK: WatchOrder

    case eventFirst = "an event comes before the reply that shows its change"
    case eventWanted = "an event finds a watch, which it uses up"
    case eventTrue = "an event tells of the first change after its watch was set"
    case eventArrives = "no event is lost while its session lives"

    // MARK: Ephemerals

    case ownerLives = "no ephemeral is there after its session's end"
    case ephemeralStays = "an ephemeral is there until it is deleted or its session ends"
    case ownerTrue = "an ephemeral belongs to the session that created it"

    // MARK: SlotAgreement

    case slotOrder = "a life of a replica applies one slot after the other"
    case oneValue = "a slot has one value for ever"
    case oneState = "equal slots have equal states"
    case acknowledgedStays = "what was acknowledged is in the final state"
}
