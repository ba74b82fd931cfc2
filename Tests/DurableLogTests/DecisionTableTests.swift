import Testing

@testable import DurableLog

@Suite("The decision table of recovery")
struct DecisionTableTests {
    /// header, records whole, was durable, policy: verdict. Written out by hand, one line a row.
    private static let rows: [(GroupFacts.Header, Bool, Bool, RecoveryPolicy, GroupVerdict)] = [
        (.whole, true, false, .alone, .take),
        (.whole, true, false, .cluster, .take),
        (.whole, true, true, .alone, .take),
        (.whole, true, true, .cluster, .take),
        (.whole, false, false, .alone, .cutPossiblyAcknowledged),
        (.whole, false, false, .cluster, .takeAsFaulty),
        (.whole, false, true, .alone, .refuse),
        (.whole, false, true, .cluster, .takeAsFaulty),
        (.bad, false, false, .alone, .cut),
        (.bad, false, false, .cluster, .cut),
        (.bad, false, true, .alone, .refuse),
        (.bad, false, true, .cluster, .takeAsFaulty),
        (.unreadable, false, false, .alone, .refuse),
        (.unreadable, false, false, .cluster, .refuse),
        (.unreadable, false, true, .alone, .refuse),
        (.unreadable, false, true, .cluster, .takeAsFaulty),
    ]

    @Test("every row decides as written")
    func rows() {
        for (header, areRecordsWhole, wasDurable, policy, verdict) in Self.rows {
            let facts = GroupFacts(
                header: header, areRecordsWhole: areRecordsWhole, wasDurable: wasDurable, isSuperseded: false,
                policy: policy)
            #expect(facts.verdict == verdict, "\(facts)")
        }
    }

    @Test("the rows are all there are, and what was superseded ends its segment in every one")
    func complete() {
        var count = 0
        for header in GroupFacts.Header.allCases {
            for wasDurable in [false, true] {
                for policy in RecoveryPolicy.allCases {
                    for areRecordsWhole in header == .whole ? [false, true] : [false] {
                        count += 1
                        #expect(
                            Self.rows.contains {
                                $0.0 == header && $0.1 == areRecordsWhole && $0.2 == wasDurable && $0.3 == policy
                            })
                        let superseded = GroupFacts(
                            header: header, areRecordsWhole: areRecordsWhole, wasDurable: wasDurable,
                            isSuperseded: true, policy: policy)
                        #expect(superseded.verdict == .endOfSegment)
                    }
                }
            }
        }
        #expect(count == Self.rows.count)
    }

    @Test("alone, nothing that was durable is ever cut or taken with damage")
    func aloneIsStrict() {
        for header in GroupFacts.Header.allCases {
            let facts = GroupFacts(
                header: header, areRecordsWhole: false, wasDurable: true, isSuperseded: false, policy: .alone)
            #expect(facts.verdict == .refuse)
        }
    }
}
