/* Rates of single categories, sellers, products and SKUs as rows with search fields; the text field below stays the truth. */
(() => {
  const form = document.getElementById("settings-form");
  if (!form) return;
  const words = form.dataset, make = (tag, attributes = {}, text = "") => { const one = document.createElement(tag); Object.assign(one, attributes); if (text) one.textContent = text; return one; };
  const scopes = ["category", "seller", "product", "sku"];
  const rows = (field, columns) => {
    const box = make("div", { className: "bo-rows" }), add = make("button", { type: "button", className: "bo-second", textContent: words.add });
    const store = () => { field.value = [...box.children].map((row) => row.read()).filter(Boolean).join("\n"); };
    const draw = (line) => { const row = columns(line.trim().split(/\s+/), store); const gone = make("button", { type: "button", className: "bo-plain", textContent: words.remove }); gone.addEventListener("click", () => { row.remove(); store(); }); row.append(gone); row.addEventListener("input", store); box.append(row); };
    field.value.split("\n").filter((line) => line.trim()).forEach(draw);
    add.addEventListener("click", () => draw(""));
    field.hidden = true; field.before(box, add);
  };
  const picker = (kind, key) => { const field = make("input", { type: "text", value: key || "", placeholder: words.search }); const holder = make("div", { className: "bo-rows-key" }); holder.append(field); window.boPick(field, kind); return [holder, field]; };
  form.querySelectorAll("textarea[data-overrides]").forEach((field) => rows(field, ([scope, key, ...rates], store) => {
    const row = make("div", { className: "bo-rows-row" }), select = make("select", { ariaLabel: words.scope });
    scopes.forEach((one) => select.append(make("option", { value: one, selected: one === scope }, words[one])));
    const [holder, input] = picker(() => select.value, key), numbers = make("input", { value: rates.join(" "), placeholder: words.rates, inputMode: "decimal", ariaLabel: words.rates });
    select.addEventListener("change", () => { store(); });
    row.read = () => (input.value.trim() || numbers.value.trim()) && `${select.value} ${input.value.trim()} ${numbers.value.trim()}`;
    row.append(select, holder, numbers); return row;
  }));
  form.querySelectorAll("textarea[data-keys]").forEach((field) => rows(field, ([key]) => {
    const row = make("div", { className: "bo-rows-row" }), [holder, input] = picker(() => "product", key);
    row.read = () => input.value.trim(); row.append(holder); return row;
  }));
})();
