// Run in the page under test: where the charts lie, and what is wrong with their texts.
addEventListener("load", () => {
  const box = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left, top, right, bottom };
  };
  const overlap = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const charts = [...document.querySelectorAll("svg.chart")].map((svg) => {
    const frame = box(svg);
    const texts = [...svg.querySelectorAll("text")].map(
      (text) => ({ words: text.textContent, ...box(text) }));
    const problems = [];
    for (const t of texts)
      if (t.left < frame.left - 1 || t.right > frame.right + 1 ||
          t.top < frame.top - 1 || t.bottom > frame.bottom + 1)
        problems.push(`"${t.words}" leaves the picture`);
    texts.forEach((a, i) =>
      texts.slice(i + 1).forEach((b) => {
        if (overlap(a, b)) problems.push(`"${a.words}" and "${b.words}" overlap`);
      }));
    const strokes = [...svg.querySelectorAll(".stroke,.fill,circle")].map((s) => {
      const style = getComputedStyle(s);
      return s.classList.contains("stroke") ? style.stroke : style.fill;
    });
    return { title: svg.getAttribute("aria-label"), frame, problems, colors: [...new Set(strokes)],
             letters: texts.length ? Math.min(...texts.map((t) => t.bottom - t.top)) : 0 };
  });
  const page = document.documentElement;
  const report = { charts, width: page.scrollWidth, height: page.scrollHeight, inner: innerWidth,
                   fetched: performance.getEntriesByType("resource").map((one) => one.name) };
  if (parent !== window) return parent.postMessage(JSON.stringify(report), "*");
  const place = document.createElement("pre");
  [place.id, place.textContent] = ["probe", JSON.stringify(report)];
  document.body.append(place);
});
