internal import CoreTypes

/// The parts of the state, each at its address.
extension ZnodeTree {
    var active: DeltaTable {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.active)) }
        unsafeMutableAddress { unsafe address(&state.pointee.active) }
    }

    var frozen: Delta? {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.frozen)) }
        unsafeMutableAddress { unsafe address(&state.pointee.frozen) }
    }

    var reader: any ZnodeBaseReader {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.reader)) }
        unsafeMutableAddress { unsafe address(&state.pointee.reader) }
    }

    var firstNodeNotInBase: NodeID {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.firstNodeNotInBase)) }
        unsafeMutableAddress { unsafe address(&state.pointee.firstNodeNotInBase) }
    }

    var meta: MetaRow {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.meta)) }
        unsafeMutableAddress { unsafe address(&state.pointee.meta) }
    }

    var staleEntries: [DeltaIndex] {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.staleEntries)) }
        unsafeMutableAddress { unsafe address(&state.pointee.staleEntries) }
    }

    var sessions: SessionTable {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.sessions)) }
        unsafeMutableAddress { unsafe address(&state.pointee.sessions) }
    }

    var dirtySessions: [SessionID] {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.dirtySessions)) }
        unsafeMutableAddress { unsafe address(&state.pointee.dirtySessions) }
    }

    var storedMembership: MembershipRow? {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.membership)) }
        unsafeMutableAddress { unsafe address(&state.pointee.membership) }
    }

    var membershipChecksum: UInt64 {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.membershipChecksum)) }
        unsafeMutableAddress { unsafe address(&state.pointee.membershipChecksum) }
    }

    var reapables: OwnedPathTable {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.reapables)) }
        unsafeMutableAddress { unsafe address(&state.pointee.reapables) }
    }

    var reapableList: OwnedPathTable.List {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.reapableList)) }
        unsafeMutableAddress { unsafe address(&state.pointee.reapableList) }
    }

    var paths: PathCache {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.paths)) }
        unsafeMutableAddress { unsafe address(&state.pointee.paths) }
    }

    var rowScratch: RowScratch {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.rowScratch)) }
        unsafeMutableAddress { unsafe address(&state.pointee.rowScratch) }
    }

    var undo: UndoLog? {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.undo)) }
        unsafeMutableAddress { unsafe address(&state.pointee.undo) }
    }

    var ownerChanges: [OwnerChange] {
        unsafeAddress { unsafe UnsafePointer(address(&state.pointee.ownerChanges)) }
        unsafeMutableAddress { unsafe address(&state.pointee.ownerChanges) }
    }

    var buffer: ZnodeBuffer { unsafe state.pointee.buffer }
    var longName: ByteBuilder { unsafe state.pointee.longName }
    var pathBuilder: ByteBuilder { unsafe state.pointee.pathBuilder }
    var systemValue: ByteBuilder { unsafe state.pointee.systemValue }
    var scratch: ByteBuilder { unsafe state.pointee.scratch }

    /// The address of a part, which lies still as long as the tree lives.
    @inline(__always)
    private func address<Part: ~Copyable>(_ part: inout Part) -> UnsafeMutablePointer<Part> {
        unsafe withUnsafeMutablePointer(to: &part) { unsafe $0 }
    }
}
