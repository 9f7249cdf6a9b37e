import Reports
import TestSupport
import Testing

@Suite("Report pages")
struct PageTests {
  @Test("a page holds its parts in order, and says its title in words, not in HTML")
  func page() {
    let page = ReportPage(title: "<b>&", parts: ["<p>one</p>", "", "<p>two</p>"]).html
    #expect(page.contains("<title>&lt;b&gt;&amp;</title>"))
    #expect(page.contains("<p>one</p>\n<p>two</p>\n</main>"))
    #expect(misplacedTag(in: page) == nil)
  }

  @Test("parts of a page escape all they are given")
  func parts() {
    let nasty = "<img src=x>\"'&"
    let chart = Chart(title: nasty, x: ChartAxis(nasty), y: ChartAxis(nasty), series: [])
    let table = ReportTable(heads: [nasty], rows: [[nasty, nasty], ["b", "c"]], marked: 1).html
    for part in [
      ReportPage.header(nasty, status: (true, nasty), facts: [nasty]),
      ReportPage.tiles([ReportTile(name: nasty, value: nasty, note: nasty)]),
      ReportPage.figures([ReportFigure(title: nasty, note: nasty, chart: chart)]),
      ReportPage.section(nasty, note: nasty, table),
      ReportTable(rows: [[nasty, nasty]], isWide: true).html,
    ] {
      #expect(!part.contains("<img") && part.contains("&lt;img src=x&gt;&quot;&#39;&amp;"))
      #expect(misplacedTag(in: part) == nil)
    }
    #expect(table.contains("<tr class=\"marked\"><th scope=\"row\">b</th><td>c</td></tr>"))
    #expect(ReportPage.figures([]).isEmpty)
  }

  @Test("words for numbers")
  func words() {
    #expect(
      [0, 7, 999, 1000, -1_234_567].map(ReportWords.count)
        == ["0", "7", "999", "1,000", "−1,234,567"])
    #expect(
      [0.0, 4.51, 59.99, 60, 3599.7, 3600, 90_061].map(ReportWords.duration)
        == ["0 s", "4.5 s", "60 s", "1 min 0 s", "1 h 0 min", "1 h 0 min", "25 h 1 min"])
    #expect(ReportWords.date(0) == "1970-01-01 00:00 UTC")
    #expect(
      [0, 1023, 1536, 1_610_612_736].map(ReportWords.bytes)
        == ["0 B", "1023 B", "1.5 KiB", "1.5 GiB"])
    #expect(ReportWords.words("maximumQueryLength") == "maximum query length")
  }
}
