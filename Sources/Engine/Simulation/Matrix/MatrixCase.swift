/// One case of the matrix: a history, what is wrong with its disks, and who starts late.
struct MatrixCase {
    var row: MatrixRow
    var number: Int
    var plan: MatrixHistoryPlan
    var damages: [MatrixDamage] = []
    /// A replica that starts only when the others have been at it for a while.
    var latePlace: Int?
}
