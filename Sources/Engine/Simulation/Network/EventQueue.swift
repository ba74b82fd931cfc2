/// What is to happen, by time; what is due at the same time comes out in the order in which it was put in.
///
/// A binary heap. Complexity: O(log n) for `push` and `pop`.
package struct EventQueue<Event> {
    fileprivate struct Element {
        var time: SimulatedTime
        var number: UInt64
        var event: Event

        func precedes(_ other: Element) -> Bool {
            time != other.time ? time < other.time : number < other.number
        }
    }

    /// Invariant: no element precedes the one above it, at half its index.
    private var heap: [Element] = []
    private var pushCount: UInt64 = 0

    package init() {}

    package var count: Int { heap.count }

    /// When the first event is due; nil if there is none.
    package var firstTime: SimulatedTime? { heap.first?.time }

    package mutating func push(_ event: Event, at time: SimulatedTime) {
        heap.append(Element(time: time, number: pushCount, event: event))
        pushCount += 1
        var index = heap.count - 1
        while index > 0, heap[index].precedes(heap[(index - 1) / 2]) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes out the first event if it is due by a time.
    package mutating func pop(through time: SimulatedTime) -> (time: SimulatedTime, event: Event)? {
        guard let first = heap.first, first.time <= time else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.time, first.event)
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            if least == index { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}

extension EventQueue: Sendable where Event: Sendable {}
extension EventQueue.Element: Sendable where Event: Sendable {}
