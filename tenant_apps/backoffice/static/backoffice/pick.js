/* Search fields: type a name, pick one, the key goes into the form. Without this script keys can be typed. */
(() => {
  const base = document.querySelector("[data-pick-url]")?.dataset.pickUrl.replace(/[^/]+$/, "");
  if (!base) return;
  const make = (tag, attributes = {}, text = "") => { const one = document.createElement(tag); Object.assign(one, attributes); if (text) one.textContent = text; return one; };
  const named = new Map([...document.querySelectorAll("[data-named]")].map((one) => [one.dataset.named, one.textContent]));
  window.boPick = (field, kind, text) => {
    const box = make("div", { className: "bo-pick" }), shown = make("input", { type: "text", value: text ?? named.get(field.value) ?? field.value, autocomplete: "off", id: `${field.id || "pick"}_shown`, placeholder: field.placeholder });
    const list = make("ul", { className: "bo-pick-list", hidden: true });
    let timer, at = -1, last = "";
    const close = () => { list.hidden = true; at = -1; };
    const choose = (one) => { field.value = one.key; shown.value = one.text; close(); field.dispatchEvent(new Event("input", { bubbles: true })); };
    const load = async () => {
      const query = shown.value.trim(); last = query;
      const answer = await fetch(`${base}${kind()}?q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || last !== query) return;
      const { found } = await answer.json();
      list.replaceChildren(...found.map((one) => { const row = make("li", {}, one.text); row.addEventListener("mousedown", (event) => { event.preventDefault(); choose(one); }); row.pick = one; return row; }));
      list.hidden = !found.length;
    };
    shown.addEventListener("input", () => { field.value = shown.value.trim(); field.dispatchEvent(new Event("input", { bubbles: true })); clearTimeout(timer); timer = setTimeout(load, 200); });
    shown.addEventListener("focus", load);
    shown.addEventListener("blur", () => setTimeout(close, 150));
    shown.addEventListener("keydown", (event) => {
      const rows = [...list.children];
      if (event.key === "Escape") return close();
      if (event.key === "Enter" && at >= 0 && !list.hidden) { event.preventDefault(); return choose(rows[at].pick); }
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault(); at = (at + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % (rows.length || 1);
      rows.forEach((row, number) => row.toggleAttribute("aria-selected", number === at));
    });
    field.type = "hidden"; field.before(box); box.append(shown, list, field);
    document.querySelector(`label[for="${field.id}"]`)?.setAttribute("for", shown.id);
    return box;
  };
  document.querySelectorAll("input[data-pick]").forEach((field) => window.boPick(field, () => field.dataset.pick));
})();
