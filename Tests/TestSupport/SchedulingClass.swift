import Foundation

/// What the kernel says of how the calling thread is scheduled: proc(5), `/proc/thread-self/stat`.
package enum SchedulingClass {
    /// Field 41: 0 for ordinary threads, 5 for those that run only while no other wants their processor.
    package static var policy: Int? { field(41) }

    /// Field 19.
    package static var niceness: Int? { field(19) }

    private static func field(_ number: Int) -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/thread-self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        // Behind the name comes the third field.
        let fields = text[text.index(after: end)...].split(separator: " ")
        return number - 3 < fields.count ? Int(fields[number - 3]) : nil
    }
}
