import CoreTypes
import SystemPackage
import Testing

@testable import DurableLog

@Suite("Catalog of segments")
struct SegmentCatalogTests {
    private func prepared(_ ordinal: UInt64) -> PreparedSegment {
        var random = SplitMix64(seed: ordinal)
        let identity = LogIdentity(
            clusterID: ClusterID(Identifier128(using: &random)),
            incarnation: Incarnation(Identifier128(using: &random)))
        let header = SegmentHeader(
            ordinal: ordinal, generation: Identifier128(using: &random), segmentByteCount: 65_536, identity: identity)
        return PreparedSegment(header: header, path: FilePath("log-\(ordinal)"))
    }

    /// It was, while the segment was taken and not yet among the live ones: the preparer could then rename a file over
    /// the one that was being written to.
    @Test("the ordinal of a segment that is being begun is not given out again")
    func ordinalOfTakenSegment() {
        var catalog = SegmentCatalog()
        catalog.prepared = [prepared(7)]
        #expect(catalog.nextOrdinal == 8)
        #expect(catalog.takePrepared().header.ordinal == 7)
        #expect(catalog.nextOrdinal == 8)
    }
}
