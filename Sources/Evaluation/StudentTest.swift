internal import Foundation

/// The two-sided p-value of Student's t-test that `differences` have mean 0.
///
/// t = mean / (s / √n) with n − 1 degrees of freedom; p = I(ν / (ν + t²); ν/2, 1/2), I being the
/// regularised incomplete beta function (Abramowitz and Stegun 26.7.1). 1 when there is nothing to
/// tell from: fewer than two values, or all 0; 0 when all are one other value.
func studentPValue(_ differences: [Double]) -> Double {
  guard differences.count > 1 else { return 1 }
  let mean = mean(differences)
  let freedom = Double(differences.count - 1)
  let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  guard squares > 0 else { return mean == 0 ? 1 : 0 }
  let t = mean / (squares / freedom / Double(differences.count)).squareRoot()
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
}

/// The regularised incomplete beta function I(x; a, b), by its continued fraction on the side where
/// that converges fast (Abramowitz and Stegun 26.5.8).
func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard x < 1 else { return 1 }
  if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
  let logBeta: Double = lgamma(a) + lgamma(b) - lgamma(a + b)
  let logPower: Double = a * log(x) + b * log(1 - x)
  return exp(logPower - logBeta) / a * betaFraction(x, a, b)
}

/// 1 / (1 + d₁/(1 + d₂/(1 + …))), by Lentz's method.
private func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  func apart(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / apart(1 - (a + b) * x / (a + 1))
  var result = d
  for m in stride(from: 1.0, through: 10_000, by: 1) {
    let place: Double = a + 2 * m
    let even: Double = m * (b - m) * x / ((place - 1) * place)
    let odd: Double = -(a + m) * (a + b + m) * x / (place * (place + 1))
    for term in [even, odd] {
      d = 1 / apart(1 + term * d)
      c = apart(1 + term / c)
      result *= d * c
    }
    if abs(d * c - 1) < 1e-15 { break }
  }
  return result
}
