/// A table in plain text: the first column to the left, numbers to the right.
package struct TextTable {
    private var rows: [[String]] = []
    private let header: [String]
    /// Columns from 0 on that are aligned to the left.
    private let leftCount: Int

    package init(_ header: [String], leftCount: Int = 1) {
        self.header = header
        self.leftCount = leftCount
    }

    package mutating func add(_ row: [String]) { rows.append(row) }

    package var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        var lines = all.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: max(0, widths[column] - cell.count))
                return column < leftCount ? cell + padding : padding + cell
            }.joined(separator: "  ").droppingTrailingSpaces
        }
        lines.insert(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "), at: 1)
        return lines.joined(separator: "\n")
    }
}

extension String {
    fileprivate var droppingTrailingSpaces: String {
        var copy = self
        while copy.last == " " { copy.removeLast() }
        return copy
    }
}
