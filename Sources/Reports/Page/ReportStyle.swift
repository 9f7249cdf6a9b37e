/// How the page around the charts looks.
package enum ReportStyle {
  package static let css = """
    :root{--page:#f5f6f8;--card:#fff;--text:#1b212b;--quiet:#5a6270;--line:#e1e5ea;--good:#00704e;\
    --open:#9a5b00}
    @media (prefers-color-scheme:dark){:root{--page:#0d1117;--card:#161b22;--text:#e6eaf0;\
    --quiet:#a3adba;--line:#2a313b;--good:#3fd0a0;--open:#f0b45f}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--page);color:var(--text);\
    font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
    main{max-width:1320px;margin:0 auto;padding:28px 20px 40px}
    h1{font-size:26px;line-height:1.2;margin:0 0 6px;overflow-wrap:anywhere}
    h2{font-size:15px;margin:0}\
    h3{font-size:14px;font-weight:600;margin:14px 0 4px;overflow-wrap:anywhere}\
    p{margin:0}header p,footer,small,figcaption p{color:var(--quiet)}
    .status{display:inline-block;border:1px solid;border-radius:99px;padding:0 10px;\
    margin-right:6px;font-weight:600;font-size:13px}
    .done{color:var(--good)}.open{color:var(--open)}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;\
    margin:20px 0 12px}
    .tile,figure,section:not(.figures){background:var(--card);border:1px solid var(--line);\
    border-radius:10px;padding:12px 14px}
    .tile dt{font-size:13px;color:var(--quiet)}.tile dd{margin:0}
    .tile b{display:block;font-size:22px;line-height:1.3;font-variant-numeric:tabular-nums}
    .tile small{display:block;font-size:12.5px;line-height:1.4}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,360px),1fr));\
    gap:12px}
    figure{margin:0;display:flex;flex-direction:column;justify-content:space-between;min-width:0}
    figcaption p{font-size:13px;min-height:1.45em}
    section:not(.figures){margin-top:12px}section>h2{margin-bottom:8px}
    table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
    th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid var(--line);\
    vertical-align:top}
    tr:last-child>*{border-bottom:0}.columns tr>*{border-bottom:1px solid var(--line)}\
    th{font-weight:400;color:var(--quiet)}td{overflow-wrap:anywhere}
    .table{overflow-x:auto}.table td{overflow-wrap:break-word}.table th{white-space:nowrap}
    section+.figures{margin-top:12px}.marked>*{font-weight:600;color:var(--good)}
    .note{color:var(--quiet);font-size:13px;margin:-4px 0 8px}
    .columns{columns:3 300px;column-gap:32px}.columns table{break-inside:avoid}
    .columns th{width:50%}
    ul{margin:0;padding-left:20px}li{overflow-wrap:anywhere}
    footer{font-size:13px;margin-top:16px}
    @media (max-width:600px){main{padding:18px 12px 28px}h1{font-size:21px}\
    .tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.tile b{font-size:19px}}
    @media print{body{background:#fff}.tile,figure,section{break-inside:avoid}}
    """
}
