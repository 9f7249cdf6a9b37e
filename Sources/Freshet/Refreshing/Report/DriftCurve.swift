internal import Reports

/// Which share of the passages lies within which drift, 1 − cosine to the new encoder's vector.
struct DriftCurve {
  /// Ascending.
  let drifts: [Double]

  /// Values that are not finite are left out.
  init(_ drifts: [Double]) { self.drifts = drifts.filter(\.isFinite).sorted() }

  /// From the smallest drift at a share of 0 to the greatest at 1, in so many equal steps.
  func points(_ steps: Int = 100) -> [ChartPoint] {
    guard let smallest = drifts.first else { return [] }
    return [ChartPoint(smallest, 0)]
      + (1...steps).map { step in
        let share = Double(step) / Double(steps)
        let place = Int((share * Double(drifts.count)).rounded(.up)) - 1
        return ChartPoint(drifts[max(place, 0)], share)
      }
  }
}
