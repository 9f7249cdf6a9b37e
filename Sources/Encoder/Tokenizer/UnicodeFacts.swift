/// What Hugging Face `tokenizers` 0.23.3 knows of Unicode, observed scalar by scalar.
///
/// That library takes its tables from four places of different age: general categories as of
/// Unicode 8 (crate `unicode_categories`), decompositions and combining classes as of Unicode 9
/// (`unicode-normalization-alignments`), lower case as of Unicode 17 (Rust's `char`), `\w` from the
/// `regex` crate. Unassigned code points are ordinary letters to it. What only pipelines beside
/// WordPiece need comes from two places more: `\p{L}`, `\p{N}` and `\s` from Oniguruma, grapheme
/// clusters as of Unicode 17 (`unicode-segmentation`). None of this equals the tables of the Swift
/// runtime, and those move from release to release; so what was observed is frozen in
/// `UnicodeFacts+….swift`, which `tools/fixtures/tokenizer_reference.py tables` (`Classes`,
/// `Mappings`) and `tools/fixtures/tokenizer_pipeline_tables.py` (the others) write.
enum UnicodeFacts {
  static let scalarCount = 0x110000

  /// Hangul syllables, decomposed by arithmetic (Unicode Standard, section 3.12).
  static let hangul: ClosedRange<UInt32> = 0xAC00...0xD7A3

  /// `is_chinese_char` of the reference; 2B920 instead of 2B820 is its own slip, and part of it.
  static let ideographs: [ClosedRange<UInt32>] = [
    0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
    0x2B920...0x2CEAF, 0x2F800...0x2FA1F,
  ]

  /// Reads "9-d 20 a0": scalars and ranges, hexadecimal, ascending.
  static func ranges(_ text: String) -> [ClosedRange<UInt32>] {
    items(text).map { item in
      let bounds = item.split(separator: UInt8(ascii: "-")).map(hexadecimal)
      return bounds[0]...bounds[bounds.count - 1]
    }
  }

  /// Reads "c0=41 9cb=9c7+9be": a scalar and what stands for it.
  static func mappings(_ text: String) -> [(scalar: UInt32, targets: [UInt32])] {
    items(text).map { item in
      let sides = item.split(separator: UInt8(ascii: "="))
      return (hexadecimal(sides[0]), sides[1].split(separator: UInt8(ascii: "+")).map(hexadecimal))
    }
  }

  /// Reads "41*1a/1=61": 1a scalars from 41 on in steps of 1, mapped to 61 and on in like steps.
  static func runs(_ text: String) -> [(scalar: UInt32, target: UInt32)] {
    items(text).flatMap { item in
      let parts = item.split { "*/=".utf8.contains($0) }.map(hexadecimal)
      return (0..<parts[1]).map { (parts[0] + $0 * parts[2], parts[3] + $0 * parts[2]) }
    }
  }

  /// Reads "e6=300-314+33d": a number and the scalars and ranges it holds for.
  static func groups(_ text: String) -> [(number: UInt32, ranges: [ClosedRange<UInt32>])] {
    items(text).map { item in
      let sides = item.split(separator: UInt8(ascii: "="))
      let ranges = sides[1].split(separator: UInt8(ascii: "+")).map { range in
        let bounds = range.split(separator: UInt8(ascii: "-")).map(hexadecimal)
        return bounds[0]...bounds[bounds.count - 1]
      }
      return (hexadecimal(sides[0]), ranges)
    }
  }

  private static func items(_ text: String) -> [ArraySlice<UInt8>] {
    Array(text.utf8).split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt32 {
    digits.reduce(0) { value, digit in
      let letter = UInt8(ascii: "a")
      return value << 4 | UInt32(digit >= letter ? digit - letter + 10 : digit - UInt8(ascii: "0"))
    }
  }
}
