// Reads a chart's values out under the pointer or a finger. The chart itself is drawn by the server.
(() => {
  const chinese = document.documentElement.lang.startsWith("zh");
  const big = chinese ? [[1e12, "万亿"], [1e8, "亿"], [1e4, "万"]] : [[1e12, "tn"], [1e9, "bn"], [1e6, "m"], [1e3, "k"]];
  const compact = (value) => {
    const found = big.find(([size]) => Math.abs(value) >= size);
    return found ? `${(value / found[0]).toFixed(2)}${found[1]}` : value.toFixed(2);
  };
  const shown = { yuan: (v) => `¥${compact(v / 100)}`, points: (v) => compact(v / 100), percent: (v) => `${(v / 1e4).toFixed(2)}%`, times: (v) => `${(v / 1e6).toFixed(3)}×`, number: (v) => String(v) };
  for (const figure of document.querySelectorAll("[data-chart]")) {
    const plot = figure.querySelector(".bo-chart-plot"), told = plot.querySelector("output"), cursor = plot.querySelector(".bo-chart-cursor");
    const lines = JSON.parse(figure.querySelector("script").textContent), count = Math.max(0, ...lines.map((line) => line.values.length));
    const say = shown[figure.dataset.unit];
    if (!count) continue;
    const tell = (event) => {
      const box = plot.getBoundingClientRect(), part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      const place = Math.round(part * (count - 1)), at = count > 1 ? place / (count - 1) : 0.5;
      told.replaceChildren(Object.assign(document.createElement("b"), { textContent: `${figure.dataset.period} ${place + Number(figure.dataset.first)}` }));
      for (const line of lines) {
        const value = line.values[place];
        if (value === null || value === undefined) continue;
        const row = document.createElement("span"), mark = document.createElement("i");
        mark.className = `bo-line-${line.tone}`;
        row.append(mark, `${line.label}: ${say(value)}`);
        told.append(row);
      }
      cursor.style.left = `${at * 100}%`;
      told.style.left = at < 0.5 ? `calc(${at * 100}% + .6rem)` : "auto";
      told.style.right = at < 0.5 ? "auto" : `calc(${(1 - at) * 100}% + .6rem)`;
      cursor.hidden = told.hidden = false;
    };
    plot.addEventListener("pointermove", tell);
    plot.addEventListener("pointerdown", tell);
    plot.addEventListener("pointerleave", () => { cursor.hidden = told.hidden = true; });
  }
})();
