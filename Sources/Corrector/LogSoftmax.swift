internal import Foundation

/// Natural logarithms of `softmax(scores / temperature)`, in float64.
func logSoftmax(_ scores: [Float], _ temperature: Double) -> [Double] {
  let largest = Double(scores.max() ?? 0)
  let shifted = scores.map { (Double($0) - largest) / temperature }
  let total = log(shifted.reduce(0) { $0 + exp($1) })
  return shifted.map { $0 - total }
}

/// `e` to the power of `x`.
func exponential(_ x: Double) -> Double { exp(x) }
