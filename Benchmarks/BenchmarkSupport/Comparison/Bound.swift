/// A bound on a figure that has a name: `write1<=1.3`.
package struct Bound: Sendable, CustomStringConvertible {
    package let description: String
    package let name: String
    package let isMinimum: Bool
    package let value: Double

    /// - Parameter names: the figures that there are.
    package init(parsing text: String, names: [String]) throws {
        let compact = text.filter { $0 != " " }
        let sign = compact.firstIndex { $0 == "<" || $0 == ">" } ?? compact.endIndex
        let rest = compact[sign...]
        guard names.contains(String(compact[..<sign])), rest.dropFirst().first == "=",
            let value = Double(rest.dropFirst(2))
        else {
            throw BenchmarkError(
                "'\(text)' is not a bound: write NAME>=NUMBER or NAME<=NUMBER with a name of"
                    + " \(names.joined(separator: ", "))")
        }
        name = String(compact[..<sign])
        isMinimum = rest.first == ">"
        self.value = value
        description = text
    }

    /// True when a figure keeps the bound.
    package func holds(_ figure: Double) -> Bool { isMinimum ? figure >= value : figure <= value }
}
