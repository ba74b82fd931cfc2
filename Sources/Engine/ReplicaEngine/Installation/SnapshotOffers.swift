internal import CoreTypes
internal import PeerWire
internal import PosixIO
internal import SnapshotFile
internal import Synchronization
internal import ZooKeeperWire

/// The snapshots that peers are reading, one for each. Lives on the thread for transfers.
final class SnapshotOffers: Sendable {
    private struct Offer {
        var name: SnapshotName
        /// Stays readable when the file's name is gone.
        var file: any File
    }

    /// What a peer asked for.
    struct Request: Sendable {
        var receiver: ReplicaID
        var after: Slot
        var name: SnapshotName
        var offset: UInt64
    }

    private let snapshots: SnapshotDirectory
    private let fileSystem: any FileSystem
    private let pieceByteCount: Int
    private let offers = Mutex<[ReplicaID: Offer]>([:])

    init(_ snapshots: SnapshotDirectory, _ fileSystem: any FileSystem, pieceByteCount: Int) {
        self.pieceByteCount = pieceByteCount
        self.snapshots = snapshots
        self.fileSystem = fileSystem
    }

    /// Reads the piece that was asked for. Nil if there is no snapshot that serves: none, only older ones, or a damaged
    /// one, or no longer the one that was begun with.
    ///
    /// The file is read through before its first piece is sent: damage is not passed on.
    func piece(_ request: Request) -> (name: SnapshotName, bytes: [UInt8])? {
        guard let offer = offer(for: request), offer.name == request.name || request.name == .none,
            request.offset < offer.name.byteCount
        else { return nil }
        let rest = offer.name.byteCount - request.offset
        let count = Int(min(rest, UInt64(pieceByteCount)))
        let buffer = AlignedBuffer(byteCount: count)
        do throws(FileError) {
            var target = buffer.mutableBytes(0..<count)
            guard try offer.file.read(into: &target, at: request.offset) == count else { return nil }
        } catch {
            return nil
        }
        if UInt64(count) == rest { offers.withLock { $0[request.receiver] = nil } }
        return (offer.name, [UInt8](copying: buffer.bytes(0..<count)))
    }

    /// A peer is gone for good, or begins anew.
    private func offer(for request: Request) -> Offer? {
        if request.name != .none, let open = offers.withLock({ $0[request.receiver] }) { return open }
        let offer = try? openNewest(after: request.after)
        offers.withLock { $0[request.receiver] = offer }
        return offer
    }

    private func openNewest(after slot: Slot) throws -> Offer? {
        guard let newest = try snapshots.slots().first, newest > slot else { return nil }
        let path = snapshots.path(of: newest)
        let file = try fileSystem.open(path, [])
        let reader = try SnapshotReader(path, fileSystem: fileSystem)
        guard reader.header.slot == newest else { return nil }
        try reader.verify()
        let name = SnapshotName(slot: newest, byteCount: reader.fileByteCount, checksum: reader.checksum)
        return Offer(name: name, file: file)
    }
}
