/* The SKU grid of the product form: options make the rows, what was typed stays, the whole goes into one hidden field. */
(() => {
  const card = document.getElementById("grid");
  if (!card) return;
  const field = document.getElementById("id_grid"), words = card.dataset;
  const state = JSON.parse(field.value || '{"options":[],"skus":[]}');
  const typed = new Map(state.skus.map((sku) => [JSON.stringify(sku.values), sku]));
  const make = (tag, attributes = {}, text = "") => { const one = document.createElement(tag); Object.assign(one, attributes); if (text) one.textContent = text; return one; };
  const cells = () => state.options.reduce((rows, option) => rows.flatMap((row) => option.values.map((value) => [...row, value])), [[]]);
  const store = () => {
    const skus = cells().slice(0, 200).map((values) => ({ price: "", supply: "", stock: 0, code: "", ...typed.get(JSON.stringify(values)), values }));
    field.value = JSON.stringify({ options: state.options, skus });
  };
  const drawRows = () => {
    const head = card.querySelector("thead"), body = card.querySelector("tbody");
    head.replaceChildren(make("tr")); body.replaceChildren();
    [words.sku, words.price, words.supply, words.stock, words.code].forEach((text) => head.firstChild.append(make("th", {}, text)));
    cells().slice(0, 200).forEach((values) => {
      const key = JSON.stringify(values), sku = typed.get(key) || { values, price: "", supply: "", stock: 0, code: "" };
      typed.set(key, sku);
      const row = make("tr"); row.append(make("td", {}, values.join(" · ") || words.single));
      ["price", "supply", "stock", "code"].forEach((name) => {
        const cell = make("td"), input = make("input", { value: sku[name] ?? "", inputMode: name === "code" ? "text" : name === "stock" ? "numeric" : "decimal", ariaLabel: `${words[name]} ${values.join(" ")}` });
        input.dataset.field = name; if (name === "stock" && sku.known) input.disabled = true;
        input.addEventListener("input", () => { sku[name] = input.value; store(); });
        cell.append(input); row.append(cell);
      });
      body.append(row);
    });
    store();
  };
  const drawOptions = () => {
    const place = document.getElementById("options"); place.replaceChildren();
    state.options.forEach((option, index) => {
      const line = make("div", { className: "bo-option" });
      const name = make("input", { value: option.name, placeholder: words.name, ariaLabel: words.name, maxLength: 20 });
      const values = make("input", { value: option.values.join(", "), placeholder: words.values, ariaLabel: words.values });
      const remove = make("button", { type: "button", className: "bo-second" }, words.remove);
      name.addEventListener("input", () => { option.name = name.value; store(); });
      values.addEventListener("change", () => { option.values = [...new Set(values.value.split(/[,，、]/).map((one) => one.trim()).filter(Boolean))]; drawRows(); });
      remove.addEventListener("click", () => { state.options.splice(index, 1); drawOptions(); });
      line.append(name, values, remove); place.append(line);
    });
    document.getElementById("add-option").hidden = state.options.length >= 3;
    drawRows();
  };
  document.getElementById("add-option").addEventListener("click", () => { state.options.push({ name: "", values: [] }); drawOptions(); document.querySelector("#options > :last-child input").focus(); });
  document.getElementById("product-form").addEventListener("submit", store);
  drawOptions();
})();
