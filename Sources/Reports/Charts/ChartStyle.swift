/// How charts look: colours that people with any colour vision tell apart (after Okabe and Ito,
/// 2008), on light and on dark paper.
public enum ChartStyle {
  /// Number of colours; series beyond begin anew.
  public static let colors = light.count

  private static let light = ["#0068b4", "#c8500a", "#00815a", "#a8518c", "#8a6d00", "#2b8fb8"]
  private static let dark = ["#5fb0f0", "#ff9457", "#3fd0a0", "#e59ccb", "#e2c04c", "#86d3f2"]

  /// The rules that pages with charts need.
  public static let css = """
    svg.chart{\(onLight)display:block;width:100%;height:auto;\
    font:12.5px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
    @media (prefers-color-scheme:dark){svg.chart{\(onDark)}}
    svg.chart text{fill:var(--ink)}svg.chart .end{text-anchor:end}
    svg.chart .middle{text-anchor:middle}svg.chart .title{font-weight:600;font-size:14px}
    svg.chart .paper{fill:var(--paper)}svg.chart path{fill:none}
    svg.chart .grid{stroke:var(--grid)}svg.chart .axis{stroke:var(--axis)}
    svg.chart .rule{stroke:var(--axis);stroke-dasharray:4 4}
    svg.chart .stroke{stroke:var(--color);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    svg.chart .faintLine .stroke{stroke-width:1;stroke-opacity:.32}
    svg.chart .dashedLine .stroke{stroke-dasharray:5 5}
    svg.chart circle{fill:var(--color);stroke:var(--paper);stroke-width:1}
    svg.chart .marks circle{fill:var(--paper);stroke:var(--color);stroke-width:2.5}
    svg.chart .whisker{stroke:var(--color);stroke-width:1.5}
    svg.chart .bars .fill{fill:var(--color)}svg.chart .bars .whisker{stroke:var(--ink)}
    svg.chart .band .fill{fill:var(--color);fill-opacity:.2}
    \(light.indices.map { "svg.chart .color\($0){--color:var(--color\($0))}" }.joined())
    """

  private static let onLight = variables(
    light, ink: "#5a6270", grid: "#e6e9ee", axis: "#98a1ad", paper: "#ffffff")
  private static let onDark = variables(
    dark, ink: "#a3adba", grid: "#2a313b", axis: "#566070", paper: "#161b22")

  /// The class of a series' elements.
  static func colorClass(_ color: Int) -> String { "color\(color % colors)" }

  private static func variables(
    _ colors: [String], ink: String, grid: String, axis: String, paper: String
  ) -> String {
    "--ink:\(ink);--grid:\(grid);--axis:\(axis);--paper:\(paper);"
      + colors.enumerated().map { "--color\($0):\($1);" }.joined()
  }
}
