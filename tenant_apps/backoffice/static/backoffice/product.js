/* The SKU grid of the product form: options make the rows, values are renamed in place (the SKU stays), columns are filled
   down or pasted from a spreadsheet; the whole goes into one hidden field. */
(() => {
  const card = document.getElementById("grid");
  if (!card) return;
  const field = document.getElementById("id_grid"), words = card.dataset;
  const state = JSON.parse(field.value || '{"options":[],"skus":[]}');
  const FIELDS = (words.fields || "price,compare,supply,partner,tiers,stock,weight,code,barcode").split(",");
  const second = words.buttonClass || "bo-second", plain = words.buttonClass || "bo-plain", entry = words.inputClass || "";
  const MODES = { stock: "numeric", weight: "numeric", tiers: "text", code: "text", barcode: "text" };
  const keyOf = (values) => JSON.stringify(values);
  const typed = new Map(state.skus.map((sku) => [keyOf(sku.values), sku]));
  const make = (tag, attributes = {}, text = "") => { const one = document.createElement(tag); Object.assign(one, attributes); if (text) one.textContent = text; return one; };
  const cells = () => state.options.reduce((rows, option) => rows.flatMap((row) => option.values.map((value) => [...row, value])), [[]]).slice(0, 200);
  const blank = (values) => ({ values, price: "", supply: "", compare: "", partner: "", tiers: "", stock: 0, weight: "", code: "", barcode: "" });
  const skuOf = (values) => { const key = keyOf(values); if (!typed.has(key)) typed.set(key, blank(values)); return typed.get(key); };
  const store = () => { field.value = JSON.stringify({ options: state.options, skus: cells().map((values) => ({ ...blank(values), ...skuOf(values), values })) }); };

  /* Cells copied from a spreadsheet go where they are dropped, to the right and below. */
  const paste = (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const rows = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
    const all = cells(), top = all.findIndex((values) => keyOf(values) === event.target.dataset.row), left = FIELDS.indexOf(event.target.dataset.field);
    rows.forEach((row, down) => row.forEach((value, right) => {
      if (all[top + down] && FIELDS[left + right]) skuOf(all[top + down])[FIELDS[left + right]] = value.trim().replace(/^[¥￥]/, "");
    }));
    drawRows();
  };
  const fill = (name) => {
    const all = cells(), first = all.map((values) => skuOf(values)[name]).find((value) => String(value ?? "").trim() !== "");
    if (first === undefined) return;
    const start = all.findIndex((values) => String(skuOf(values)[name] ?? "").trim() !== "");
    all.slice(start).forEach((values) => { skuOf(values)[name] = first; });
    drawRows();
  };
  const drawRows = () => {
    const head = card.querySelector("thead"), body = card.querySelector("tbody"), top = make("tr");
    top.append(make("th", {}, words.sku));
    FIELDS.forEach((name) => {
      const cell = make("th", {}, words[name]), button = make("button", { type: "button", className: plain, ariaLabel: `${words.fill}: ${words[name]}`, title: words.fill }, "↓");
      button.addEventListener("click", () => fill(name)); cell.append(" ", button); top.append(cell);
    });
    head.replaceChildren(top); body.replaceChildren();
    cells().forEach((values) => {
      const sku = skuOf(values), row = make("tr"); row.append(make("td", {}, values.join(" · ") || words.single));
      FIELDS.forEach((name) => {
        const cell = make("td"), input = make("input", { className: entry, value: sku[name] ?? "", inputMode: MODES[name] || "decimal", ariaLabel: `${words[name]} ${values.join(" ")}` });
        input.dataset.field = name; input.dataset.row = keyOf(values);
        input.addEventListener("input", () => { sku[name] = input.value; store(); });
        input.addEventListener("paste", paste);
        cell.append(input); row.append(cell);
      });
      body.append(row);
    });
    store();
  };
  /* A value gets another name: its cells go with it. */
  const rename = (index, before, after) => {
    const option = state.options[index];
    if (!after || after === before || option.values.includes(after)) return;
    option.values = option.values.map((one) => (one === before ? after : one));
    [...typed.entries()].forEach(([key, sku]) => {
      if (sku.values[index] !== before) return;
      typed.delete(key);
      sku.values = sku.values.map((one, place) => (place === index ? after : one));
      typed.set(keyOf(sku.values), sku);
    });
    drawOptions();
  };
  const drawOptions = () => {
    const place = document.getElementById("options"); place.replaceChildren();
    state.options.forEach((option, index) => {
      const line = make("div", { className: `bo-option ${words.rowClass || ""}` });
      const name = make("input", { className: entry, value: option.name, placeholder: words.name, ariaLabel: words.name, maxLength: 20 });
      const values = make("input", { className: entry, value: option.values.join(", "), placeholder: words.values, ariaLabel: words.values });
      const remove = make("button", { type: "button", className: second }, words.remove);
      name.addEventListener("input", () => { option.name = name.value; store(); });
      values.addEventListener("change", () => { option.values = [...new Set(values.value.split(/[,，、]/).map((one) => one.trim()).filter(Boolean))]; drawOptions(); });
      remove.addEventListener("click", () => { state.options.splice(index, 1); drawOptions(); });
      line.append(name, values, remove); place.append(line);
      if (!option.values.length) return;
      const chips = make("div", { className: `bo-actions ${words.rowClass || ""}`, title: words.valuesHelp });
      option.values.forEach((value) => {
        const chip = make("button", { type: "button", className: second }, value);
        chip.addEventListener("click", () => {
          const input = make("input", { value, ariaLabel: words.rename, maxLength: 60 });
          input.style.width = "9rem";
          const done = () => { if (input.isConnected) rename(index, value, input.value.trim().replace(/[,，、]/g, " ")); if (input.isConnected) drawOptions(); };
          input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); done(); } else if (event.key === "Escape") drawOptions(); });
          input.addEventListener("blur", done);
          chip.replaceWith(input); input.focus(); input.select();
        });
        chips.append(chip);
      });
      place.append(chips, make("p", { className: "bo-muted muted text-xs" }, words.valuesHelp));
    });
    document.getElementById("add-option").hidden = state.options.length >= 3;
    drawRows();
  };
  document.getElementById("add-option").addEventListener("click", () => { state.options.push({ name: "", values: [] }); drawOptions(); document.querySelector("#options .bo-option:last-of-type input")?.focus(); });
  document.getElementById("product-form").addEventListener("submit", store);
  drawOptions();
})();
