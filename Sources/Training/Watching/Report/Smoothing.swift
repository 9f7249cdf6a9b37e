/// Running means.
enum Smoothing {
  /// Exponentially weighted means of the values so far, with the weight of a window of `span`
  /// values; freed from the bias towards the start as in Adam (Kingma and Ba 2015, §3).
  ///
  /// A value that is not finite is passed over.
  static func means(_ values: [Double], over span: Int) -> [Double] {
    let keep = 1 - 2 / (Double(max(span, 1)) + 1)
    var (sum, weight) = (0.0, 0.0)
    return values.map { value in
      if value.isFinite {
        sum = keep * sum + (1 - keep) * value
        weight = keep * weight + (1 - keep)
      }
      return weight > 0 ? sum / weight : .nan
    }
  }
}
